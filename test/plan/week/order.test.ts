// What a hold is about, whichever build began it.
import { expect, it } from 'vitest';
import { type Hold, rowHeld } from '../../../plan/week/order.ts';

const wait = { on: 'a person', step: '2A.check.restart', command: 'hubshift retry 2A.check.restart' };
const held = (more: Partial<Hold>): Hold => ({
  kind: 'hold',
  status: 'failed',
  reason: '2A.check.restart did not pass',
  since: 0,
  wait: { ...wait, until: 1 },
  ordered: false,
  ...more,
});

it('the row of a hold of an earlier build is the step of its wait: at its deadline that is done again, and nothing has recovered', () => {
  expect(rowHeld(held({ row: '2A.check.restart' }))).toBe('2A.check.restart');
  expect(rowHeld(held({}))).toBe('2A.check.restart');
});

it('a question of what is down is about no row, nor is an error that nobody foresaw', () => {
  expect(rowHeld(held({ status: 'paused', wait: { ...wait, step: 'emergency', until: 1 } }))).toBeUndefined();
  expect(rowHeld(held({ wait: { ...wait, step: 'the week' } }))).toBeUndefined();
});
