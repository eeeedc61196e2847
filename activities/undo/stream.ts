// Deletes a JetStream stream, or finds that it goes with its servers; and a consumer in one that stays.
import { connect, type JetStreamManager, type NatsConnection, type NatsError } from 'nats';
import type { Undo } from '../../plan/week/undo.ts';
import { cancelled, within } from '../context/cancellation.ts';
import type { NatsTarget } from '../../plan/machine-api/target.ts';
import type { NatsCredentials } from '../../plan/schema/nats-access.ts';
import type { Host } from '../context/host.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { NotSeen } from '../http/refused.ts';
import { optionsFor, whyRefused } from '../nats/login.ts';

/** As JetStream numbers them. */
const notFound = { stream: 10059, consumer: 10014 };
const patienceMs = 2_000;
/** For a stream that goes with its servers anyway: long enough where there is a quorum. */
const shortPatienceMs = 500;
/** So often a consumer is tried: its servers stay, and have no quorum while the other machine puts its own back. */
const consumerTries = 5;

/** `removed`: containers that are gone, or will be with this rollback. No quorum is no failure when one of the stream's servers goes: the other machine's ledger removes the rest. */
export async function deleteStream(
  host: Host,
  { stream, servers, goneWith, description, access }: Extract<Undo, { kind: 'stream.delete' }>,
  removed: string[],
  { dryRun }: Round,
): Promise<Outcome> {
  const gone = goneWith.filter((container) => removed.includes(container));
  const tryForMs = gone.length > 0 ? shortPatienceMs : patienceMs;
  const deleted = await tryDelete(host, targetsOf(servers, access), tryForMs, async ({ streams }) => {
    const { config, created } = await streams.info(stream);
    if (description !== undefined && config.description !== description)
      return notOurs(`the stream ${stream}`, created, config.description);
    if (!dryRun) await streams.delete(stream);
    return { result: 'undone' };
  });
  if (!(deleted instanceof Error)) return deleted;
  if (gone.length > 0) return { result: 'undone', detail: `gone with ${gone.join(', ')}` };
  throw unreachable(servers, `the stream ${stream}`, tryForMs, deleted);
}

export async function deleteConsumer(
  host: Host,
  { stream, durable, servers, description, access }: Extract<Undo, { kind: 'consumer.delete' }>,
  { dryRun }: Round,
): Promise<Outcome> {
  const what = `the consumer ${durable} of ${stream}`;
  let why: Error | undefined;
  for (let tries = 0; tries < consumerTries; tries += 1) {
    const deleted = await tryDelete(host, targetsOf(servers, access), patienceMs, async ({ consumers }) => {
      const { config, created } = await consumers.info(stream, durable);
      if (config.description !== description) return notOurs(what, created, config.description);
      if (!dryRun) await consumers.delete(stream, durable);
      return { result: 'undone' };
    });
    if (!(deleted instanceof Error)) return deleted;
    why = deleted;
    if (dryRun) break;
  }
  throw unreachable(servers, what, patienceMs, why);
}

function notOurs(what: string, created: string, description?: string): Outcome {
  const whose = description || 'it does not say whose it is';
  return { result: 'left', detail: `${what}, created ${created}, is not the one that was made here (${whose})` };
}

/** A login that is missing or refused is told as such: starting servers mends none. */
function unreachable(servers: string[], what: string, tryForMs: number, why?: Error): Error {
  const reason =
    why instanceof NotSeen ? why.message : 'JetStream has no quorum or is not reachable. Start the servers';
  return new Error(
    `None of ${servers.join(', ')} could delete ${what} within ${tryForMs / 1000} s: ${reason}, then roll back again`,
  );
}

/** An error where no server does it. What is not there is gone already. */
async function tryDelete(
  host: Host,
  servers: NatsTarget[],
  tryForMs: number,
  deleteOn: (manager: JetStreamManager) => Promise<Outcome>,
): Promise<Outcome | Error> {
  const over = within(tryForMs);
  const work = withServers(host, servers, tryForMs, async (connection) => {
    // A dial can hang while a server goes, and succeed when the next week's server is at its address: that one's streams are not ours.
    if (over.aborted) throw new Error('too late');
    return deleteOn(await connection.jetstreamManager({ timeout: tryForMs, checkAPI: false }));
  });
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => over.addEventListener('abort', () => reject(over.reason), { once: true })),
    ]);
  } catch (error) {
    work.catch(() => undefined);
    cancelled().throwIfAborted();
    const code = (error as NatsError).api_error?.err_code;
    return code === notFound.stream || code === notFound.consumer ? { result: 'already' } : (error as Error);
  }
}

/** The first that takes a connection. */
async function withServers<T>(
  host: Host,
  servers: NatsTarget[],
  tryForMs: number,
  use: (connection: NatsConnection) => Promise<T>,
): Promise<T> {
  let refused: unknown = new Error('there is no server');
  for (const server of servers) {
    let connection: NatsConnection;
    try {
      const options = await optionsFor(host, server, within(tryForMs / 2));
      connection = await connect({ ...options, timeout: tryForMs / 2, reconnect: false });
    } catch (error) {
      refused = whyRefused(server, error as Error);
      continue;
    }
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  }
  throw refused;
}

function targetsOf(servers: string[], access: NatsCredentials | undefined): NatsTarget[] {
  return servers.map((url) => (access ? { url, ...access } : url));
}
