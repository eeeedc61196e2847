// When what fails in a watched window is an issue: in a row, and in all, wherever the slices end.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  downNow,
  failedAtMost,
  failsTooOften,
  textKept,
  textsAtMost,
  type Watched,
  withSlice,
} from '../../../plan/evidence/watched.ts';
import type { Observation } from '../../../plan/machine-api/measure.ts';
import { holds } from '../../property.ts';

const bounds = { tolerate: 2, sampleInterval: 100, failedAtMost: 0.1 };

/** What a machine tells of samples of one target: true is up. */
function observed(samples: boolean[], before: number): Observation {
  const runs = samples.reduce<number[]>((all, up) => [...all, up ? 0 : (all.at(-1) ?? before) + 1], []);
  const up = samples.filter(Boolean).length;
  return {
    fromMs: 0,
    toMs: 100 * samples.length,
    samples: samples.length,
    longestGapMs: 100,
    targets:
      samples.length === 0
        ? {}
        : {
            hub: {
              up,
              down: samples.length - up,
              longestDown: Math.max(0, ...runs),
              ...(runs.at(-1) && { downNow: runs.at(-1) }),
            },
          },
    restarted: [],
  };
}

it('counts a run that goes on in the next slice as one, wherever the slices end', () => {
  const slices = fc.array(fc.array(fc.boolean(), { maxLength: 6 }), { minLength: 1, maxLength: 8 });
  holds(
    fc.property(slices, (all) => {
      let targets: Watched['targets'] = {};
      for (const samples of all) targets = withSlice(targets, [observed(samples, downNow(targets)['hub'] ?? 0)]);
      const whole = withSlice({}, [observed(all.flat(), 0)]);
      expect(targets).toEqual(whole);
    }),
    500,
  );
});

it('takes what a worker of before tells, of each slice for itself', () => {
  const { hub: inARow } = withSlice({ hub: { up: 1, down: 2, longestDown: 2, downNow: 2 } }, [
    { ...observed([], 0), targets: { hub: { up: 3, down: 1, longestDown: 1 } } },
  ]);
  expect(inARow).toEqual({ up: 4, down: 3, longestDown: 2 });
});

it.each([
  ['a day', 86_400_000, 15_000, 5],
  ['an hour of the same, which is too short for a share', 3_600_000, 15_000, 2],
  ['a rehearsal', 30_000, 1_000, 2],
])('lets fail in %s', (_what, wantedMs, sampleInterval, atMost) => {
  expect(failedAtMost(wantedMs, 0, { ...bounds, sampleInterval })).toBe(atMost);
});

it('never lets fail more than the share of all, but what is tolerated in a row, and calls one more an issue at once', () => {
  const sizes = { up: fc.nat(20_000), down: fc.nat(20_000), wanted: fc.nat(20_000) };
  holds(
    fc.property(fc.record(sizes), ({ up, down, wanted }) => {
      const inAll = Math.max(up + down, wanted);
      const allowed = failedAtMost(100 * wanted, up + down, bounds);
      expect(allowed).toBeLessThanOrEqual(Math.max(bounds.tolerate, inAll / 1_000 + 1e-6));
      expect(failsTooOften({ up, down, longestDown: 1 }, 100 * wanted, bounds)).toBe(down > allowed);
    }),
    500,
  );
});

it('bounds nothing but a row in a week that began without the key', () => {
  const tally = { up: 1, down: 1_000, longestDown: 1 };
  expect(failsTooOften(tally, 1_000, { tolerate: 2, sampleInterval: 100 })).toBe(false);
});

it('counts what nobody could say, and keeps what some of the targets said', () => {
  const many = Array.from({ length: 2 * textsAtMost }, (_, index) => `agent-${index}`);
  const slice = (one: Partial<Observation['targets'][string]>) => ({
    ...observed([], 0),
    targets: Object.fromEntries(many.map((name) => [name, { up: 1, down: 0, longestDown: 0, ...one }])),
  });
  const text = 'x'.repeat(2 * textKept);
  const targets = [{ down: 1, firstError: text }, { unknown: 2, firstUnknown: text }, { unknown: 3 }].reduce(
    (soFar, one) => withSlice(soFar, [slice(one)]),
    {} as Watched['targets'],
  );
  for (const name of many) expect(targets[name]).toMatchObject({ up: 3, down: 1, unknown: 5 });
  const saying = Object.values(targets).filter(({ firstError }) => firstError !== undefined);
  expect(saying).toHaveLength(textsAtMost);
  for (const { firstError, firstUnknown } of saying)
    expect([firstError, firstUnknown]).toEqual(Array(2).fill(text.slice(0, textKept)));
  expect(Object.values(targets).filter(({ firstUnknown }) => firstUnknown !== undefined)).toEqual(saying);
});
