// A day's checkpoint: looked at when the work of its day is done, so that it gates what follows, and again after the soak.
import type { Evaluation } from '../../../plan/week/record.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { everywhere } from './asks.ts';

/** What one looks at; `row` is the one under which it is looked at. */
export type Holds = (week: Week, on: On, row: string) => Promise<Evaluation>;

export function checkpoint(week: Week, row: string, holds: Holds): Promise<void> {
  return week.step(
    row,
    everywhere(week.plan),
    (on) => holds(week, on, row),
    (found) => found,
  );
}
