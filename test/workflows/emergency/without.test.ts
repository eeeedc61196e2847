// Which machines a level 3 goes on without at its deadline.
import { expect, test } from 'vitest';
import type { Undoing } from '../../../plan/week/state.ts';
import { whyLeft } from '../../../workflows/emergency/without.ts';
import type { Week } from '../../../workflows/week.ts';
import { good } from '../../plan/evidence/good-week.ts';

const { plan } = good();

/** Those of the plan that are left at the deadline, of which some are missing and others were left before. */
function leftAtDeadline(machines: string[], missing: string[], without: string[] = []): string[] {
  const week = {
    plan: { ...plan, machines: machines.map((name) => ({ name })) },
    waiting: () => [],
    isMissing: (machine: string) => missing.includes(machine),
  } as unknown as Week;
  const undoing = { without: Object.fromEntries(without.map((name) => [name, 'left out'])) } as unknown as Undoing;
  return machines.filter((machine) => whyLeft({ week, undoing }, machine, true) !== undefined);
}

test('those whose workers are missing are left, all of them at once', () => {
  expect(leftAtDeadline(['A', 'B', 'C'], ['B'])).toEqual(['B']);
  expect(leftAtDeadline(['A', 'B', 'C'], ['B', 'C'])).toEqual(['B', 'C']);
});

test('none where none is there: without any machine nothing would be undone', () => {
  expect(leftAtDeadline(['A', 'B'], ['A', 'B'])).toEqual([]);
  expect(leftAtDeadline(['A'], ['A'])).toEqual([]);
  // Of the last one it is not known what stands there.
  expect(leftAtDeadline(['A', 'B'], ['A'], ['B'])).toEqual(['B']);
});
