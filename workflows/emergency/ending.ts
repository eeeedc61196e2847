// How a week ends that was rolled back.
import { tasksIn, undoRows } from '../../plan/tasks/steps.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { isOpen } from './verify-undone.ts';

/** The reason stays to be seen: the records that say why are in the history now. */
export function endRolledBack(state: WeekState): void {
  state.status = state.without ? 'rolled back in part' : 'rolled back';
  state.phase = 'end';
}

/** After a rollback of everything of which nothing holds up the end any more: all of it was undone, and what was found else is accepted. */
export function endIfUndone(state: WeekState): boolean {
  const { rollback, records, plan } = state;
  // As it was left: nothing was done since.
  if (rollback?.scope !== 'all' || !rollback.verifiedAt || !state.stood) return false;
  const holds = undoRows(tasksIn(plan)).some(({ id }) => isOpen(records[id]));
  if (holds || state.undone.some(({ result }) => result === 'failed')) return false;
  state.held = { reason: rollback.reason, since: rollback.startedAt };
  endRolledBack(state);
  return true;
}
