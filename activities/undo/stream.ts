// Deletes a JetStream stream, or finds that it goes with its servers; and a consumer in one that stays.
import { connect, type JetStreamManager, type NatsError } from 'nats';
import type { Undo } from '../../plan/week/undo.ts';
import { cancelled, within } from '../context/cancellation.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';

/** As JetStream numbers them. */
const notFound = { stream: 10059, consumer: 10014 };
const patienceMs = 2_000;
/** For a stream that goes with its servers anyway: long enough where there is a quorum. */
const shortPatienceMs = 500;
/** So often a consumer is tried: its servers stay, and have no quorum while the other machine puts its own back. */
const consumerTries = 5;

/** `removed`: containers that are gone, or will be with this rollback. No quorum is no failure when one of the stream's servers goes: the other machine's ledger removes the rest. */
export async function deleteStream(
  { stream, servers, goneWith, description }: Extract<Undo, { kind: 'stream.delete' }>,
  removed: string[],
  { dryRun }: Round,
): Promise<Outcome> {
  const gone = goneWith.filter((container) => removed.includes(container));
  const tryForMs = gone.length > 0 ? shortPatienceMs : patienceMs;
  const deleted = await tryDelete(servers, tryForMs, async ({ streams }) => {
    const { config, created } = await streams.info(stream);
    if (description !== undefined && config.description !== description)
      return notOurs(`the stream ${stream}`, created, config.description);
    if (!dryRun) await streams.delete(stream);
    return { result: 'undone' };
  });
  if (deleted) return deleted;
  if (gone.length > 0) return { result: 'undone', detail: `gone with ${gone.join(', ')}` };
  throw unreachable(servers, `the stream ${stream}`, tryForMs);
}

export async function deleteConsumer(
  { stream, durable, servers, description }: Extract<Undo, { kind: 'consumer.delete' }>,
  { dryRun }: Round,
): Promise<Outcome> {
  const what = `the consumer ${durable} of ${stream}`;
  for (let tries = 0; tries < consumerTries; tries += 1) {
    const deleted = await tryDelete(servers, patienceMs, async ({ consumers }) => {
      const { config, created } = await consumers.info(stream, durable);
      if (config.description !== description) return notOurs(what, created, config.description);
      if (!dryRun) await consumers.delete(stream, durable);
      return { result: 'undone' };
    });
    if (deleted) return deleted;
    if (dryRun) break;
  }
  throw unreachable(servers, what, patienceMs);
}

function notOurs(what: string, created: string, description?: string): Outcome {
  const whose = description || 'it does not say whose it is';
  return { result: 'left', detail: `${what}, created ${created}, is not the one that was made here (${whose})` };
}

function unreachable(servers: string[], what: string, tryForMs: number): Error {
  return new Error(
    `None of ${servers.join(', ')} could delete ${what} within ${tryForMs / 1000} s: JetStream has no quorum or is not reachable. Start the servers, then roll back again`,
  );
}

/** Undefined where no server answers. What is not there is gone already. */
async function tryDelete(
  servers: string[],
  tryForMs: number,
  deleteOn: (manager: JetStreamManager) => Promise<Outcome>,
): Promise<Outcome | undefined> {
  const over = within(tryForMs);
  const work = withServers(servers, tryForMs, async (connection) => {
    // A dial can hang while a server goes, and succeed when the next week's server is at its address: that one's streams are not ours.
    if (over.aborted) return undefined;
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
    return code === notFound.stream || code === notFound.consumer ? { result: 'already' } : undefined;
  }
}

async function withServers<T>(
  servers: string[],
  tryForMs: number,
  use: (connection: Awaited<ReturnType<typeof connect>>) => Promise<T>,
): Promise<T> {
  const connection = await connect({ servers, timeout: tryForMs / 2, reconnect: false, noRandomize: true });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}
