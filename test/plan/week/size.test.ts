// The largest state that a plan's week can have: what is tried fits, and what could not is said before.
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { Calendar } from '../../../plan/calendar/schema.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { readPlan } from '../../../plan/schema/read.ts';
import { largestState, whyTooLarge } from '../../../plan/week/size.ts';
import { bytesOf } from '../../../plan/week/bytes.ts';
import { worstCase } from './worst-case.ts';
import { wavesPlan } from '../../plans/waves.ts';

vi.setConfig({ testTimeout: 60_000 });

const week1 = readPlan(readFileSync(new URL('../../../plan/week1.yaml', import.meta.url), 'utf8'), 'week1.yaml');
const withCalendar = (plan: Plan): Plan => ({
  ...plan,
  calendar: Calendar.parse({ zone: 'Europe/Berlin', disturb: 'Mon-Thu 09:00-17:00' }),
});
const totalOf = (parts: Record<string, number>) => Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);

test('the week itself is small, and 300 agents fit', () => {
  expect(totalOf(largestState(week1))).toBeLessThan(2 ** 20);
  expect(whyTooLarge(week1)).toBeUndefined();
  expect(whyTooLarge(wavesPlan(300))).toBeUndefined();
  expect(whyTooLarge(withCalendar(wavesPlan(300)))).toBeUndefined();
});

test.each([
  ['week1', week1],
  ['waves', wavesPlan(300)],
  ['week1 with a calendar', withCalendar(week1)],
])('a state of %s that has all that it can have fits, and is no larger than was said', (_, plan) => {
  for (const undone of [false, true]) {
    const state = worstCase(plan, undone);
    const bytes = bytesOf(state);
    const [, records = 0, history = 0] = Object.values(largestState(plan));
    expect(bytesOf(state.records)).toBeLessThanOrEqual(records);
    expect(bytesOf(state.history)).toBeLessThanOrEqual(history);
    expect(bytes).toBeLessThan(2 * 2 ** 20);
    expect(bytes).toBeLessThanOrEqual(totalOf(largestState(plan)));
  }
});

test('a plan that is too large is refused with the numbers of its parts, the largest first', () => {
  expect(whyTooLarge(wavesPlan(600))).toMatch(
    /^the state of its week can become 3\.\d\d MiB, and Temporal takes 2\.00 MiB, of which 64 KiB are kept for what a later build adds: 5542 records .* MiB, what is under way of 600 pilots, .* KiB\. Move fewer pilots/,
  );
});
