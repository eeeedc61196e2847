// Rolling back: every machine's ledger is undone, side by side, then looked at, and nothing interrupts it. With a call it is level 3.
import { CancellationScope, patched } from '@temporalio/workflow';
import { changeOf } from '../../plan/evidence/frozen.ts';
import { kpisNow } from '../../plan/evidence/gate.ts';
import type { Agent } from '../../plan/schema/agent.ts';
import type { TaskName } from '../../plan/tasks/names.ts';
import { stepsOf, tasksIn, undoable, undoneWith, undoRows } from '../../plan/tasks/steps.ts';
import { noteAway } from '../../plan/week/disturbances.ts';
import { lastMoment } from '../../plan/week/furthest.ts';
import type { Stood, Undoing, WeekState } from '../../plan/week/state.ts';
import { isOfTask, type Scope, type Undone, withoutOlderLeft, withShortDetails } from '../../plan/week/undo.ts';
import { type Call, type Order, thePlan } from '../../plan/week/order.ts';
import { HistoryIsLong } from '../orders/interruptions.ts';
import type { Week } from '../week.ts';
import { endRolledBack, isFailure } from './ending.ts';
import { announceIncident, leaveIncident } from './incidents.ts';
import { leaveAccepted } from './leave-accepted.ts';
import { keepLeft, moveToHistory } from './move-to-history.ts';
import { hasTaken, undoneOn, undoOn } from './undo-ledger.ts';
import { isOpen, verifyUndone } from './verify-undone.ts';
import { isLeft, leave, type Leaving, leftBy, leftOut, unlessLeft } from './without.ts';

type OnMachine = WeekState['undone'][number];

/** `end`: the week has ended, the whole run is rolled back. `held`: it was of a part, or left failures. `overtaken`: of a part, and one of everything came. */
export type Outcome = 'end' | 'held' | 'overtaken';

/** What is undone, why, and in whose name. */
type Rollback = Pick<Extract<Order, { kind: 'rollback' }>, 'by' | 'scope' | 'reason' | 'emergency' | 'without'>;

/**
 * Undoes a scope on every machine. Throws HistoryIsLong when a machine is waited for and the history is long; the next one goes on where
 * this one was.
 */
export async function rollBack(
  week: Week,
  order: Rollback,
  isLevelThree = order.emergency !== undefined,
): Promise<Outcome> {
  const { state } = week;
  const { by, scope, emergency: call } = order;
  const reason = by === thePlan ? order.reason : `${by}: ${order.reason}`;
  const undoing = (state.undoing ??= begin(week, scope, reason, call));
  leave(order, leftBy(order), undoing);
  state.status = 'rolling back';
  state.phase = 'rollback';
  state.held = { reason, since: undoing.since };
  if (call) announceIncident(week, 3, null, call.trigger);
  // What is down from now on is down on purpose. Not awaited: a level 3 has no time for it.
  void week.measuring.stop();
  // In a history of before nothing interrupts it.
  const canBeLeft = patched('rollbacks-can-be-left');
  const levelThreeAt = isLevelThree ? (call?.at ?? undoing.since) : undefined;
  // In a history of before it was held against Phase 1, whatever had been there before this run.
  const ofThisRun = patched('held-against-this-run');
  // In a history of before no row spoke for the entries that failed.
  const entriesInRows = patched('undo-rows-name-failed-entries');
  if (entriesInRows) state.rollback!.entriesInRows = true;
  // In a history of before the first machine that came had the others left at once.
  const waitsAgain = patched('none-there-waits-again');
  const leaving = { week, undoing, levelThreeAt, canBeLeft: canBeLeft && scope === 'all', ofThisRun, waitsAgain };
  const work = () => undoAndVerify(leaving, scope);
  const found = await CancellationScope.nonCancellable(() =>
    canBeLeft && scope !== 'all' ? week.unless(overtakes, work) : work(),
  );
  if (!found) {
    if (!undoing.begun) state.undone.push(...Object.values(undoing.undone).flat());
    forgetUndoing(state);
    return 'overtaken';
  }
  delete state.undoing;
  const { failures, accepted } = found;
  const isWhole = failures.length + accepted.length === 0 && !state.without;
  for (const one of [...(call ? [call] : []), ...joined(week)])
    leaveIncident(week, {
      level: 3,
      target: null,
      trigger: one.trigger,
      startedAt: one.at,
      result: isWhole ? 'recovered' : 'failed',
      actions: undoing.actions,
    });
  if (scope !== 'all' || failures.length > 0) {
    state.held = undefined;
    state.status = 'running';
    state.phase = undoing.phase;
    return 'held';
  }
  endRolledBack(state);
  await leaveAccepted(week);
  return 'end';
}

/** A rollback of everything does not wait for one of a part, which may wait for a machine. */
function overtakes(order: Order): boolean {
  return (order.kind === 'rollback' && order.scope === 'all') || order.kind === 'closed';
}

function begin(week: Week, scope: Scope, reason: string, call?: Call): Undoing {
  const { state } = week;
  const now = Date.now();
  keepLeft(week);
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

/** What stands against the end, and what a person has accepted of it. */
interface Found {
  failures: string[];
  accepted: string[];
}

async function undoAndVerify(leaving: Leaving, scope: Scope): Promise<Found> {
  const { week, undoing } = leaving;
  const { state, plan } = week;
  const rollback = state.rollback!;
  const inPlan = tasksIn(plan);
  const taken = scope === 'all' ? undoable : 'task' in scope ? undoneWith(scope.task as TaskName) : [];
  const tasks = taken.filter((task) => undoable.includes(task) && inPlan.includes(task));
  const scopes: Scope[] = scope === 'all' || !('task' in scope) ? [scope] : tasks.map((task) => ({ task }));
  if (!undoing.begun) await everywhere(plan.machines.map(({ name }) => undoOn(leaving, name, scopes)));
  const undone = plan.machines.flatMap(({ name }) => undoneOn(name, scopes, undoing));
  if (!undoing.begun) {
    rollback.undoneAt = Date.now();
    if (scope === 'all') {
      keepLeftOut(week, undoing);
      if (plan.machines.some(({ name }) => hasTaken(name, undoing))) rollback.closed = true;
      rollback.tookBack = [...new Set(undone.filter(({ result }) => result === 'undone').map(changeOf))];
    }
    state.undone = [...state.undone.filter((entry) => entry.result !== 'failed'), ...undone];
    const removed = undone.filter(({ kind }) => kind === 'container.remove').map(({ target }) => target);
    if (state.disturbances) noteAway(state, removed, undoing.since);
    // A week that began under an earlier build.
    else week.measuring.forget(removed);
    undoing.begun = tasks.filter(
      (task) =>
        stepsOf(plan).some((step) => step.task === task && state.records[step.id]) ||
        undone.some(({ step }) => isOfTask(step, task)) ||
        // What did not hold last time, or was not looked at, is looked at again, whatever the ledgers have of it.
        (leaving.canBeLeft && undoRows([task]).some(({ id }) => (state.records[id]?.verdict ?? 'pass') !== 'pass')),
    );
    moveToHistory(week, scope);
    if (week.mustContinue) throw new HistoryIsLong();
  }
  const looked = Date.now();
  const rows = await verifyWhoIsThere(leaving, withoutOlderLeft(undone));
  rollback.verifiedAt = Date.now();
  if (scope === 'all')
    undoing.actions.push({
      what: 'verify Phase 1',
      machine: 'all',
      result: rows.length === 0 ? 'every row holds' : `not: ${rows.join(', ')}`,
      ms: Date.now() - looked,
    });
  const isAccepted = (id: string) => !isOpen(state.records[id]);
  return {
    failures: [
      ...undone.filter((entry) => isFailure(entry, state)).map(({ target }) => target),
      ...rows.filter((id) => !isAccepted(id)),
    ],
    accepted: rows.filter(isAccepted),
  };
}

/** One that falls silent meanwhile may be gone on without, too. */
async function verifyWhoIsThere(leaving: Leaving, undone: OnMachine[]): Promise<string[]> {
  const { week, undoing } = leaving;
  const names = week.plan.machines.map(({ name }) => name);
  for (;;) {
    const [gone, there] = [true, false].map((left) => names.filter((name) => isLeft(name, undoing) === left)) as [
      string[],
      string[],
    ];
    const look = () =>
      verifyUndone(week, undoing.begun ?? [], undone, undoing.since, { gone, ofThisRun: leaving.ofThisRun });
    if (!leaving.canBeLeft) return look();
    const rows = await unlessLeft(leaving, there, look);
    keepLeftOut(week, undoing);
    if (rows) return rows;
  }
}

function keepLeftOut(week: Week, undoing: Undoing): void {
  const left = leftOut(week, undoing);
  if (left) week.state.without = left;
  else delete week.state.without;
}

/** All of them end, whatever becomes of one. */
async function everywhere(works: Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(works);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

/** Level 3 orders, and those to go on without a machine, that came while everything was being undone already: carried out with it. */
function joined(week: Week): Call[] {
  if (week.state.rollback?.scope !== 'all') return [];
  return week
    .take((order) => order.kind === 'rollback' && (order.emergency ?? order.without) !== undefined)
    .flatMap((order) => (order.kind === 'rollback' && order.emergency ? [order.emergency] : []));
}

/** One agent back to what it was; what it had passed moves to the history, and with it what rests on all agents. */
export async function undoAgent(week: Week, step: string, { name: agent, machine }: Agent): Promise<Undone[]> {
  const undone = await week.proxy(step, machine).rollback({ run: week.state.run, scope: { agent } });
  week.state.undone.push(...withShortDetails(undone).map((entry) => ({ ...entry, machine })));
  moveToHistory(week, { agent });
  return undone;
}
