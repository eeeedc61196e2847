// After a rollback: every undo row of the tasks that went is looked at, all at once, and leaves a record.
import type { TaskName } from '../../plan/tasks/names.ts';
import type { Results } from '../../plan/tasks/shared/undone.ts';
import { fail } from '../../plan/tasks/shared/verdict.ts';
import { undoRows } from '../../plan/tasks/steps.ts';
import { failureText } from '../machine/failures.ts';
import { HistoryIsLong } from '../orders/interruptions.ts';
import type { UndoCheck } from '../tasks/contract.ts';
import { taskRuns } from '../tasks/index.ts';
import { afterUndo } from '../tasks/shared/undone.ts';
import type { Week } from '../week.ts';

/** Ids of the rows that did not hold. A row that can't be looked at fails; `inconclusive` is for what agents can't show. */
export async function verifyUndone(
  week: Week,
  names: readonly TaskName[],
  undone: Results,
  sinceMs: number,
): Promise<string[]> {
  const after = afterUndo(week, undone, sinceMs);
  const checks = Object.assign({}, ...names.map((name) => taskRuns[name].undoChecks?.(after))) as Record<
    string,
    UndoCheck
  >;
  const rows = undoRows(names);
  let long = false;
  await Promise.all(
    rows.map(async ({ id }) => {
      const check = checks[id];
      if (!check) return week.record(id, '', fail('nothing looks at this row'));
      try {
        week.record(id, check.machine, await check.look((on) => week.proxy(id, on)));
      } catch (error) {
        if (error instanceof HistoryIsLong) return (long = true);
        week.record(id, check.machine, fail(failureText(error)));
      }
    }),
  );
  if (long) throw new HistoryIsLong();
  return rows.map(({ id }) => id).filter((id) => week.state.records[id]?.verdict === 'fail');
}
