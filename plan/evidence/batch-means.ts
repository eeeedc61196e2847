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

/** Left out of the mean at either end. */
const trimmed = 0.25;

/** The mean of some batches, how far it may be off, and what that is worth. */
interface Spread {
  mean: number;
  /** Of the mean. */
  variance: number;
  degrees: number;
}

/** The 95 % interval of the mean of some series, each as good as any other, less that of one before them (Welch's). */
export function changeOf(before: number[], ...after: number[][]): Change {
  const [was, ...is] = [before, ...after].map(spreadOf) as [Spread, ...Spread[]];
  const mid = meanOf(is.map(({ mean }) => mean)) - was.mean;
  if (Math.min(before.length, ...after.map(({ length }) => length)) < batchesNeeded)
    return { low: mid, mid, high: mid, told: false };
  const parts = [was, ...is.map((one) => ({ ...one, variance: one.variance / is.length ** 2 }))];
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  // Without any scatter there is no share in it.
  const shares = parts.map((part) => (variance === 0 ? 0 : part.variance / variance) ** 2 / part.degrees);
  const degrees = 1 / shares.reduce((sum, share) => sum + share, 0);
  const half = tQuantile(degrees) * Math.sqrt(variance);
  return { low: mid - half, mid, high: mid + half, told: true };
}

/** Half the 95 % interval of the mean of batches that were only counted; null where there are too few. */
export function halfOf({ count, m2 }: Moments): number | null {
  return count < batchesNeeded ? null : tQuantile(count - 1) * Math.sqrt(m2 / (count - 1) / count);
}

/** The mean of the middle half: what is unlike the others for less than a quarter of the time is not in it. */
export function middleOf(values: number[]): number {
  return meanOf(middleHalf(values));
}

function middleHalf(values: number[]): number[] {
  const cut = Math.floor(trimmed * values.length);
  return [...values].sort((a, b) => a - b).slice(cut, values.length - cut);
}

export function meanOf(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/**
 * By the middle half of the batches (Yuen's trimmed mean): a neighbour's job takes all of a link for a minute or two, and is not the week's. What is left
 * of the dependence between a batch and the next makes them worth fewer.
 */
function spreadOf(batches: number[]): Spread {
  const middle = middleHalf(batches);
  const [lowest, highest] = [middle[0] ?? 0, middle.at(-1) ?? 0];
  const held = batches.map((value) => Math.min(highest, Math.max(lowest, value)));
  const apart = held.map((value) => value - meanOf(held));
  const squares = apart.reduce((sum, value) => sum + value ** 2, 0);
  const products = apart.slice(1).reduce((sum, value, index) => sum + value * apart[index]!, 0);
  const lag = squares === 0 ? 0 : Math.min(0.9, Math.max(0, products / squares));
  const worth = (1 - lag) / (1 + lag);
  return {
    mean: meanOf(middle),
    variance: squares / (Math.max(1, middle.length - 1) * middle.length * worth),
    // Of how they scatter, which is better known than their mean. With fewer than four the interval is wider, and hardly ever righter.
    degrees: Math.max(4, ((middle.length - 1) * (1 - lag ** 2)) / (1 + lag ** 2)),
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
