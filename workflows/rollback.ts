// Rolling back: every machine's ledger is undone, side by side, and nothing interrupts it.
import { CancellationScope } from '@temporalio/workflow';
import { machineId } from '../plan/names.ts';
import type { Undone, Scope } from '../plan/undo.ts';
import { forgetStep } from '../plan/state.ts';
import { stepsOf } from '../plan/steps.ts';
import { failureText } from './activities.ts';
import type { Week } from './week.ts';

/** Undoes a scope on every machine. True when the whole run is rolled back and the week has ended. */
export async function rollBack(week: Week, scope: Scope, reason: string): Promise<boolean> {
  const { state } = week;
  const phase = state.phase;
  state.status = 'rolling back';
  state.phase = 'rollback';
  state.held = { reason, since: Date.now() };
  const undone = await CancellationScope.nonCancellable(async () => (await Promise.all(week.plan.machines.map(({ name }) => undoOn(week, name, scope)))).flat());
  state.undone = [...state.undone.filter((entry) => entry.result !== 'failed'), ...undone];
  moveToHistory(week, scope);
  const failed = undone.some((entry) => entry.result === 'failed');
  if (scope !== 'all' || failed) {
    state.held = undefined;
    state.status = 'running';
    state.phase = phase;
    return false;
  }
  // The reason stays to be seen: the records that say why are in the history now.
  state.status = 'rolled back';
  state.phase = 'end';
  return true;
}

async function undoOn(week: Week, machine: string, scope: Scope): Promise<(Undone & { machine: string })[]> {
  try {
    const undone = await week.proxy(`rollback ${machineId(machine)}`, machine).rollback({ run: week.state.run, scope });
    return undone.map((entry) => ({ ...entry, machine }));
  } catch (error) {
    return [{ machine, entry: 0, step: 'rollback', kind: 'fault.lift', target: machine, result: 'failed', detail: failureText(error), ms: 0 }];
  }
}

/** What was undone can be done again: its records move to the history. */
function moveToHistory(week: Week, scope: Scope): void {
  const { state } = week;
  for (const { id, task } of stepsOf(week.plan)) {
    const record = state.records[id];
    if (!record || task === 'preflight' || !covers(scope, id, task)) continue;
    state.history.push(record);
    delete state.records[id];
    forgetStep(state, id);
  }
}

function covers(scope: Scope, id: string, task: string): boolean {
  if (scope === 'all') return true;
  return 'task' in scope ? scope.task === task : `${id}.`.startsWith(`2D.deploy.${scope.agent}.`);
}
