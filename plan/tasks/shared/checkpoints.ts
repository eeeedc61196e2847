// The checkpoints of the days: looked at when the work of their day is done, and again after the soak.
import { looksByDay } from '../../schema/days.ts';
import type { Plan } from '../../schema/plan.ts';
import type { Row } from '../row.ts';

/** None in a week of before, which looked after the soak alone. */
export function atDaysEnd(plan: Plan, row: Row): Row[] {
  return looksByDay(plan) ? [row] : [];
}
