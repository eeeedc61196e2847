// Takes out what a step left in the state beside its record, so that it can be done again.
import type { WeekState } from '../week/state.ts';
import type { Row } from './row.ts';
import { factsOf } from './steps.ts';

export function forgetStep(state: WeekState, row: Pick<Row, 'id' | 'watches' | 'keeps'>): void {
  delete state.windows[row.id];
  for (const fact of factsOf(row)) delete state.facts[fact];
}
