// Rolling back: every machine's ledger is undone, side by side, then looked at, and nothing interrupts it. With a call it is level 3.
import { CancellationScope } from '@temporalio/workflow';
import { changeOf } from '../../plan/evidence/frozen.ts';
import { kpisNow } from '../../plan/evidence/gate.ts';
import { machineId } from '../../plan/names.ts';
import type { Agent } from '../../plan/schema/agent.ts';
import { forgetStep } from '../../plan/tasks/forget.ts';
import { tasks } from '../../plan/tasks/index.ts';
import type { TaskName } from '../../plan/tasks/names.ts';
import type { StepInfo } from '../../plan/tasks/row.ts';
import { looksFirst, stepsOf, tasksIn, undoable, undoneWith } from '../../plan/tasks/steps.ts';
import { lastMoment } from '../../plan/week/furthest.ts';
import type { Stood, Undoing, WeekState } from '../../plan/week/state.ts';
import { isOfTask, type Scope, type Undone, withoutRepeats, withShortDetails } from '../../plan/week/undo.ts';
import { failureText } from '../machine/failures.ts';
import type { Call } from '../../plan/week/order.ts';
import { HistoryIsLong } from '../orders/interruptions.ts';
import type { Week } from '../week.ts';
import { announceIncident, leaveIncident } from './incidents.ts';
import { verifyUndone } from './verify-undone.ts';

type OnMachine = Undone & { machine: string };

/**
 * Undoes a scope on every machine. True when the whole run is rolled back and the week has ended. Throws HistoryIsLong when a machine is
 * waited for and the history is long; the next one goes on where this one was.
 */
export async function rollBack(week: Week, scope: Scope, reason: string, call?: Call): Promise<boolean> {
  const { state } = week;
  const undoing = (state.undoing ??= begin(week, scope, reason, call));
  state.status = 'rolling back';
  state.phase = 'rollback';
  state.held = { reason, since: undoing.since };
  if (call) announceIncident(week, 3, null, call.trigger);
  // What is down from now on is down on purpose. Not awaited: a level 3 has no time for it.
  void week.measuring.stop();
  const failures = await CancellationScope.nonCancellable(() => undoAndVerify(week, scope, undoing));
  delete state.undoing;
  for (const one of [...(call ? [call] : []), ...joined(week)])
    leaveIncident(week, {
      level: 3,
      target: null,
      trigger: one.trigger,
      startedAt: one.at,
      result: failures.length === 0 ? 'recovered' : 'failed',
      actions: undoing.actions,
    });
  if (scope !== 'all' || failures.length > 0) {
    state.held = undefined;
    state.status = 'running';
    state.phase = undoing.phase;
    return false;
  }
  // The reason stays to be seen: the records that say why are in the history now.
  state.status = 'rolled back';
  state.phase = 'end';
  return true;
}

function begin({ state }: Week, scope: Scope, reason: string, call?: Call): Undoing {
  const now = Date.now();
  if (scope === 'all') state.stood ??= standing(state);
  state.rollback = { scope, reason, startedAt: call?.at ?? now };
  return { phase: state.phase, since: now, undone: {}, actions: [] };
}

/** For the report of what comes now. */
function standing(state: WeekState): Stood {
  const { status, phase, reports, evidence } = state;
  return { status, phase, at: lastMoment(state), kpis: evidence?.kpis ?? kpisOf(state), reports: reports?.files ?? [] };
}

/** What can't be evaluated must not be in the way of a rollback. */
function kpisOf(state: WeekState): Stood['kpis'] {
  try {
    return kpisNow(state);
  } catch {
    return undefined;
  }
}

/** A rollback that was broken off, after which something else is done: the next one begins anew. */
export function forgetUndoing(state: WeekState): void {
  if (state.undoing) state.phase = state.undoing.phase;
  delete state.undoing;
}

/** Ids of entries and rows that failed. */
async function undoAndVerify(week: Week, scope: Scope, undoing: Undoing): Promise<string[]> {
  const { state, plan } = week;
  const rollback = state.rollback!;
  const inPlan = tasksIn(plan);
  const taken = scope === 'all' ? undoable : 'task' in scope ? undoneWith(scope.task as TaskName) : [];
  const tasks = taken.filter((task) => undoable.includes(task) && inPlan.includes(task));
  const scopes: Scope[] = scope === 'all' || !('task' in scope) ? [scope] : tasks.map((task) => ({ task }));
  if (!undoing.begun) await everywhere(plan.machines.map(({ name }) => undoOn(week, name, scopes, undoing)));
  const undone = plan.machines.flatMap(({ name }) => undoneOn(name, scopes, undoing));
  if (!undoing.begun) {
    rollback.undoneAt = Date.now();
    if (scope === 'all')
      rollback.tookBack = [...new Set(undone.filter(({ result }) => result === 'undone').map(changeOf))];
    state.undone = [...state.undone.filter((entry) => entry.result !== 'failed'), ...undone];
    week.measuring.forget(undone.filter(({ kind }) => kind === 'container.remove').map(({ target }) => target));
    undoing.begun = tasks.filter(
      (task) =>
        stepsOf(plan).some((step) => step.task === task && state.records[step.id]) ||
        undone.some(({ step }) => isOfTask(step, task)),
    );
    moveToHistory(week, scope);
    if (week.mustContinue) throw new HistoryIsLong();
  }
  const looked = Date.now();
  const rows = await verifyUndone(week, undoing.begun, undone, undoing.since);
  rollback.verifiedAt = Date.now();
  if (scope === 'all')
    undoing.actions.push({
      what: 'verify Phase 1',
      machine: 'all',
      result: rows.length === 0 ? 'every row holds' : `not: ${rows.join(', ')}`,
      ms: Date.now() - looked,
    });
  return [...undone.filter(({ result }) => result === 'failed').map(({ target }) => target), ...rows];
}

/** All of them end, whatever becomes of one. */
async function everywhere(works: Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(works);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

/** Level 3 orders that came while everything was being undone already: carried out with it. */
function joined(week: Week): Call[] {
  if (week.state.rollback?.scope !== 'all') return [];
  return week
    .take((order) => order.kind === 'rollback' && order.emergency !== undefined)
    .flatMap((order) => (order.kind === 'rollback' && order.emergency ? [order.emergency] : []));
}

async function undoOn(week: Week, machine: string, scopes: Scope[], undoing: Undoing): Promise<void> {
  const { undone, actions } = undoing;
  if (actions.some((action) => action.machine === machine)) return;
  for (const [part, scope] of scopes.entries()) {
    const key = `${machine} ${part}`;
    if (undone[key]) continue;
    try {
      const step = `rollback ${machineId(machine)}`;
      const entries = await week.proxy(step, machine).rollback({ run: week.state.run, scope });
      const parts = week.plan.machines.length * scopes.length;
      undone[key] = withShortDetails(withoutRepeats(entries), parts).map((entry) => ({ ...entry, machine }));
    } catch (error) {
      if (error instanceof HistoryIsLong) throw error;
      undone[key] = [failedOn(machine, failureText(error))];
      break;
    }
  }
  const entries = undoneOn(machine, scopes, undoing);
  const count = (result: Undone['result']) => entries.filter((entry) => entry.result === result).length;
  actions.push({
    what: 'undo the ledger',
    machine,
    result:
      (['undone', 'already', 'left', 'failed'] as const)
        .filter(count)
        .map((result) => `${count(result)} ${result}`)
        .join(', ') || 'nothing to undo',
    ms: Date.now() - undoing.since,
  });
}

function undoneOn(machine: string, scopes: Scope[], { undone }: Undoing): OnMachine[] {
  return scopes.flatMap((_, part) => undone[`${machine} ${part}`] ?? []);
}

function failedOn(machine: string, detail: string): OnMachine {
  return { machine, entry: 0, step: 'rollback', kind: 'fault.lift', target: machine, result: 'failed', detail, ms: 0 };
}

/** One agent back to what it was; what it had passed moves to the history, and with it what rests on all agents. */
export async function undoAgent(week: Week, step: string, { name: agent, machine }: Agent): Promise<Undone[]> {
  const undone = await week.proxy(step, machine).rollback({ run: week.state.run, scope: { agent } });
  week.state.undone.push(...withShortDetails(undone).map((entry) => ({ ...entry, machine })));
  moveToHistory(week, { agent });
  return undone;
}

/** What was undone can be done again: its records move to the history, and with them those of what rests on it. */
export function moveToHistory(week: Week, scope: Scope): void {
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
