// What was undone can be done again: its records, and those of what rests on it, are of the past.
import { forgetStep } from '../../plan/tasks/forget.ts';
import { tasks } from '../../plan/tasks/index.ts';
import type { TaskName } from '../../plan/tasks/names.ts';
import type { StepInfo } from '../../plan/tasks/row.ts';
import { looksFirst, stepsOf, tasksIn, undoneWith, undoRows } from '../../plan/tasks/steps.ts';
import type { Scope } from '../../plan/week/undo.ts';
import type { Week } from '../week.ts';

/** What was undone can be done again: its records move to the history, and with them those of what rests on it. */
export function moveToHistory(week: Week, scope: Scope): void {
  const { state } = week;
  const gone = goneWith(scope);
  for (const row of stepsOf(week.plan)) {
    if (!gone(row)) continue;
    forgetStep(state, row, Date.now(), week.findingsStay);
    const record = state.records[row.id];
    if (!record) continue;
    state.history.push(record);
    delete state.records[row.id];
  }
}

/** What the newest rollback left stays found, when another looks again, or the week goes on. */
export function keepLeft({ plan, state, findingsStay }: Week): void {
  const { rollback, records } = state;
  if (!findingsStay || !rollback || rollback.wentOn) return;
  for (const { id } of undoRows(tasksIn(plan))) {
    const record = records[id];
    if (record?.verdict === 'fail' && record.endedAt >= rollback.startedAt) state.history.push({ ...record });
  }
}

/** Which rows do not hold any more after a rollback of this scope; those that only looked, before everything, still do. */
function goneWith(scope: Scope): (row: StepInfo) => boolean {
  if (scope === 'all') return ({ task }) => !looksFirst.includes(task);
  if ('task' in scope) {
    const gone = undoneWith(scope.task as TaskName);
    return ({ task }) => gone.includes(task) && !looksFirst.includes(task);
  }
  const resting = tasks
    .filter(({ movesAgents }) => movesAgents)
    .flatMap(({ name }) => undoneWith(name).filter((task) => task !== name));
  return ({ task, ofAgent }) => ofAgent === scope.agent || resting.includes(task);
}
