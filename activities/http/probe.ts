// One HTTP request as a measurement: what came back and how long it took.
import type { Probe } from '../../plan/machine-api/host.ts';
import { until } from '../context/polling.ts';
import { urlOf } from '../../plan/machine-api/target.ts';
import type { Reach } from './reach.ts';
import { whyRefused } from './refused.ts';
import { request, withoutAnswer } from './request.ts';

/** A request on a connection of its own: a kept one can hang on a fault that is long over. Throws only when cancelled. */
export async function probe(target: string | Reach, timeoutMs: number): Promise<Probe> {
  const url = urlOf(target);
  const started = performance.now();
  const latencyMs = () => Math.round((performance.now() - started) * 100) / 100;
  try {
    const { status, text } = await request(target, { timeoutMs, headers: { connection: 'close' } });
    const refused = whyRefused(target, { status, text });
    return {
      url,
      ok: status >= 200 && status <= 299,
      status,
      latencyMs: latencyMs(),
      ...(refused && { error: `answered ${status}${refused}`, unknown: true }),
    };
  } catch (error) {
    return withoutAnswer(url, latencyMs(), error as Error);
  }
}

/** Asks until the answer is 2xx or the time is over; gives the last answer. */
export async function awaitReady(target: string | Reach, withinMs: number): Promise<Probe & { waitedMs: number }> {
  const { value, waitedMs } = await until(
    withinMs,
    () => probe(target, Math.min(2_000, withinMs)),
    ({ ok }) => ok,
  );
  return { ...value, waitedMs };
}
