// One HTTP request as a measurement: what came back and how long it took.
import type { Probe } from '../../plan/machine-api/host.ts';
import { cancelled } from '../context/cancellation.ts';
import { until } from '../context/polling.ts';
import { request } from './request.ts';

/** A request on a connection of its own: a kept one can hang on a fault that is long over. Throws only when cancelled. */
export async function probe(url: string, timeoutMs: number): Promise<Probe> {
  const started = performance.now();
  const latencyMs = () => Math.round((performance.now() - started) * 100) / 100;
  try {
    const { status } = await request(url, { timeoutMs, headers: { connection: 'close' } });
    return { url, ok: status >= 200 && status <= 299, status, latencyMs: latencyMs() };
  } catch (error) {
    cancelled().throwIfAborted();
    return { url, ok: false, latencyMs: latencyMs(), error: (error as Error).message };
  }
}

/** Asks until the answer is 2xx or the time is over; gives the last answer. */
export async function awaitReady(url: string, withinMs: number): Promise<Probe & { waitedMs: number }> {
  const { value, waitedMs } = await until(
    withinMs,
    () => probe(url, Math.min(2_000, withinMs)),
    ({ ok }) => ok,
  );
  return { ...value, waitedMs };
}
