// What a series that follows itself says of its mean: by batches, long enough to be nearly independent (the method of batch means). Pure.
import type { Moments } from './measured.ts';

export interface Change {
  low: number;
  mid: number;
  high: number;
  /** False where there were too few batches for an interval: then all three are the difference that was seen. */
  told: boolean;
}

/** Fewer do not say how they scatter. */
export const batchesNeeded = 5;

/** The mean of some batches, how far it may be off, and what that is worth. */
interface Spread {
  mean: number;
  /** Of the mean. */
  variance: number;
  degrees: number;
}

/** The 95 % interval of the mean of one series less that of another (Welch's). */
export function changeOf(before: number[], after: number[]): Change {
  const [was, is] = [spreadOf(before), spreadOf(after)];
  const mid = is.mean - was.mean;
  if (Math.min(before.length, after.length) < batchesNeeded) return { low: mid, mid, high: mid, told: false };
  const variance = was.variance + is.variance;
  // Without any scatter there is no share in it.
  const share = variance === 0 ? 0 : was.variance / variance;
  const degrees = 1 / (share ** 2 / was.degrees + (1 - share) ** 2 / is.degrees);
  const half = tQuantile(degrees) * Math.sqrt(variance);
  return { low: mid - half, mid, high: mid + half, told: true };
}

/** Half the 95 % interval of the mean of batches that were only counted; null where there are too few. */
export function halfOf({ count, m2 }: Moments): number | null {
  return count < batchesNeeded ? null : tQuantile(count - 1) * Math.sqrt(m2 / (count - 1) / count);
}

export function meanOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** What is left of the dependence between a batch and the next makes them worth fewer. */
function spreadOf(batches: number[]): Spread {
  const mean = meanOf(batches);
  const apart = batches.map((value) => value - mean);
  const squares = apart.reduce((sum, value) => sum + value ** 2, 0);
  const products = apart.slice(1).reduce((sum, value, index) => sum + value * apart[index]!, 0);
  const lag = squares === 0 ? 0 : Math.min(0.9, Math.max(0, products / squares));
  const worth = (1 - lag) / (1 + lag);
  const count = batches.length;
  return {
    mean,
    variance: squares / Math.max(1, count - 1) / (count * worth),
    degrees: Math.max(2, (count - 1) * worth),
  };
}

/** Student's t of 97.5 %, by its expansion around the normal one (Abramowitz and Stegun 26.7.5): to 1 % from two degrees of freedom. */
export function tQuantile(degrees: number): number {
  const z = 1.959964;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((sum, term, power) => sum + term / degrees ** power, 0);
}
