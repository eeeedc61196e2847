// Whether a cluster works, as it is measured all along, on streams that take no consumer of the week's: such a cluster is up, and one without a quorum is not.
import { type JetStreamManager, connect, type NatsConnection, RetentionPolicy, type StreamConfig } from 'nats';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { whyNotWorking } from '../../../activities/nats/cluster-works.ts';
import { retrying } from '../../../activities/nats/connection.ts';
import { anyHost } from '../machine.ts';
import { natsServers, serversWith, type TestServer } from './servers.ts';

vi.setConfig({ testTimeout: 60_000 });

const withinMs = 5_000;

interface Cluster {
  servers: TestServer[];
  manager: JetStreamManager;
  nc: NatsConnection;
  remove(): Promise<void>;
}

async function clusterOf(made: Promise<{ servers: TestServer[]; remove(): Promise<void> }>): Promise<Cluster> {
  const { servers, remove } = await made;
  await Promise.all(servers.map((server) => server.start()));
  // Its monitor answers before it takes clients.
  const nc = await retrying(20_000, () => connect({ servers: servers[0]!.url }));
  return { servers, nc, manager: await nc.jetstreamManager({ checkAPI: false }), remove };
}

/** Streams can be made once there is a meta leader. */
async function makes({ manager }: Cluster, stream: Partial<StreamConfig> & { name: string }): Promise<void> {
  await retrying(30_000, () => manager.streams.add({ subjects: [`${stream.name}.*`], num_replicas: 2, ...stream }));
}

const asked = ({ monitor, url }: TestServer, ...streams: string[]) =>
  whyNotWorking(anyHost, { server: url, monitor, routes: 1, streams }, withinMs);
/** From each side; a follower may hear of a stream a moment later. */
const works = async ({ servers }: Cluster, ...streams: string[]) => {
  for (const server of servers)
    await expect.poll(() => asked(server, ...streams), { timeout: 20_000, interval: 200 }).toBeUndefined();
};

const consumersOf = async ({ manager }: Cluster, stream: string) =>
  (await manager.consumers.list(stream).next()).map(({ name }) => name);
const durable = (durable_name: string) => ({ durable_name, ack_policy: 'explicit' as never });

describe('a cluster whose streams are adopted', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await clusterOf(natsServers('nats-main', 'nats-pc2'));
    await makes(cluster, { name: 'full', max_consumers: 1 });
    await makes(cluster, { name: 'queue', retention: RetentionPolicy.Workqueue });
    await makes(cluster, { name: 'interest', retention: RetentionPolicy.Interest });
    for (const stream of ['full', 'queue', 'interest']) await cluster.manager.consumers.add(stream, durable('theirs'));
  }, 5 * 60_000);
  afterAll(async () => {
    await cluster.nc.close();
    await cluster.remove();
  });

  it.each(['full', 'queue', 'interest'])(
    'works, with one that is like "%s", which keeps its consumers',
    async (name) => {
      await works(cluster, name);
      expect(await consumersOf(cluster, name)).toEqual(['theirs']);
    },
  );

  it('writes to one of the week, wherever it is in the plan, and leaves those of others alone', async () => {
    await makes(cluster, { name: 'others' });
    await makes(cluster, { name: 'ours', description: 'made by hubshift, run week-1' });
    const created: string[] = [];
    const advisories = cluster.nc.subscribe('$JS.EVENT.ADVISORY.CONSUMER.CREATED.>', {
      callback: (_error, { subject }) => void created.push(subject.split('.').at(-2)!),
    });
    await cluster.nc.flush();
    await works(cluster, 'full', 'others', 'ours');
    await expect.poll(() => created).toContain('ours');
    expect(new Set(created)).toEqual(new Set(['ours']));
    advisories.unsubscribe();
    for (const stream of ['others', 'ours']) expect(await consumersOf(cluster, stream)).toEqual([]);
  });
});

it('a cluster whose account has all the consumers that it may have works, and no more once it has lost a server', async () => {
  const account =
    'accounts { week { jetstream { max_consumers: 1 }, users [{ user: a, password: a }] } }\nno_auth_user: a\n';
  const cluster = await clusterOf(serversWith(account, ['nats-main', 'nats-pc2']));
  try {
    await makes(cluster, { name: 'ours', description: 'made by hubshift, run week-1' });
    await cluster.manager.consumers.add('ours', durable('monitor'));
    await works(cluster, 'ours');
    const [main, pc2] = cluster.servers as [TestServer, TestServer];
    await pc2.stop('SIGKILL');
    expect(await asked(main, 'ours')).toEqual({ why: expect.any(String) });
  } finally {
    await cluster.nc.close();
    await cluster.remove();
  }
});
