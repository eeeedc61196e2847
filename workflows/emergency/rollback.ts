// Rolling back: every machine's ledger is undone, side by side, then looked at, and nothing interrupts it. With a call it is level 3.
import { CancellationScope } from '@temporalio/workflow';
import { changeOf } from '../../plan/evidence/frozen.ts';
import { machineId } from '../../plan/names.ts';
import type { Agent } from '../../plan/schema/agent.ts';
import { forgetStep } from '../../plan/tasks/forget.ts';
import { tasks } from '../../plan/tasks/index.ts';
import type { TaskName } from '../../plan/tasks/names.ts';
import type { StepInfo } from '../../plan/tasks/row.ts';
import { looksFirst, stepsOf, tasksIn, undoable, undoneWith } from '../../plan/tasks/steps.ts';
import type { Action } from '../../plan/week/incident.ts';
import type { Rollback } from '../../plan/week/state.ts';
import { isOfTask, type Scope, type Undone } from '../../plan/week/undo.ts';
import { failureText } from '../machine-proxy.ts';
import type { Call } from '../orders/orders.ts';
import type { Week } from '../week.ts';
import { announceIncident, leaveIncident } from './incidents.ts';
import { verifyUndone } from './verify-undone.ts';

type OnMachine = Undone & { machine: string };

/** Undoes a scope on every machine. True when the whole run is rolled back and the week has ended. */
export async function rollBack(week: Week, scope: Scope, reason: string, call?: Call): Promise<boolean> {
  const { state } = week;
  const phase = state.phase;
  state.status = 'rolling back';
  state.phase = 'rollback';
  state.held = { reason, since: Date.now() };
  const rollback: Rollback = (state.rollback = { scope, reason, startedAt: call?.at ?? Date.now() });
  if (call) announceIncident(week, 3, null, call.trigger);
  // What is down from now on is down on purpose. Not awaited: a level 3 has no time for it.
  void week.measuring.stop();
  const actions: Action[] = [];
  const failures = await CancellationScope.nonCancellable(() => undoAndVerify(week, scope, rollback, actions));
  for (const one of [...(call ? [call] : []), ...joined(week)])
    leaveIncident(week, {
      level: 3,
      target: null,
      trigger: one.trigger,
      startedAt: one.at,
      result: failures.length === 0 ? 'recovered' : 'failed',
      actions,
    });
  if (scope !== 'all' || failures.length > 0) {
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

/** Ids of entries and rows that failed. */
async function undoAndVerify(week: Week, scope: Scope, rollback: Rollback, actions: Action[]): Promise<string[]> {
  const { state, plan } = week;
  const began = Date.now();
  const inPlan = tasksIn(plan);
  const taken = scope === 'all' ? undoable : 'task' in scope ? undoneWith(scope.task as TaskName) : [];
  const tasks = taken.filter((task) => undoable.includes(task) && inPlan.includes(task));
  const scopes: Scope[] = scope === 'all' || !('task' in scope) ? [scope] : tasks.map((task) => ({ task }));
  const undone = (await Promise.all(plan.machines.map(({ name }) => undoOn(week, name, scopes, actions)))).flat();
  rollback.undoneAt = Date.now();
  if (scope === 'all')
    rollback.tookBack = [...new Set(undone.filter(({ result }) => result === 'undone').map(changeOf))];
  state.undone = [...state.undone.filter((entry) => entry.result !== 'failed'), ...undone];
  week.measuring.forget(undone.filter(({ kind }) => kind === 'container.remove').map(({ target }) => target));
  const begun = tasks.filter(
    (task) =>
      stepsOf(plan).some((step) => step.task === task && state.records[step.id]) ||
      undone.some(({ step }) => isOfTask(step, task)),
  );
  moveToHistory(week, scope);
  const looked = Date.now();
  const rows = await verifyUndone(week, begun, undone, began);
  rollback.verifiedAt = Date.now();
  if (scope === 'all')
    actions.push({
      what: 'verify Phase 1',
      machine: 'all',
      result: rows.length === 0 ? 'every row holds' : `not: ${rows.join(', ')}`,
      ms: Date.now() - looked,
    });
  return [...undone.filter(({ result }) => result === 'failed').map(({ target }) => target), ...rows];
}

/** Level 3 orders that came while everything was being undone already: carried out with it. */
function joined(week: Week): Call[] {
  if (week.state.rollback?.scope !== 'all') return [];
  return week
    .take((order) => order.kind === 'rollback' && order.emergency !== undefined)
    .flatMap((order) => (order.kind === 'rollback' && order.emergency ? [order.emergency] : []));
}

async function undoOn(week: Week, machine: string, scopes: Scope[], actions: Action[]): Promise<OnMachine[]> {
  const began = Date.now();
  const undone: OnMachine[] = [];
  try {
    for (const scope of scopes)
      undone.push(
        ...(await week.proxy(`rollback ${machineId(machine)}`, machine).rollback({ run: week.state.run, scope })).map(
          (entry) => ({ ...entry, machine }),
        ),
      );
  } catch (error) {
    undone.push({
      machine,
      entry: 0,
      step: 'rollback',
      kind: 'fault.lift',
      target: machine,
      result: 'failed',
      detail: failureText(error),
      ms: 0,
    });
  }
  const count = (result: Undone['result']) => undone.filter((entry) => entry.result === result).length;
  actions.push({
    what: 'undo the ledger',
    machine,
    result:
      (['undone', 'already', 'left', 'failed'] as const)
        .filter(count)
        .map((result) => `${count(result)} ${result}`)
        .join(', ') || 'nothing to undo',
    ms: Date.now() - began,
  });
  return undone;
}

/** One agent back to what it was; what it had passed moves to the history, and with it what rests on all agents. */
export async function undoAgent(week: Week, step: string, { name: agent, machine }: Agent): Promise<Undone[]> {
  const undone = await week.proxy(step, machine).rollback({ run: week.state.run, scope: { agent } });
  week.state.undone.push(...undone.map((entry) => ({ ...entry, machine })));
  moveToHistory(week, { agent });
  return undone;
}

/** What was undone can be done again: its records move to the history, and with them those of what rests on it. */
function moveToHistory(week: Week, scope: Scope): void {
  const { state } = week;
  const gone = goneWith(scope);
  for (const row of stepsOf(week.plan)) {
    if (!gone(row)) continue;
    forgetStep(state, row);
    const record = state.records[row.id];
    if (!record) continue;
    state.history.push(record);
    delete state.records[row.id];
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
