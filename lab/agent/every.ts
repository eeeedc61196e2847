// Runs a task at a steady pace until told to stop.
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.ts';

/** The first run is at once; runs never overlap. A run that throws is an ERROR in the log, and the next one comes as usual. */
export async function every(
  intervalMs: number,
  stop: AbortSignal,
  log: Log,
  task: () => void | Promise<void>,
): Promise<void> {
  let dueAt = performance.now();
  while (!stop.aborted) {
    try {
      await task();
    } catch (error) {
      log.error('a task failed', { error: (error as Error).stack ?? String(error) });
    }
    dueAt = Math.max(dueAt + intervalMs, performance.now());
    await delay(Math.max(0, dueAt - performance.now()), undefined, { signal: stop }).catch(() => {});
  }
}
