// The life of a worker process: it connects to Temporal, however long that takes, and works until it is told to end.
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { workerIdentity } from '../plan/worker-identity.ts';
import { reasonOf, say, sdkLogger } from './log.ts';
import { serveMetrics, type Metrics } from './metrics.ts';
import { aborted, runWorkers, type Together } from './run-workers.ts';

const connectMs = 10_000;
const firstWaitMs = 500;
/** An order that is given as soon as Temporal is back waits for this; its command waits for six seconds in all. */
const longestWaitMs = 2_000;

/**
 * Runs a worker on each of the queues until SIGTERM or SIGINT. `name` is the machine's, or "control", `build` the digest. While Temporal can't be reached
 * it tries again and again. `beside` runs while the workers do. Throws only when the settings of connection or metrics can't be used.
 */
export async function serve(
  name: string,
  build: string,
  queues: string[],
  options: Omit<WorkerOptions, 'connection' | 'namespace' | 'identity' | 'taskQueue'>,
  beside?: Beside,
): Promise<void> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const address = connectionOptions.address ?? 'localhost:7233';
  const stopping = untilSignal();
  const metrics = await serveMetrics(process.env);
  const sdkMetrics = metrics && { metrics: { prometheus: { bindAddress: metrics.sdkAddress } } };
  Runtime.install({
    logger: sdkLogger(),
    shutdownSignals: [],
    // Its poller would keep a worker that ends for up to half a minute, and nobody looks at what it tells the server.
    workerHeartbeatInterval: 0,
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} }, ...sdkMetrics },
  });

  for (let waitMs = firstWaitMs; !stopping.aborted; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      const connection = await connect({ ...connectionOptions, address }, stopping);
      try {
        const create = (taskQueue: string) =>
          Worker.create({
            ...options,
            taskQueue,
            connection,
            namespace,
            identity: workerIdentity(name, process.pid, hostname(), build),
            shutdownGraceTime: '1s',
            shutdownForceTime: '5s',
          });
        await runWorkers(create, queues, stopping, async (workers) => {
          say('INFO', `worker of ${name} is ready`, { queue: queues.join(', '), temporal: address, namespace });
          await beside?.({ ...workers, client: new Client({ connection, namespace }), metrics });
        });
        waitMs = firstWaitMs;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (stopping.aborted) break;
      say('WARN', `worker of ${name} has no connection to Temporal, next try in ${waitMs} ms`, {
        temporal: address,
        error: reasonOf(error),
      });
    }
    // Also before workers are renewed, which could go on and on.
    await setTimeout(waitMs, undefined, { signal: stopping }).catch(() => undefined);
  }
  await metrics?.close();
  say('INFO', `worker of ${name} ends`, { signal: String(stopping.reason) });
}

/** Something that goes on while a worker runs, until `ended`. */
export type Beside = (at: Together & { client: Client; metrics: Metrics | null }) => Promise<void>;

/** Aborted by the signal that ends the process. */
function untilSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => controller.abort(signal));
  return controller.signal;
}

async function connect(
  options: Parameters<typeof NativeConnection.connect>[0],
  stopping: AbortSignal,
): Promise<NativeConnection> {
  const connecting = NativeConnection.connect(options);
  const over = new AbortController();
  try {
    const late = setTimeout(connectMs, 'late', { signal: over.signal });
    const first = await Promise.race([connecting, late, aborted(stopping)]);
    if (first instanceof NativeConnection) return first;
    // Should it come after all, nobody wants it.
    connecting.then((connection) => connection.close()).catch(() => undefined);
    throw new Error(`no connection within ${connectMs / 1000} s`);
  } finally {
    over.abort();
  }
}
