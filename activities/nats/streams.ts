// Streams and their durable consumers: made once, never changed, and looked at.
import { refusal } from '../context/refusal.ts';
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  nanos,
  NatsError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from 'nats';
import type { NatsActivities, StreamSpec, StreamState } from '../../plan/machine-api/nats.ts';
import { type NatsTarget, urlOf } from '../../plan/machine-api/target.ts';
import { credentialsOfNats, type NatsCredentials } from '../../plan/schema/nats-access.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { isLive, type Entry } from '../ledger/journal.ts';
import { NotSeen } from '../http/refused.ts';
import { dial, managerOf, withNats } from './connection.ts';

type Streams = Pick<NatsActivities, 'ensureStream' | 'ensureConsumer' | 'streamState'>;

const connectWithinMs = 10_000;
const lookWithinMs = 2_000;
/** How long a consumer has for each message. What a killed reader had in hand comes again after this time. */
const ackWaitMs = 10_000;

export function streamActivities(host: Host, ledger: Ledger): Streams {
  const manage = <T>(
    server: NatsTarget,
    work: (manager: JetStreamManager) => Promise<T>,
    withinMs = connectWithinMs,
  ): Promise<T> => withNats(host, server, Math.min(withinMs, connectWithinMs), async (nc) => work(await managerOf(nc)));

  return {
    ensureStream: ({ change, server, stream, servers, goneWith, adopt = false }) =>
      manage(server, (manager) => {
        const { name } = stream;
        const description = madeBy(change.run);
        return ledger.change(
          change,
          `stream ${name}`,
          async () => {
            const found = await find(manager, name);
            if (found && !adopt) throw foreign(host, server, found);
            return found
              ? null
              : { kind: 'stream.delete', stream: name, servers, goneWith, description, ...accessOf(server) };
          },
          async ({ entries }) => {
            const found = await find(manager, name);
            if (!found) {
              await manager.streams.add({ ...configOf(stream), description });
              return { created: true, differs: [] };
            }
            if (!adopt && !isOurs(found, entries)) throw foreign(host, server, found);
            return { created: false, differs: differences(found.config, configOf(stream)) };
          },
        );
      }),

    ensureConsumer: ({ change, server, stream, durable, servers = [urlOf(server)], containers = [] }) =>
      manage(server, async (manager) => {
        const look = () => unlessMissing(manager.consumers.info(stream, durable));
        // A week of before does not say whose it is.
        if (!change) return makeConsumer(manager, { server, stream, durable }, await look());
        const description = madeBy(change.run);
        return ledger.change(
          change,
          `consumer ${durable} of ${stream}`,
          async ({ entries }) =>
            (await look()) || goesWithStream(stream, entries)
              ? null
              : { kind: 'consumer.delete', stream, durable, servers, containers, description, ...accessOf(server) },
          async () => makeConsumer(manager, { server, stream, durable, description }, await look()),
        );
      }),

    streamState: async ({ server, stream, replicas, withinMs }) => {
      const none: Omit<StreamState, 'waitedMs'> = {
        stream,
        messages: 0,
        lastSequence: 0,
        leader: null,
        replicas: [],
        subjects: {},
        consumers: [],
      };
      const look = (): Promise<Omit<StreamState, 'waitedMs'>> =>
        manage(server, (manager) => stateOf(manager, stream), withinMs).catch((error: Error) => ({
          ...none,
          error: `${stream} at ${urlOf(server)}: ${error.message}`,
          ...(error instanceof NotSeen && { refused: true }),
        }));
      const { value, waitedMs } = await until(
        withinMs,
        look,
        (state) => state.leader !== null && state.replicas.filter(({ current }) => current).length >= replicas,
      );
      return { ...value, waitedMs };
    },
  };
}

async function makeConsumer(
  manager: JetStreamManager,
  {
    server,
    stream,
    durable,
    description,
  }: { server: NatsTarget; stream: string; durable: string; description?: string },
  found: ConsumerInfo | null,
): Promise<{ created: boolean }> {
  if (!found) {
    await manager.consumers.add(stream, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWaitMs),
      ...(description && { description }),
    });
    return { created: true };
  }
  refuseConsumer(server, stream, found);
  return { created: false };
}

/** The undo of a stream of this run takes its consumers along. */
function goesWithStream(stream: string, entries: Entry[]): boolean {
  return entries.some((entry) => isLive(entry) && entry.undo.kind === 'stream.delete' && entry.undo.stream === stream);
}

async function stateOf(manager: JetStreamManager, stream: string): Promise<Omit<StreamState, 'waitedMs'>> {
  const { config, state, cluster } = await manager.streams.info(stream, { subjects_filter: '>' });
  const consumers: string[] = [];
  for await (const { config } of manager.consumers.list(stream))
    if (config.durable_name) consumers.push(config.durable_name);
  const leader = cluster?.leader || null;
  return {
    stream,
    messages: state.messages,
    lastSequence: state.last_seq,
    leader,
    run: makerOf(config),
    // The server lists the followers; the leader is always up with itself.
    replicas: [
      ...(leader ? [{ name: leader, current: true, lag: 0 }] : []),
      ...(cluster?.replicas ?? []).map(({ name, current, offline, lag = 0 }) => ({
        name,
        current: current && !offline,
        lag,
      })),
    ],
    subjects: state.subjects ?? {},
    consumers: consumers.sort(),
  };
}

/** Throws ForeignConsumer for one that the week can't read with. */
function refuseConsumer(server: NatsTarget, stream: string, { name, config }: ConsumerInfo): void {
  const { ack_policy: ack, deliver_subject: pushes } = config;
  if (ack === AckPolicy.Explicit && pushes === undefined) return;
  const what = pushes === undefined ? `acknowledges "${ack}"` : `pushes to ${pushes}`;
  throw refusal(
    'ForeignConsumer',
    `The consumer ${name} of ${stream} on ${urlOf(server)} is there and ${what}; the week needs one that is pulled and acknowledges each message. Rename it in the plan, or remove it`,
  );
}

/** The same of all that a stream is to have. What is not there, or not yet to be asked, is made or found later. */
export async function refuseConsumers(
  host: Pick<Host, 'path'>,
  server: NatsTarget,
  stream: string,
  durables: string[],
): Promise<void> {
  await lookingAt(host, server, async (manager) => {
    for (const durable of durables) {
      const found = await unlessMissing(manager.consumers.info(stream, durable));
      if (found) refuseConsumer(server, stream, found);
    }
  });
}

/** Throws ForeignStream for one that this run did not make. A server that is not there has none. */
export async function refuseStream(host: Host, ledger: Ledger, run: string, server: NatsTarget, name: string) {
  await lookingAt(host, server, async (manager) => {
    const found = await find(manager, name);
    if (found && !isOurs(found, await ledger.entries(run))) throw foreign(host, server, found);
  });
}

/** Before the week: a server that is not there has nothing. */
async function lookingAt(
  host: Pick<Host, 'path'>,
  server: NatsTarget,
  look: (manager: JetStreamManager) => Promise<void>,
): Promise<void> {
  const dialled = await dial(host, server, lookWithinMs);
  if ('error' in dialled) return;
  try {
    await look(await dialled.nc.jetstreamManager({ timeout: lookWithinMs, checkAPI: false }));
  } finally {
    await dialled.nc.close();
  }
}

/** For an undo, which asks the same way: nothing, where the plan secures nothing. */
function accessOf(server: NatsTarget): { access?: NatsCredentials } {
  return typeof server === 'string' ? {} : { access: credentialsOfNats(server) };
}

/** One that an earlier build made has no description: there the ledger is enough. */
function isOurs({ config }: StreamInfo, entries: Entry[]): boolean {
  return entries.some(
    (entry) =>
      isLive(entry) &&
      entry.undo.kind === 'stream.delete' &&
      entry.undo.stream === config.name &&
      (entry.undo.description === undefined || entry.undo.description === config.description),
  );
}

/** By which the undo knows a stream; people see it in every tool. */
function madeBy(run: string): string {
  return `${mark}${run}`;
}

/** The run that made it; null for one of somebody else. */
export function makerOf({ description = '' }: StreamConfig): string | null {
  return description.startsWith(mark) ? description.slice(mark.length) : null;
}

const mark = 'made by hubshift, run ';

function foreign(host: Host, server: NatsTarget, { config: { name, description }, created }: StreamInfo): Error {
  return refusal(
    'ForeignStream',
    `${urlOf(server)}, asked from ${host.machine}, already has a stream ${name} that is not ours (${description || 'it does not say whose it is'}, created ${created}). ` +
      `Take it over ("adopt: [${name}]" in the plan: it must be as the plan says, and stays with what the week stores in it), remove it, or give ours another name in the plan`,
  );
}

function configOf(stream: StreamSpec) {
  return {
    name: stream.name,
    subjects: stream.subjects,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: nanos(stream.maxAgeMs),
    num_replicas: stream.replicas,
    duplicate_window: nanos(stream.duplicateWindowMs),
    // One that is not limited has what the server gives it.
    ...(stream.maxBytes !== undefined && { max_bytes: stream.maxBytes }),
    allow_direct: true,
  } satisfies Partial<StreamConfig>;
}

/** One line for each setting that is not as asked: "max_age is …, the plan says …". Times are in nanoseconds, as the server keeps them. */
function differences(found: StreamConfig, wanted: ReturnType<typeof configOf>): string[] {
  const spell = (value: unknown): string => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  return Object.entries(wanted)
    .filter(([key, value]) => spell(found[key as keyof StreamConfig]) !== spell(value))
    .map(
      ([key, value]) =>
        `${key} is ${spell(found[key as keyof StreamConfig]) ?? 'not set'}, the plan says ${spell(value)}`,
    );
}

async function find(manager: JetStreamManager, stream: string): Promise<StreamInfo | null> {
  return unlessMissing(manager.streams.info(stream));
}

/** null for what the server does not have. Throws everything else, such as a stream that is missing under its consumer. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch((error: unknown) => {
    const code = error instanceof NatsError ? error.api_error?.err_code : undefined;
    if (code === streamNotFound || code === consumerNotFound) return null;
    throw error;
  });
}

const streamNotFound = 10059;
const consumerNotFound = 10014;
