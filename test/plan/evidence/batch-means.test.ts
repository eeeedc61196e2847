// Intervals of series that follow themselves: they hold the truth as often as they say, and tell a change from noise.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesNeeded, changeOf, meanOf, tQuantile } from '../../../plan/evidence/batch-means.ts';
import { holds } from '../../property.ts';

/** Uniform numbers of a seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normal = (next: () => number) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** Means of batches of a series each of whose values follows the one before it by `follows`. */
function batchesOf(next: () => number, { batches, size, follows }: { batches: number; size: number; follows: number }) {
  let value = normal(next) / Math.sqrt(1 - follows ** 2);
  return Array.from({ length: batches }, () =>
    meanOf(
      Array.from({ length: size }, () => {
        value = follows * value + normal(next);
        return value;
      }),
    ),
  );
}

const weeks = 1_000;

/** How often of a thousand the interval of two equal series does not hold the difference of nothing, in percent. */
function wrong(series: { batches: number; size: number; follows: number }): number {
  const next = numbers(20_261_127);
  const missed = Array.from({ length: weeks }, () => changeOf(batchesOf(next, series), batchesOf(next, series))).filter(
    ({ low, high }) => low > 0 || high < 0,
  );
  return (100 * missed.length) / weeks;
}

describe('the interval of a change', () => {
  it('is wrong as often as it says, about one time in twenty, for independent values', () => {
    const missed = wrong({ batches: 20, size: 10, follows: 0 });
    expect(missed).toBeGreaterThan(2);
    expect(missed).toBeLessThan(7);
  });

  it('is hardly wrong more often where each value follows the last, with batches longer than that lasts', () => {
    expect(wrong({ batches: 20, size: 100, follows: 0.9 })).toBeLessThan(8);
  });

  it('makes up for batches that still follow each other, where single values taken for independent are wrong most of the time (negative control)', () => {
    expect(wrong({ batches: 20, size: 10, follows: 0.9 })).toBeLessThan(20);
    const next = numbers(1);
    const single = Array.from({ length: 200 }, () => {
      const [before, after] = [1, 2].map(() => batchesOf(next, { batches: 200, size: 1, follows: 0.9 }));
      const spread = (values: number[]) => meanOf(values.map((value) => (value - meanOf(values)) ** 2)) / values.length;
      const half = 1.96 * Math.sqrt(spread(before!) + spread(after!));
      return Math.abs(meanOf(after!) - meanOf(before!)) > half;
    }).filter(Boolean);
    expect(single.length).toBeGreaterThan(100);
  });

  it('hardly moves with what is in less than a quarter of the batches, and with what stays in all of them', () => {
    const still = Array.from({ length: 20 }, (_, index) => 5 + (index % 2) / 10);
    const burst = still.map((value, index) => (index >= 7 && index < 11 ? value + 60 : value));
    expect(changeOf(still, burst).high).toBeLessThan(1);
    expect(
      changeOf(
        still,
        still.map((value) => value + 60),
      ).low,
    ).toBeGreaterThan(59);
  });

  it('is narrower by several looks, which one of them that is off does not mend', () => {
    const next = numbers(7);
    const look = () => batchesOf(next, { batches: 20, size: 10, follows: 0.9 });
    const [before, ...after] = [look(), look(), look(), look()] as [number[], ...number[][]];
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const singly = after.map((one) => width(changeOf(before, one)));
    expect(width(changeOf(before, ...after))).toBeLessThan(Math.max(...singly));
  });

  it('grows with the scatter, moves with what is added, and turns with before and after', () => {
    const some = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: batchesNeeded, maxLength: 30 });
    holds(
      fc.property(some, some, fc.double({ min: -1e3, max: 1e3, noNaN: true }), (before, after, more) => {
        const change = changeOf(before, after);
        expect(change.low).toBeLessThanOrEqual(change.mid);
        expect(change.high).toBeGreaterThanOrEqual(change.mid);
        const moved = changeOf(
          before,
          after.map((value) => value + more),
        );
        expect(moved.low).toBeCloseTo(change.low + more, 4);
        const turned = changeOf(after, before);
        expect(turned.low).toBeCloseTo(-change.high, 4);
        expect(turned.mid).toBeCloseTo(-change.mid, 4);
      }),
      500,
    );
  });

  it('is no interval with too few batches, and has no width without scatter', () => {
    expect(changeOf([1], [3, 5])).toEqual({ low: 3, mid: 3, high: 3, told: false });
    const same = (value: number) => Array.from({ length: batchesNeeded }, () => value);
    expect(changeOf(same(2), same(190))).toEqual({ low: 188, mid: 188, high: 188, told: true });
  });
});

it.each([
  [2, 4.303],
  [4, 2.776],
  [19, 2.093],
  [1e6, 1.96],
])("has Student's t of %s degrees of freedom", (degrees, t) => {
  expect(Math.abs(tQuantile(degrees) - t)).toBeLessThan(0.04);
});
