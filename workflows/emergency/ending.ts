// How a week ends that was rolled back.
import { tasksIn, undoRows } from '../../plan/tasks/steps.ts';
import { acceptedBy, waivedIn } from '../../plan/week/accepted.ts';
import { namesWithout, type WeekState } from '../../plan/week/state.ts';
import { isOpen } from './verify-undone.ts';

/** The reason stays to be seen: the records that say why are in the history now. */
export function endRolledBack(state: WeekState): void {
  state.status = state.without ? 'rolled back in part' : 'rolled back';
  state.phase = 'end';
}

/** What failed on a machine that it goes without is what is open there: nobody can mend it now. What a person accepted stays. */
export function isFailure(entry: WeekState['undone'][number], state: WeekState): boolean {
  const { rollback, records } = state;
  if (entry.result !== 'failed' || namesWithout(state).includes(entry.machine)) return false;
  return !acceptedBy(entry, { rollback, waivedOf: waivedIn(records) });
}

/** After a rollback of everything of which nothing holds up the end any more: all of it was undone, and what was found else is accepted. */
export function endIfUndone(state: WeekState): boolean {
  const { rollback, records, plan } = state;
  // As it was left: nothing was done since.
  if (rollback?.scope !== 'all' || !rollback.verifiedAt || !state.stood) return false;
  const holds = undoRows(tasksIn(plan)).some(({ id }) => isOpen(records[id]));
  if (holds || state.undone.some((entry) => isFailure(entry, state))) return false;
  state.held = { reason: rollback.reason, since: rollback.startedAt };
  endRolledBack(state);
  return true;
}
