// Workers that run together: the first that fails takes the others with it, and all have ended before that is said.
import { setTimeout } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';
import { reasonOf, say } from './log.ts';

/** What goes on beside has so long to end: in the middle of a replay it would take minutes, and the week waits for its worker. */
const besideMs = 1_000;

/** Serves one more queue, until `until` or with the others. */
export type AlsoServe = (queue: string, until: AbortSignal) => Promise<void>;

export interface Together {
  ended: AbortSignal;
  /** Ends them all, for others to begin. */
  renew: () => void;
  alsoServe: AlsoServe;
}

/** Runs a worker on each queue until `stopping`, and `beside` while they do. Throws what failed first: what the others say as they end comes of it. */
export async function runWorkers(
  create: (queue: string) => Promise<Pick<Worker, 'runUntil'>>,
  queues: readonly string[],
  stopping: AbortSignal,
  beside: (workers: Together) => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const failures: unknown[] = [];
  const running: Promise<void>[] = [];
  const end = () => over.abort();
  const fail = (error: unknown) => {
    failures.push(error);
    end();
  };
  // A worker holds its connection until it has ended, which only one that runs can do: so it runs at once.
  const serve = async (queue: string, until: AbortSignal) => {
    const made = create(queue);
    // One that is still being made is waited for too; why it can't be is for who asked.
    running.push(
      made
        .then(
          (worker) => worker.runUntil(aborted(until)),
          () => undefined,
        )
        .catch(fail),
    );
    await made;
  };
  stopping.addEventListener('abort', end, { once: true });
  if (stopping.aborted) end();
  try {
    for (const queue of queues) await serve(queue, over.signal);
    const alsoServe: AlsoServe = async (queue, until) => {
      // Nobody would wait for its end.
      over.signal.throwIfAborted();
      await serve(queue, AbortSignal.any([until, over.signal]));
    };
    const alone = new AbortController();
    void beside({ ended: over.signal, renew: end, alsoServe })
      .catch((error: unknown) => say('ERROR', 'what goes on beside the worker ended', { error: reasonOf(error) }))
      .finally(() => alone.abort());
    await aborted(over.signal);
    await setTimeout(besideMs, undefined, { signal: alone.signal }).catch(() => undefined);
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  stopping.removeEventListener('abort', end);
  if (failures.length > 0) throw failures[0];
}

export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
