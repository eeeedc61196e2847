// Whether a NATS server is in a cluster that works: routes to a majority, leaders, and a write that they agree on.
import {
  AckPolicy,
  DeliverPolicy,
  nanos,
  NatsError,
  RetentionPolicy,
  type JetStreamManager,
  type StreamInfo,
} from 'nats';
import type { ClusterAsk } from '../../plan/machine-api/measure.ts';
import { cancelled, within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { view } from './cluster.ts';
import { dial } from './connection.ts';
import { makerOf, unlessMissing } from './streams.ts';

/** By then the server itself has removed a consumer that nobody could. */
const goneMs = 5_000;

/** For people. `unknown` where who asks was refused: that is no word of the cluster. */
export interface NotWorking {
  why: string;
  unknown?: true;
}

/** Why it does not; undefined when it does, all of it within the time. Throws only when cancelled. */
export async function whyNotWorking(
  host: Pick<Host, 'path'>,
  ask: ClusterAsk,
  timeoutMs: number,
): Promise<NotWorking | undefined> {
  const over = within(timeoutMs);
  const late = new Promise<never>((_resolve, reject) =>
    over.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)), { once: true }),
  );
  try {
    const looks = Promise.all([noMajority(ask, timeoutMs), noWrite(host, ask, timeoutMs)]);
    const [routes, write] = await Promise.race([looks, late]);
    return routes ?? write;
  } catch (error) {
    cancelled().throwIfAborted();
    return { why: (error as Error).message };
  }
}

async function noMajority({ monitor, routes }: ClusterAsk, timeoutMs: number): Promise<NotWorking | undefined> {
  const { remotes, metaLeader } = await view(monitor, timeoutMs);
  if (remotes.length < routes) return { why: `routes to ${remotes.length} servers; ${routes} are wanted` };
  return metaLeader === null ? { why: 'no meta leader' } : undefined;
}

async function noWrite(
  host: Pick<Host, 'path'>,
  { server, streams }: ClusterAsk,
  timeoutMs: number,
): Promise<NotWorking | undefined> {
  const dialled = await dial(host, server, timeoutMs);
  // What its pages say counts first: they ask nobody who they are.
  if ('error' in dialled) return { why: dialled.error, ...(dialled.refused && { unknown: true }) };
  try {
    const manager = await dialled.nc.jetstreamManager({ timeout: timeoutMs, checkAPI: false });
    const found = await Promise.all(streams.map((name) => unlessMissing(manager.streams.info(name))));
    const there = found.filter((info) => info !== null);
    const headless = there.find(({ cluster }) => !cluster?.leader);
    if (headless) return { why: `${headless.config.name} has no leader` };
    const taking = there.filter(takesConsumers);
    // Before the first stream there is nothing to write to, nor where each of them is another's and takes none.
    const [stream] = [...taking.filter(isWeeks), ...taking];
    if (stream) await write(manager, stream.config.name);
    return undefined;
  } finally {
    await dialled.nc.close();
  }
}

/** One that was adopted may be full, or give each message to one consumer only. By its interest it may keep messages for one that has none. */
function takesConsumers({ config, state }: StreamInfo): boolean {
  const { retention, max_consumers: atMost } = config;
  return retention === RetentionPolicy.Limits && (atMost < 1 || state.consumer_count < atMost);
}

function isWeeks({ config }: StreamInfo): boolean {
  return makerOf(config) !== null;
}

/** A consumer that keeps nothing and goes at once: the servers must agree on it as on any write, and no message is left behind. */
async function write(manager: JetStreamManager, stream: string): Promise<void> {
  try {
    const { name } = await manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.New,
      inactive_threshold: nanos(goneMs),
      mem_storage: true,
      num_replicas: 1,
    });
    await unlessMissing(manager.consumers.delete(stream, name));
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** It is a leader that says no, such as to one more consumer than the account may have: those that can't do anything say that they can't. */
function isRefusal(error: unknown): boolean {
  const { code = 0, err_code: what } = (error instanceof NatsError && error.api_error) || {};
  return code >= 400 && code < 500 && what !== noPeers;
}

const noPeers = 10005;
