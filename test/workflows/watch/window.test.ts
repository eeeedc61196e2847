// Only what was sampled earns credit in a watched window.
import { expect, it } from 'vitest';
import { creditOf, creditOfAll } from '../../../workflows/watch/window.ts';

const observed = (fromMs: number, toMs: number, samples: number) => ({
  fromMs,
  toMs,
  samples,
  longestGapMs: 0,
  targets: {},
  restarted: [],
});

it.each([
  ['a slice that was sampled throughout', observed(0, 60_000, 5), 60_000],
  ['a gap: two samples of five', observed(0, 60_000, 2), 30_000],
  ['no sample at all', observed(0, 60_000, 0), 0],
  ['more samples than fit in the time', observed(0, 60_000, 9), 60_000],
  ['no time', observed(5_000, 5_000, 1), 0],
  ['a clock that went back', observed(5_000, 4_000, 1), 0],
])('credits %s', (_what, observation, creditMs) => {
  expect(creditOf(observation, 15_000)).toBe(creditMs);
});

it('credits what every machine saw: nothing when one of them was not asked to the end, or all of them', () => {
  const [whole, half] = [observed(0, 60_000, 5), observed(0, 30_000, 3)];
  expect(creditOfAll([whole, half], 2, 15_000)).toBe(30_000);
  expect(creditOfAll([whole], 2, 15_000)).toBe(0);
  expect(creditOfAll([], 2, 15_000)).toBe(0);
});
