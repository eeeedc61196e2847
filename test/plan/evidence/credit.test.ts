// Only what was sampled earns credit in a watched window, and only where all of its machines were sampled at the same time.
import { describe, expect, it } from 'vitest';
import { creditOfAll, sampledMs } from '../../../plan/evidence/credit.ts';
import { endsEarly, observationOf, observingFrom, type Seen, withSample } from '../../../plan/evidence/observing.ts';
import type { Ranges } from '../../../plan/evidence/sequence-sets.ts';

const interval = 15_000;
const observed = (fromMs: number, toMs: number, samples: number, seen?: Ranges) => ({
  fromMs,
  toMs,
  samples,
  ...(seen && { seen }),
});

it.each([
  ['a slice that was sampled throughout', observed(0, 60_000, 5), 60_000],
  ['a gap: two samples of five', observed(0, 60_000, 2), 30_000],
  ['no sample at all', observed(0, 60_000, 0), 0],
  ['more samples than fit in the time', observed(0, 60_000, 9), 60_000],
  ['no time', observed(5_000, 5_000, 1), 0],
  ['a clock that went back', observed(5_000, 4_000, 1), 0],
])('credits %s', (_what, observation, creditMs) => {
  expect(sampledMs(observation, interval)).toBe(creditMs);
  expect(creditOfAll([observation], 1, interval)).toBe(creditMs);
});

describe('a window of two machines', () => {
  const whole = observed(0, 60_000, 5);

  it('earns what both saw: nothing when one of them was not asked, or none', () => {
    expect(creditOfAll([whole, observed(0, 30_000, 3)], 2, interval)).toBe(30_000);
    expect(creditOfAll([whole], 2, interval)).toBe(0);
    expect(creditOfAll([], 2, interval)).toBe(0);
    expect(creditOfAll([], 0, interval)).toBe(0);
  });

  it('earns nothing where each saw half, but another one', () => {
    expect(creditOfAll([observed(0, 30_000, 3), observed(30_000, 60_000, 3)], 2, interval)).toBe(0);
    const early = observed(0, 60_000, 5, [[0, 29_999]]);
    const late = observed(0, 60_000, 5, [[20_000, 59_999]]);
    expect(creditOfAll([early, late], 2, interval)).toBe(10_000);
  });
});

describe('an observation', () => {
  const up: Seen = { name: 'container edgehub', life: 'first' };
  const silent: Seen = { name: 'container edgehub', unknown: 'Docker does not answer' };
  const down: Seen = { name: 'container edgehub', error: 'edgehub is exited' };
  /** One look each second. */
  const looked = (looks: Seen[], lives?: Record<string, string>) =>
    looks.reduce((state, look, index) => withSample(state, index * 1_000, [look], 1_000), observingFrom(0, { lives }));
  const at = (looks: Seen[], toMs = looks.length * 1_000) => observationOf(looked(looks), toMs, 1_000);

  it('has seen the time between its looks, and after one that no other follows in time, one interval', () => {
    expect(at([up, up, up])).toMatchObject({ seen: [[0, 2_999]], samples: 3, longestGapMs: 1_000 });
    expect(at([up, up], 60_000)).toMatchObject({ seen: [[0, 1_999]], longestGapMs: 59_000 });
  });

  it('has not seen what nobody could tell: that is neither up nor down, and ends no run of downs', () => {
    const seen = at([up, silent, silent, up]);
    expect(seen.seen).toEqual([
      [0, 999],
      [3_000, 3_999],
    ]);
    expect(seen.targets['container edgehub']).toEqual({
      up: 2,
      down: 0,
      longestDown: 0,
      unknown: 2,
      firstUnknown: 'Docker does not answer',
    });
    expect(creditOfAll([seen], 1, 1_000)).toBe(2_000);
    expect(at([down, silent, down]).targets['container edgehub']).toMatchObject({ down: 2, longestDown: 2 });
    expect(endsEarly(looked([silent, silent, silent]), 1)).toBe(false);
  });

  it('of what was known before has another start for a restart', () => {
    expect(looked([up], { 'container edgehub': 'first' }).restarted).toEqual([]);
    const other = looked([up], { 'container edgehub': 'before the reboot' });
    expect(other.restarted).toEqual(['container edgehub']);
    expect(endsEarly(other, 1_000)).toBe(true);
    expect(looked([up]).restarted).toEqual([]);
  });
});
