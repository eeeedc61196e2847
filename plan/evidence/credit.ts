// What a watched window earns: the time that all of its machines observed, each of them at the same time. Pure.
import type { Observation } from '../machine-api/measure.ts';
import { common, type Ranges, sizeOf } from './sequence-sets.ts';

type Observed = Pick<Observation, 'fromMs' | 'toMs' | 'samples' | 'seen'>;

/** One that nobody asked, or that did not answer, has seen nothing, and then nothing was seen by all. */
export function creditOfAll(observed: Observed[], machines: number, intervalMs: number): number {
  if (machines === 0 || observed.length < machines) return 0;
  const together = observed.map(spansOf).reduce((one, other) => common(one, other));
  return Math.min(sizeOf(together), ...observed.map((one) => sampledMs(one, intervalMs)));
}

/** As it was before: each machine's own time, whenever that was. */
export function creditOfEach(observed: Observed[], machines: number, intervalMs: number): number {
  return observed.length < machines ? 0 : Math.min(...observed.map((one) => sampledMs(one, intervalMs)));
}

/** Only sampled time counts: a gap is unknown, and earns nothing. */
export function sampledMs({ fromMs, toMs, samples }: Observed, intervalMs: number): number {
  return Math.max(0, Math.min(toMs - fromMs, samples * intervalMs));
}

/** Workers of before tell from when to when they observed, and how often. */
export function spansOf({ fromMs, toMs, seen }: Observed): Ranges {
  return seen ?? (toMs > fromMs ? [[fromMs, toMs - 1]] : []);
}
