// Whether a NATS server is in a cluster that works: routes to a majority, leaders, and a write that they agree on.
import { AckPolicy, DeliverPolicy, nanos, type JetStreamManager } from 'nats';
import type { ClusterAsk } from '../../plan/machine-api/measure.ts';
import { cancelled, within } from '../context/cancellation.ts';
import { view } from './cluster.ts';
import { dial } from './connection.ts';
import { unlessMissing } from './streams.ts';

/** By then the server itself has removed a consumer that nobody could. */
const goneMs = 5_000;

/** Why it does not, for people; undefined when it does, all of it within the time. Throws only when cancelled. */
export async function whyNotWorking(ask: ClusterAsk, timeoutMs: number): Promise<string | undefined> {
  const over = within(timeoutMs);
  const late = new Promise<never>((_resolve, reject) =>
    over.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)), { once: true }),
  );
  try {
    const looks = Promise.all([noMajority(ask, timeoutMs), noWrite(ask, timeoutMs)]);
    const [routes, write] = await Promise.race([looks, late]);
    return routes ?? write;
  } catch (error) {
    cancelled().throwIfAborted();
    return (error as Error).message;
  }
}

async function noMajority({ monitor, routes }: ClusterAsk, timeoutMs: number): Promise<string | undefined> {
  const { remotes, metaLeader } = await view(monitor, timeoutMs);
  if (remotes.length < routes) return `routes to ${remotes.length} servers; ${routes} are wanted`;
  return metaLeader === null ? 'no meta leader' : undefined;
}

async function noWrite({ server, streams }: ClusterAsk, timeoutMs: number): Promise<string | undefined> {
  const dialled = await dial(server, timeoutMs);
  if ('error' in dialled) return dialled.error;
  try {
    const manager = await dialled.nc.jetstreamManager({ timeout: timeoutMs, checkAPI: false });
    const found = await Promise.all(
      streams.map(async (name) => ({ name, info: await unlessMissing(manager.streams.info(name)) })),
    );
    const there = found.flatMap(({ name, info }) => (info ? [{ name, leader: info.cluster?.leader }] : []));
    const headless = there.find(({ leader }) => !leader);
    if (headless) return `${headless.name} has no leader`;
    // Before the first stream there is nothing to write to.
    if (there[0]) await write(manager, there[0].name);
    return undefined;
  } finally {
    await dialled.nc.close();
  }
}

/** A consumer that keeps nothing and goes at once: the servers must agree on it as on any write, and no message is left behind. */
async function write(manager: JetStreamManager, stream: string): Promise<void> {
  const { name } = await manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.New,
    inactive_threshold: nanos(goneMs),
    mem_storage: true,
    num_replicas: 1,
  });
  await manager.consumers.delete(stream, name);
}
