// One connection to one NATS server for the time of one activity: always closed, and cut by cancellation.
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { type NatsTarget, urlOf } from '../../plan/machine-api/target.ts';
import { cancelled, within } from '../context/cancellation.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { NotSeen } from '../http/refused.ts';
import { optionsFor, whyRefused } from './login.ts';

const dialTimeoutMs = 2_000;
const apiTimeoutMs = 5_000;

/** `refused`: by a login or a certificate, or for want of one, which says nothing of the server. */
export type Dialled = { nc: NatsConnection; ms: number } | { error: string; refused?: true };

/** One attempt to connect. It stays with this server: what others of the cluster would answer is another measurement. */
export async function dial(host: Pick<Host, 'path'>, server: NatsTarget, timeoutMs = dialTimeoutMs): Promise<Dialled> {
  const started = performance.now();
  try {
    const nc = await connect({
      ...(await optionsFor(host, server, within(timeoutMs))),
      name: 'hubshift',
      timeout: timeoutMs,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 200,
      // A peer that is cut off by a partition answers no ping and sends no reset.
      pingInterval: 2_000,
      ignoreClusterUpdates: true,
      // Names are those of the host, /etc/hosts included.
      resolve: false,
      noAsyncTraces: true,
    });
    if (cancelled().aborted) await nc.close();
    return { nc, ms: Math.round(performance.now() - started) };
  } catch (error) {
    const why = whyRefused(server, error as Error);
    return { error: why.message, ...(why instanceof NotSeen && { refused: true }) };
  }
}

/** Dials until the server answers, works with the connection and closes it. Throws when it does not answer in time, NotSeen when it refuses who asks, or when cancelled. */
export async function withNats<T>(
  host: Host,
  server: NatsTarget,
  withinMs: number,
  work: (nc: NatsConnection) => Promise<T>,
): Promise<T> {
  const { value } = await until(
    withinMs,
    () => dial(host, server, Math.min(dialTimeoutMs, withinMs)),
    (dialled) => 'nc' in dialled,
  );
  if ('error' in value) {
    const said = `${host.machine} can't connect to NATS at ${urlOf(server)} within ${withinMs} ms: ${value.error}`;
    throw value.refused ? new NotSeen(said) : new Error(`${said}. Look at the log of that server`);
  }
  const { nc } = value;
  const signal = cancelled();
  const cut = (): void => void nc.close();
  signal.addEventListener('abort', cut, { once: true });
  try {
    return await work(nc);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cut);
    await nc.close();
  }
}

/** Until the server has taken all that was sent. Throws when the connection is closed first: the library's own flush then never ends. */
export async function flushed(nc: NatsConnection): Promise<void> {
  const closed = nc.closed().then(() => {
    throw new Error(`The connection to NATS at ${nc.getServer()} was closed before it was flushed`);
  });
  await Promise.race([nc.flush(), closed]);
}

/** Looks nothing up first: the account's information needs a quorum that may not be there. */
export async function managerOf(nc: NatsConnection): Promise<JetStreamManager> {
  return nc.jetstreamManager({ timeout: apiTimeoutMs, checkAPI: false });
}

/** Tries again until it works; throws the last error when the time is over. */
export async function retrying<T>(withinMs: number, work: () => Promise<T>): Promise<T> {
  const attempt = (): Promise<{ result: T } | { error: unknown }> =>
    work().then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
  const { value } = await until(withinMs, attempt, (tried) => 'result' in tried, 500);
  if ('error' in value) throw value.error;
  return value.result;
}
