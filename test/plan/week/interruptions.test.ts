// When rows that had begun waited for the week to go on.
import { expect, it } from 'vitest';
import { noteBrokenOff, noteGoesOn } from '../../../plan/week/interruptions.ts';
import type { WeekState } from '../../../plan/week/state.ts';

type Some = Pick<WeekState, 'facts' | 'interruptions'>;
const begun = (): Some => ({ facts: { 'begun 2D.soak': 0 } });

it('is from when no row is done any more until one is, where a row has begun and has no record', () => {
  const state = begun();
  noteBrokenOff(state, 1_000);
  expect(state.interruptions).toEqual({ since: 1_000, times: [] });
  noteGoesOn(state, 5_000);
  noteBrokenOff(state, 6_000);
  noteGoesOn(state, 7_000);
  expect(state.interruptions).toEqual({
    times: [
      [1_000, 5_000],
      [6_000, 7_000],
    ],
  });
});

it('is none between two rows, of which one is over before the other begins', () => {
  const state: Some = { facts: {} };
  noteBrokenOff(state, 1_000);
  noteGoesOn(state, 5_000);
  expect(state.interruptions).toBeUndefined();
});

it('is kept where it was among the longest', () => {
  const state = begun();
  for (let time = 0; time < 30; time += 1) {
    noteBrokenOff(state, time * 10_000);
    noteGoesOn(state, time * 10_000 + (time % 3 === 0 ? 1 : 5_000 + time));
  }
  const times = state.interruptions!.times;
  expect(times).toHaveLength(20);
  expect(times.every(([from, to]) => to - from > 1)).toBe(true);
  expect(times).toEqual(times.toSorted((a, b) => a[0] - b[0]));
});
