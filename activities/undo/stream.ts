// Deletes a JetStream stream, or finds that it goes with its servers.
import { connect, type NatsError } from 'nats';
import type { Undo } from '../../plan/week/undo.ts';
import { cancelled, within } from '../context/cancellation.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';

const streamNotFound = 10059;
const patienceMs = 2_000;
/** For a stream that goes with its servers anyway: long enough where there is a quorum. */
const shortPatienceMs = 500;

/** `removed`: containers that are gone, or will be with this rollback. No quorum is no failure when one of the stream's servers goes: the other machine's ledger removes the rest. */
export async function deleteStream(
  { stream, servers, goneWith, description }: Extract<Undo, { kind: 'stream.delete' }>,
  removed: string[],
  { dryRun }: Round,
): Promise<Outcome> {
  const gone = goneWith.filter((container) => removed.includes(container));
  const tryForMs = gone.length > 0 ? shortPatienceMs : patienceMs;
  const deleted = await tryDelete({ stream, servers, description }, dryRun, tryForMs);
  if (typeof deleted !== 'string') return { result: 'left', detail: deleted.left };
  if (deleted !== 'unreachable') return { result: deleted };
  if (gone.length > 0) return { result: 'undone', detail: `gone with ${gone.join(', ')}` };
  throw new Error(
    `None of ${servers.join(', ')} could delete the stream ${stream} within ${tryForMs / 1000} s: JetStream has no quorum or is not reachable. Start the servers, then roll back again`,
  );
}

async function tryDelete(
  {
    stream,
    servers,
    description,
  }: Pick<Extract<Undo, { kind: 'stream.delete' }>, 'stream' | 'servers' | 'description'>,
  dryRun: boolean,
  tryForMs: number,
): Promise<'undone' | 'already' | 'unreachable' | { left: string }> {
  const over = within(tryForMs);
  const work = withServers(servers, tryForMs, async (connection) => {
    // A dial can hang while a server goes, and succeed when the next week's server is at its address: that one's streams are not ours.
    if (over.aborted) return 'unreachable';
    const manager = await connection.jetstreamManager({ timeout: tryForMs, checkAPI: false });
    const { config, created } = await manager.streams.info(stream);
    if (description !== undefined && config.description !== description)
      return {
        left: `the stream ${stream}, created ${created}, is not the one that was made here (${config.description || 'it does not say whose it is'})`,
      };
    if (!dryRun) await manager.streams.delete(stream);
    return 'undone';
  });
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => over.addEventListener('abort', () => reject(over.reason), { once: true })),
    ]);
  } catch (error) {
    work.catch(() => undefined);
    cancelled().throwIfAborted();
    return (error as NatsError).api_error?.err_code === streamNotFound ? 'already' : 'unreachable';
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
