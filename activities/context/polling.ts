// Measuring until it is enough.
import { cancelled, pause } from './cancellation.ts';

export interface Polled<T> {
  value: T;
  done: boolean;
  waitedMs: number;
}

/** Measures again and again until `enough` or the time is over; gives the last measurement. Throws only when cancelled. */
export async function until<T>(
  withinMs: number,
  measure: () => Promise<T>,
  enough: (value: T) => boolean,
  everyMs = 250,
): Promise<Polled<T>> {
  const started = performance.now();
  for (;;) {
    const value = await measure();
    const waitedMs = Math.round(performance.now() - started);
    cancelled().throwIfAborted();
    if (enough(value)) return { value, done: true, waitedMs };
    if (waitedMs + everyMs > withinMs) return { value, done: false, waitedMs };
    await pause(everyMs);
  }
}
