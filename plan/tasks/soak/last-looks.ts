// The rows of the days' checkpoints as they are looked at after the soak.
import { looksByDay } from '../../schema/days.ts';
import type { Plan } from '../../schema/plan.ts';

/** In a week of before that was the checkpoint itself. */
export function lastLook(plan: Plan, day: number): string {
  return looksByDay(plan) ? `week.day-${day}` : `checkpoint.day-${day}`;
}
