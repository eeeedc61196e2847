// A real cluster with TLS, users and encryption, by what a plan renders: all that the week does works as its user, agents publish, and everybody
// else is refused, with the reason.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { looksAtAccess } from '../../../activities/host/access.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { courier } from '../../../activities/measure/messages.ts';
import { natsCluster } from '../../../activities/nats/cluster.ts';
import { whyNotWorking } from '../../../activities/nats/cluster-works.ts';
import { natsActivities } from '../../../activities/nats/nats.ts';
import { optionsFor } from '../../../activities/nats/login.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { createLog } from '../../../lab/agent/log.ts';
import { createMessenger } from '../../../lab/agent/messenger.ts';
import type { AccessAsk, NatsAsk } from '../../../plan/machine-api/access.ts';
import type { SecuredNats } from '../../../plan/machine-api/target.ts';
import { servicesOf } from '../../../plan/schema/plan.ts';
import { streamSpec } from '../../../plan/tasks/messaging/stream-spec.ts';
import { natsAccess } from '../../../plan/tasks/pilots/nats-access.ts';
import { natsAccessOn } from '../../../plan/tasks/preflight/nats-access.ts';
import { monitorUrl, natsTarget, weekInbox } from '../../../plan/tasks/shared/nats.ts';
import { authority } from '../certificates.ts';
import { anyHost, temporaryMachine } from '../machine.ts';
import { nkeyIn, securedCluster, type SecuredCluster } from './secured.ts';
import { natsServers } from './servers.ts';

vi.setConfig({ testTimeout: 60_000 });

const run = 'week-1';
let cluster: SecuredCluster;
let targets: [SecuredNats, SecuredNats];

beforeAll(async () => {
  cluster = await securedCluster();
  const { plan } = cluster;
  targets = servicesOf(plan, 'nats').map((server) => natsTarget(plan, server)) as typeof targets;
  for (const server of servicesOf(plan, 'nats')) {
    const asked = { monitor: monitorUrl(server), nodes: 2, withinMs: 30_000 };
    expect(await natsCluster({ machine: 'localhost' } as Host, asked)).toMatchObject({ metaSize: 2 });
  }
}, 5 * 60_000);
afterAll(() => cluster?.remove());

async function machine() {
  const host: Host = { ...(await temporaryMachine()), path: anyHost.path };
  const ledger = ledgerOf(host, undo);
  await ledger.open(run, 'plan');
  return { host, ledger, nats: natsActivities(host, ledger) };
}

describe("the week's user", () => {
  it('makes streams and consumers, publishes, reads, takes, measures, and undoes', async () => {
    const { host, ledger, nats } = await machine();
    const { plan } = cluster;
    const [here, there] = targets;
    const [stream] = plan.messaging.streams as [(typeof plan.messaging.streams)[0]];
    const { name } = stream;
    const [subject] = stream.publishes as [string];
    const common = { server: here, stream: name, run, publisher: 'one' };

    expect(await nats.natsConnect({ server: here, withinMs: 5_000 })).toMatchObject({
      connected: true,
      jetstream: true,
    });
    const made = {
      change: { run, step: 'streams' },
      server: here,
      stream: streamSpec(stream),
      servers: targets.map(({ url }) => url),
      goneWith: [],
    };
    expect(await nats.ensureStream(made)).toEqual({ created: true, differs: [] });
    expect(await nats.streamState({ server: there, stream: name, replicas: 2, withinMs: 20_000 })).toMatchObject({
      run,
      replicas: [{ current: true }, { current: true }],
    });
    const durable = { change: { run, step: 'consumers' }, server: there, stream: name, durable: 'hub' };
    expect(await nats.ensureConsumer(durable)).toEqual({ created: true });
    expect(await nats.ensureConsumer(durable)).toEqual({ created: false });
    const sent = { ...common, subject, count: 5, intervalMs: 0, retryForMs: 5_000 };
    expect(await nats.publish(sent)).toMatchObject({ acknowledged: [[1, 5]], streams: [name] });
    expect(await nats.readStream({ ...common, server: there, withinMs: 10_000 })).toMatchObject({ messages: 5 });
    expect(await nats.consume({ ...common, durable: 'hub', count: 5, withinMs: 10_000 })).toMatchObject({
      messages: 5,
      pendingAcks: 0,
    });
    const agent = { server: here, stream: name, agent: 'one', sinceMs: 0, atLeast: 5, withinMs: 10_000 };
    expect(await nats.agentMessages(agent)).toMatchObject({ messages: 5 });
    expect(await nats.natsAlone({ server: there, stream: name, subject, withinMs: 5_000 })).toEqual({
      core: true,
      directGet: true,
    });

    const core = { subject: 'hubshift.test.a.b', nonce: 'x', count: 3 };
    const heard = nats.natsListen({ ...core, server: there, withinMs: 10_000 });
    await nats.natsSend({ ...core, server: here, durationMs: 100 });
    expect(await heard).toMatchObject({ received: 3, inOrder: true });
    const echo = nats.natsEcho({ server: there, subject: 'hubshift.echo.a.b', durationMs: 3_000 });
    expect(
      await nats.natsLatency({ server: here, subject: 'hubshift.echo.a.b', samples: 20, withinMs: 2_500 }),
    ).toMatchObject({ samples: 20, failed: 0 });
    await echo;
    for (const [index, server] of servicesOf(plan, 'nats').entries())
      expect(
        await whyNotWorking(
          host,
          { server: targets[index]!, monitor: monitorUrl(server), routes: 1, streams: [name] },
          5_000,
        ),
      ).toBeUndefined();

    const subjects = ['hubshift.measure.week-1.a', 'hubshift.measure.week-1.b'] as const;
    const [a, b] = [0, 1].map((index) =>
      courier(
        host,
        { server: targets[index]!, answers: subjects[index]!, to: { other: subjects[1 - index]! }, run },
        {},
      ),
    ) as [ReturnType<typeof courier>, ReturnType<typeof courier>];
    await expect
      .poll(async () => (await a.send(), a.totals()['other']?.answered.length), { timeout: 10_000 })
      .toBeGreaterThan(0);
    await Promise.all([a.close(), b.close()]);

    expect(await ledger.rollback({ run, scope: 'all' })).toMatchObject([{ target: name, result: 'undone' }]);
    expect(await nats.streamState({ server: there, stream: name, replicas: 2, withinMs: 500 })).toMatchObject({
      leader: null,
      error: expect.stringContaining('stream not found'),
    });
  });

  it('is told why nothing can be undone where its seed is gone', async () => {
    const { ledger } = await machine();
    const { url, caFile, nkey } = targets[0];
    const access = { caFile, nkey: { ...nkey!, seedFile: '/nowhere/week.seed' } };
    await ledger.change(
      { run, step: 'streams' },
      'stream lost',
      async () => ({ kind: 'stream.delete', stream: 'lost', servers: [url], goneWith: [], access }),
      async () => undefined,
    );
    expect(await ledger.rollback({ run, scope: 'all' })).toMatchObject([
      {
        result: 'failed',
        detail: expect.stringMatching(/week: seedFile \/nowhere\/week\.seed is not on this machine/),
      },
    ]);
  });
});

describe('an agent', () => {
  const messenger = (access: ReturnType<typeof natsAccess>) =>
    createMessenger({
      url: targets[0].url,
      access,
      subjects: { health: cluster.plan.messaging.healthSubject, metrics: 'observability.metrics.pc2' },
      publisher: 'one',
      firstSeq: 1,
      log: createLog(() => undefined),
    });

  it('publishes what the plan tells it to with what the plan tells it', async () => {
    const nc = await connected(targets[0]);
    const manager = await nc.jetstreamManager({ checkAPI: false });
    for (const stream of cluster.plan.messaging.streams)
      await manager.streams.add({ name: stream.name, subjects: stream.subjects });
    const agent = messenger(natsAccess(cluster.plan));
    onTestFinished(async () => {
      await agent.close();
      for (const { name } of cluster.plan.messaging.streams) await manager.streams.delete(name);
    });
    await expect.poll(() => agent.status().connected, { timeout: 5_000 }).toBe(true);
    await agent.publish({ health: { status: 'ok' }, metrics: { samples: [] } });
    expect(agent.status()).toMatchObject({ published: 2, buffered: 0 });
  });

  it('is refused without its login', async () => {
    const { ca_file } = natsAccess(cluster.plan)!;
    const agent = messenger({ ca_file, username: 'pilots', password_file: '/nowhere' });
    onTestFinished(() => agent.close());
    await agent.publish({ health: {}, metrics: {} });
    expect(agent.status()).toMatchObject({ connected: false, published: 0 });
  });

  const forbidden: [string, (plan: SecuredCluster['plan']) => string][] = [
    ['another subject of a stream', () => 'observability.alerts.urgent'],
    ["the week's subjects", () => 'hubshift.measure.week-1.pc2'],
    ["the stream's API", ({ messaging }) => `$JS.API.STREAM.INFO.${messaging.streams[0]!.name}`],
  ];
  it.each(forbidden)("may not publish on %s; the week's user may", async (_, subjectOf) => {
    const subject = subjectOf(cluster.plan);
    expect(await refusals(await asAgent(), (nc) => nc.publish(subject, ''))).toEqual([subject]);
    expect(await refusals(await connected(targets[0]), (nc) => nc.publish(subject, ''))).toEqual([]);
  });

  it.each([
    ['a stream', 'observability.metrics.pc2'],
    ["the week's inbox", `${weekInbox}.>`],
    ['everything', '>'],
  ])('may not listen to %s', async (_, subject) => {
    const listen = (nc: NatsConnection) => void nc.subscribe(subject, { callback: () => undefined });
    expect(await refusals(await asAgent(), listen)).toEqual([subject]);
    const ofWeek = await refusals(await connected(targets[0]), listen);
    expect(ofWeek).toEqual(subject === '>' ? ['>'] : []);
  });

  async function asAgent(): Promise<NatsConnection> {
    const { basicAuth } = cluster.plan.messaging.users!.agents;
    return connected({ url: targets[0].url, caFile: targets[0].caFile, basicAuth });
  }
});

/** As that user, until the test is over. */
async function connected(target: SecuredNats): Promise<NatsConnection> {
  const nc = await connect(await optionsFor(anyHost, target, AbortSignal.timeout(5_000)));
  onTestFinished(() => nc.close());
  return nc;
}

/** The subjects that the server refused, before one that it refuses to everybody. */
async function refusals(nc: NatsConnection, act: (nc: NatsConnection) => void): Promise<string[]> {
  const refused: string[] = [];
  void (async () => {
    for await (const { permissionContext } of nc.status())
      if (permissionContext) refused.push(permissionContext.subject);
  })();
  act(nc);
  nc.publish('nobody.may', '');
  await expect.poll(() => refused.at(-1), { timeout: 10_000 }).toBe('nobody.may');
  return refused.slice(0, -1);
}

describe('is refused with its reason', () => {
  it.each<[string, (target: SecuredNats) => Promise<SecuredNats | string> | SecuredNats | string, RegExp]>([
    ['no TLS and no login', ({ url }) => url, /it speaks TLS: messaging\.tls in the plan/],
    ['no login', ({ url, caFile }) => ({ url, caFile }), /it wants a login: messaging\.users\.week/],
    [
      'a key that nobody knows',
      async (target) => ({ ...target, nkey: await nkeyIn(join(cluster.ca.directory, 'stranger.seed')) }),
      /it does not know the nkey of messaging\.users\.week, U/,
    ],
    [
      'a seed of another key',
      async ({ nkey, ...target }) => {
        const { seedFile } = await nkeyIn(join(cluster.ca.directory, 'other.seed'));
        return { ...target, nkey: { publicKey: nkey!.publicKey, seedFile } };
      },
      /messaging\.users\.week: seedFile .*other\.seed has another seed than that of its nkey\.publicKey/,
    ],
    [
      'a seed that is not there',
      ({ nkey, ...target }) => ({ ...target, nkey: { ...nkey!, seedFile: '/nowhere' } }),
      /messaging\.users\.week: seedFile \/nowhere is not on this machine/,
    ],
    [
      'a wrong password',
      ({ url, caFile }) => ({ url, caFile, basicAuth: { username: 'pilots', passwordFile: caFile! } }),
      /it refuses the login of messaging\.users\.week: passwordFile/,
    ],
    [
      'another authority',
      async (target) => {
        const stranger = await authority();
        onTestFinished(() => stranger.remove());
        return { ...target, caFile: stranger.caFile };
      },
      /messaging\.tls\.caFile names who signed its certificate/,
    ],
    [
      'another name',
      (target) => ({ ...target, url: target.url.replace('localhost', '127.0.0.1') }),
      /its certificate \(messaging\.tls\.certFile\) must have this name/,
    ],
  ])('%s', async (_, changed, reason) => {
    const { nats } = await machine();
    const { connected: isConnected, error } = await nats.natsConnect({
      server: await changed(targets[0]),
      withinMs: 1_000,
    });
    expect({ isConnected, error }).toEqual({ isConnected: false, error: expect.stringMatching(reason) });
    expect(error).not.toMatch(/SU[A-Z2-7]{20}/);
  });

  it('a plan with TLS of servers that speak none', async () => {
    const { servers, remove } = await natsServers('plain');
    onTestFinished(remove);
    await servers[0]!.start();
    const { nats } = await machine();
    const target = { ...targets[0], url: servers[0]!.url.replace('127.0.0.1', 'localhost') };
    expect(await nats.natsConnect({ server: target, withinMs: 1_000 })).toMatchObject({
      error: expect.stringContaining('it speaks no TLS, and the plan has messaging.tls'),
    });
  });

  it('whoever comes to a cluster port without a certificate', async () => {
    const [server] = servicesOf(cluster.plan, 'nats');
    const { certFile, keyFile, caFile } = cluster.plan.messaging.tls!;
    const said = async (files: { cert?: Buffer; key?: Buffer }) => {
      const socket = connectTls({
        ...files,
        port: server!.ports.cluster.host,
        host: 'localhost',
        ca: await readFile(caFile),
      });
      onTestFinished(() => void socket.destroy());
      return new Promise<string>((resolve) => {
        socket.once('data', (data) => resolve(String(data)));
        socket.once('error', ({ message }) => resolve(message));
        socket.once('close', () => resolve('closed'));
      });
    };
    expect(await said({ cert: await readFile(certFile), key: await readFile(keyFile) })).toMatch(/^INFO /);
    expect(await said({})).not.toMatch(/^INFO /);
  });
});

it('what JetStream stores is not to be read on the disk, and that of servers without encryption is', async () => {
  const text = 'a-text-that-nobody-else-writes';
  const { servers, remove } = await natsServers('plain');
  onTestFinished(remove);
  await servers[0]!.start();
  const put = async (nc: NatsConnection) => {
    const manager = await nc.jetstreamManager({ checkAPI: false });
    const { name } = cluster.plan.messaging.streams[0]!;
    await manager.streams.add({ name, subjects: ['observability.metrics.*'] });
    onTestFinished(async () => void (await manager.streams.delete(name)));
    await nc.jetstream().publish('observability.metrics.pc2', text);
  };
  const plain = await connect({ servers: servers[0]!.url });
  onTestFinished(() => plain.close());
  await put(await connected(targets[0]));
  await put(plain);
  expect(await filesWith(text, cluster.stores)).toEqual([]);
  expect(await filesWith(text, [servers[0]!.store])).not.toEqual([]);
});

async function filesWith(text: string, directories: string[]): Promise<string[]> {
  const found = [];
  for (const directory of directories)
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && (await readFile(path)).includes(text)) found.push(path);
    }
  return found;
}

describe('preflight', () => {
  const look = async (changed: (ask: NatsAsk) => Promise<unknown> | unknown = () => undefined) => {
    const { host } = await machine();
    const { plan } = cluster;
    const nats = structuredClone(natsAccessOn(plan, 'localhost')!);
    nats.users.push({ whose: 'agents', ...plan.messaging.users!.agents });
    nats.certificates = nats.certificates.slice(0, 1);
    await changed(nats);
    const none: AccessAsk = { logins: [], mounted: [], seen: [], web: [], nats };
    return Promise.all(
      looksAtAccess(host, none).map(async ({ what, look: one }) =>
        Promise.resolve(one()).then(
          (found) => `${what}: ${typeof found === 'string' ? found : found.warning}`,
          (error: Error) => `${what} FAILS: ${error.message}`,
        ),
      ),
    );
  };
  const certificate = (extension: string, days?: number) => async (ask: NatsAsk) =>
    Object.assign(ask.certificates[0]!, await cluster.ca.sign('of-this-test', extension, days));

  it('finds all of it', async () => {
    const { name } = servicesOf(cluster.plan, 'nats')[0]!;
    expect(await look()).toEqual([
      `certificates of ${name}: signed by caFile, and names localhost`,
      `secrets ${cluster.plan.messaging.secretsFile}: it has jetstream_key, agents_password`,
      'login of messaging.users.week: its seed is that of its public key',
      'login of messaging.users.agents: its password is there',
    ]);
  });

  it.each<[string, (ask: NatsAsk) => unknown, RegExp]>([
    [
      'another name',
      certificate('subjectAltName=DNS:other'),
      /FAILS: .*names DNS:other, and clients and servers look for localhost/,
    ],
    ['a name that only its subject has', certificate('basicConstraints=CA:FALSE'), /FAILS: .*names nobody/],
    [
      'one for servers alone',
      certificate('subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth'),
      /FAILS: .*must have both serverAuth and clientAuth/,
    ],
    [
      'one for clients alone',
      certificate('subjectAltName=DNS:localhost\nextendedKeyUsage=clientAuth'),
      /FAILS: .*must have both serverAuth and clientAuth/,
    ],
    [
      'one that ends with the week',
      certificate('subjectAltName=DNS:localhost', 3),
      /ends in .*: the week may not be over by then/,
    ],
    [
      'one that does not name the other',
      (ask) => ask.certificates[0]!.others.push('PC2'),
      /does not name PC2: a client that began there/,
    ],
    [
      'the key of another',
      async ({ certificates: [one] }) => (one!.keyFile = (await cluster.ca.sign('else')).keyFile),
      /FAILS: .*keyFile is the key of another/,
    ],
    [
      'an authority that is none',
      ({ certificates: [one] }) => (one!.caFile = one!.keyFile),
      /FAILS: messaging\.tls\.caFile .* is no certificate in PEM/,
    ],
    [
      'an authority that has not signed it',
      async ({ certificates: [one] }) => {
        const stranger = await authority();
        onTestFinished(() => stranger.remove());
        one!.caFile = stranger.caFile;
      },
      /FAILS: .*caFile does not contain the CA that signed it/,
    ],
    [
      'another seed',
      async (ask) => (ask.users[0]!.nkey!.seedFile = (await nkeyIn(join(cluster.ca.directory, 'x'))).seedFile),
      /users\.week FAILS: its seed on PC2 is that of U/,
    ],
    ['no seed', ({ users: [one] }) => (one!.nkey!.seedFile = one!.caFile), /users\.week FAILS: .*no seed of a user/],
    [
      'a secret that is missing',
      async (ask) => {
        ask.secrets!.path = join(cluster.ca.directory, 'empty.conf');
        await writeFile(ask.secrets!.path, '');
      },
      /secrets .* FAILS: .*it has no jetstream_key/,
    ],
    [
      'no password',
      (ask) => (ask.users[1]!.basicAuth!.passwordFile = '/nowhere'),
      /users\.agents FAILS: passwordFile \/nowhere is not on this machine/,
    ],
  ])('is told of %s', async (_, changed, reason) => {
    const found = await look(changed);
    expect(found.join('\n')).toMatch(reason);
    expect(found.filter((line) => reason.test(line))).toHaveLength(1);
  });
});
