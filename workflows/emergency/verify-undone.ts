// After a rollback: every undo row of the tasks that went is looked at, all at once, and leaves a record.
import { patched } from '@temporalio/workflow';
import type { TaskName } from '../../plan/tasks/names.ts';
import { withFailed } from '../../plan/tasks/shared/failed-entries.ts';
import type { Results } from '../../plan/tasks/shared/undone.ts';
import { fail, inconclusive } from '../../plan/tasks/shared/verdict.ts';
import { rowOfEntry, undoRows } from '../../plan/tasks/steps.ts';
import { type Found, findingOf } from '../../plan/week/finding.ts';
import type { StepRecord } from '../../plan/week/record.ts';
import { machinesIn } from '../../plan/week/without.ts';
import { failureText } from '../machine/failures.ts';
import { sharedLooks } from '../machine/shared-looks.ts';
import { HistoryIsLong } from '../orders/interruptions.ts';
import type { On, UndoCheck } from '../tasks/contract.ts';
import { taskRuns } from '../tasks/index.ts';
import { afterUndo } from '../tasks/shared/undone.ts';
import type { Week } from '../week.ts';

/**
 * Ids of the rows that did not hold, accepted ones too. A row that can't be looked at fails; `inconclusive` is for what agents can't show,
 * and for what is on a machine that is gone.
 */
export async function verifyUndone(
  week: Week,
  names: readonly TaskName[],
  undone: Results,
  sinceMs: number,
  without: { gone: readonly string[]; ofThisRun: boolean },
): Promise<string[]> {
  const { records } = week.state;
  const { gone } = without;
  const { entriesInRows = false } = week.state.rollback ?? {};
  // What failed on a machine that is gone is what is open there, and of no row. In a history of before a row of all machines had it.
  const ofThere = undone.filter(({ machine, result }) => result !== 'failed' || !gone.includes(machine));
  const seen = entriesInRows ? ofThere : undone;
  const after = afterUndo(week, seen, sinceMs, without);
  const checks = Object.assign({}, ...names.map((name) => taskRuns[name].undoChecks?.(after))) as Record<
    string,
    UndoCheck
  >;
  const rows = undoRows(names);
  const failed = entriesInRows ? seen.filter(({ result }) => result === 'failed') : [];
  // In a history of before each asked for itself.
  const sharing = patched('undo-rows-share-looks') ? sharedLooks() : (on: On) => on;
  let long = false;
  await Promise.all(
    rows.map(async ({ id }) => {
      const known = records[id];
      const keep = (machine: string, looked: Found) => {
        const { whole, ...found } = withFailed(
          looked,
          failed.filter((entry) => rowOfEntry(entry) === id),
        );
        week.record(id, machine, found);
        if (found.verdict === 'fail') records[id]!.finding = findingOf({ ...found, whole });
        keepAccepted(known, records[id]!);
      };
      const check = checks[id];
      if (!check) return keep('', fail('nothing looks at this row'));
      try {
        const found = await check.look(sharing((on) => (gone.includes(on) ? isGone(on) : week.proxy(id, on))));
        return keep(check.machine, asFarAsSeen(found, check.machine, gone));
      } catch (error) {
        if (error instanceof HistoryIsLong) return void (long = true);
        if (week.ordered) return undefined;
        return keep(check.machine, error instanceof Gone ? inconclusive(error.message) : fail(failureText(error)));
      }
    }),
  );
  if (long) throw new HistoryIsLong();
  week.stopIfOrdered();
  return rows.map(({ id }) => id).filter((id) => records[id]?.verdict === 'fail');
}

/** It holds up the end: it failed, and nobody accepted that. */
export function isOpen(record: StepRecord | undefined): boolean {
  return record?.verdict === 'fail' && !record.waived;
}

/** What a person accepted is all that was found then: anything else is a new finding, also where the line has no room for it. */
function keepAccepted(before: StepRecord | undefined, now: StepRecord): void {
  if (before?.waived && before.finding && before.finding === now.finding) now.waived = before.waived;
}

/** Nobody is asked there. */
class Gone extends Error {
  override name = 'Gone';
}

function isGone(machine: string): never {
  throw new Gone(`${machine} was not looked at`);
}

/** A row that speaks for a machine that is gone is no pass; what fails elsewhere still does, and what is there and lets nobody look. */
function asFarAsSeen(found: Found, named: string, gone: readonly string[]): Found {
  const unseen = machinesIn(named).filter((machine) => gone.includes(machine));
  if (unseen.length === 0) return found.evidence['unseen'] ? { ...found, verdict: 'fail' } : found;
  if (found.verdict === 'fail') return found;
  return inconclusive(`${found.summary}; ${unseen.join(', ')} was not looked at`, found.evidence);
}
