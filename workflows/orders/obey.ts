// Carries out orders, one at a time: what each does to the week, whom the week waits for, and how it may end.
import { patched } from '@temporalio/workflow';
import { humanDuration } from '../../plan/schema/duration.ts';
import { type AtDeadline, atDeadlineOf, type OnFailure } from '../../plan/schema/failure.ts';
import { tasks } from '../../plan/tasks/index.ts';
import { taskNames, type TaskName } from '../../plan/tasks/names.ts';
import { stepOf, stepsOf } from '../../plan/tasks/steps.ts';
import { type Approval, isClosed, type WeekState } from '../../plan/week/state.ts';
import { repair } from '../emergency/repair.ts';
import { rollBack } from '../emergency/rollback.ts';
import { awaitDecision } from '../gate.ts';
import type { Scope } from '../../plan/week/undo.ts';
import type { Week } from '../week.ts';
import { stays, triggered } from './at-deadline.ts';
import { followClosing } from './closing.ts';
import { continueLater, shed } from './continuing.ts';
import { takeNote } from './handlers.ts';
import { held, hold, leftFailures, paused } from './holding.ts';
import { HistoryIsLong } from './interruptions.ts';
import { aboutAtMost, type Hold, type Next, type Order, type Repair, thePlan } from '../../plan/week/order.ts';
import { forget, keepPast, waive } from './records.ts';

/**
 * Carries one order out; true when the week has ended. What is being done is kept in the state all along: a new history begins
 * with it, so each order can be carried out again from its top.
 */
export async function obey(week: Week, order: Order): Promise<boolean> {
  const { state } = week;
  state.doing = order.kind === 'continue-as-new' ? undefined : order;
  try {
    const next =
      order.kind === 'continue-as-new' ? await continueLater(week, order.queue) : await carriedOut(week, order);
    state.doing = typeof next === 'string' ? undefined : next;
    if (!isRollback(next)) await shed(week);
    return next === 'end';
  } catch (error) {
    if (!(error instanceof HistoryIsLong)) throw error;
    await continueLater(week, error.queue);
    return false;
  }
}

async function carriedOut(week: Week, order: Order): Promise<Next> {
  const { state } = week;
  switch (order.kind) {
    case 'done':
      return decide(week);
    case 'failed':
      return failed(week, order.step);
    case 'pause':
      // As by a Cancel, where that holds already and is not resumed.
      return isClosed(state) ? leftFailures(state, paused(order)) : paused(order);
    case 'retry':
      forget(state, order.step, !week.findingsStay);
      return 'tasks';
    case 'skip':
    case 'accept':
      waive(state, order, week);
      return 'tasks';
    case 'resume':
    case 'decided':
    case 'continue-as-new':
      return 'tasks';
    case 'closed':
      return followClosing(week);
    case 'repair':
      return mend(week, order);
    case 'note':
      takeNote(state, order.note);
      return 'end';
    case 'ask':
      return ask(week, order);
    case 'hold':
      return held(week, order);
    case 'rollback':
      return turnBack(week, order);
  }
}

function isRollback(next: Next): boolean {
  return typeof next !== 'string' && next.kind === 'rollback';
}

async function turnBack(week: Week, order: Extract<Order, { kind: 'rollback' }>): Promise<Next> {
  const { by, scope, reason, emergency } = order;
  const itself = by === thePlan;
  const outcome = await rollBack(week, order);
  if (outcome === 'end') return 'end';
  if (outcome === 'overtaken') return ofAll(week);
  // A history of before went on.
  if (scope === 'all') return !itself || emergency || patched('failures-hold') ? leftFailures(week.state) : 'tasks';
  if (itself) return hold('failed', `${nameOf(scope)} was undone: ${reason}`);
  const whole = week.state.undone.every(({ result }) => result !== 'failed');
  return hold('paused', `${nameOf(scope)} was rolled back for ${by}`, whole);
}

/** What has overtaken a rollback of a part; what came beside it and says more joins it. */
function ofAll(week: Week): Next {
  const isOfAll = (order: Order) => order.kind === 'rollback' && order.scope === 'all';
  const [first, ...others] = week.take(isOfAll);
  for (const other of others.reverse())
    if (other.kind === 'rollback' && (other.emergency ?? other.without)) week.putBack(other);
  return first ?? 'tasks';
}

function nameOf(scope: Exclude<Scope, 'all'>): string {
  return 'task' in scope ? `task ${scope.task}` : `agent ${scope.agent}`;
}

function undo(scope: Scope, reason: string): Order {
  return { kind: 'rollback', by: thePlan, scope, reason };
}

/** Level 1 or 2. One that was triggered automatically and did not help is for people. */
async function mend(week: Week, order: Repair): Promise<Next> {
  const { automatic } = order.trigger;
  const { result, target, actions } = await repair(week, order);
  if (!automatic) return 'tasks';
  week.state.mended = target ?? undefined;
  return result === 'failed'
    ? {
        kind: 'ask',
        why: `level ${order.level} did not mend ${target}: ${actions.at(-1)?.result ?? ''}`,
        about: target?.split(', '),
      }
    : 'tasks';
}

/** People decide about what can't be mended automatically; nobody there, the plan says what happens. */
function ask(week: Week, { why, about }: Extract<Order, { kind: 'ask' }>): Hold {
  const { askDeadline, atDeadline } = week.plan.emergency;
  const until = Date.now() + askDeadline;
  const reason = `${why}; nobody answered within ${humanDuration(askDeadline)}`;
  const trigger = { automatic: true, by: thePlan, from: 'emergency.atDeadline', reason };
  return {
    ...hold('paused', why),
    ...(about && about.length <= aboutAtMost && { about }),
    wait: {
      on: 'a person',
      step: 'emergency',
      until,
      command: 'hubshift resume, or hubshift emergency --level 3',
      ends: [['resume'], ['emergency', '--level', '3']],
    },
    otherwise:
      atDeadline === 'hold'
        ? hold('paused', reason)
        : { kind: 'rollback', by: thePlan, scope: 'all', reason, emergency: { trigger, at: until } },
  };
}

/** The failure policy: ask people until the deadline, then what the plan says; or undo at once. */
function failed(week: Week, step: string): Order {
  const { failure } = week.plan;
  const task = stepOf(week.plan, step)?.task ?? taskNames[0];
  const policy: OnFailure = failure.tasks[task] ?? failure.onFailure;
  const what = `${step} did not pass: ${week.state.records[step]?.summary ?? ''}`;
  if (policy === 'undo-all') return undo('all', what);
  if (policy === 'undo-task') return undo({ task }, what);
  const without = stepOf(week.plan, step)?.kind === 'check' ? 'accept' : 'skip';
  const asked: Hold = {
    ...hold('failed', what),
    row: step,
    wait: {
      on: 'a person',
      step,
      until: Date.now() + failure.askDeadline,
      command: `hubshift retry ${step}, hubshift ${without} ${step} --reason TEXT, or hubshift rollback`,
      ends: [['retry', step], [without, step, '--reason', 'TEXT'], ['rollback']],
    },
    otherwise: atDeadlines[atDeadlineOf(failure)](
      task,
      `${what}; nobody answered within ${humanDuration(failure.askDeadline)}`,
    ),
  };
  const { again } = week.state;
  if (again?.row !== step) return asked;
  // At its deadline it was done again already, and nobody has answered since.
  const isUnknown = week.state.records[step]?.verdict === 'inconclusive' && week.refusedIsUnknown;
  return isUnknown
    ? stays(asked, 'done again, nobody can tell, and nothing is undone by that')
    : triggered(asked, again.heard, 'done again, it did not pass');
}

const atDeadlines: Record<AtDeadline, (task: TaskName, reason: string) => Order> = {
  hold: (_, reason) => hold('failed', reason),
  'undo-task': (task, reason) => undo({ task }, reason),
  'undo-all': (_, reason) => undo('all', reason),
};

/** Go/no-go: waits for the people the plan wants, until its deadline. */
async function decide(week: Week): Promise<Next> {
  const { state, plan } = week;
  // A GO that has been carried out stands, however long that took.
  if (state.records['ledger.keep']?.verdict === 'pass') return complete(state);
  state.phase = 'gate';
  const deadline = (week.fact('gate.openedAt') ?? Date.now()) + plan.gate.deadline;
  week.keep('gate.openedAt', deadline - plan.gate.deadline);
  const outcome = await awaitDecision(week, deadline);
  switch (outcome.kind) {
    case 'no-go':
      return noGo(week, outcome.decision);
    case 'nobody':
      state.status = 'running';
      delete state.facts['gate.openedAt'];
      return hold('paused', `no decision came before the deadline of ${humanDuration(plan.gate.deadline)}`);
    case 'order':
      state.status = 'running';
      // It may change what was found: the same again has the same digest.
      delete state.evidence;
      return outcome.order;
    case 'go':
  }
  // The ledgers are kept by a task, so that orders and the failure policy hold for it as well.
  if (week.settled('ledger.keep')) return complete(state);
  state.status = 'running';
  return 'tasks';
}

function complete(state: WeekState): 'end' {
  state.phase = 'end';
  state.status = 'completed';
  return 'end';
}

/** Extends the week (soaks again) or undoes it, as decided. */
function noGo(week: Week, decision: Approval): Next {
  const { state } = week;
  if (decision.then === 'rollback') return undo('all', `no-go by ${decision.by}: ${decision.reason}`);
  const again = tasks.filter(({ repeatedOnExtension }) => repeatedOnExtension).map(({ name }) => name);
  for (const { id, task } of stepsOf(week.plan)) if (again.includes(task)) forget(state, id, !week.findingsStay);
  keepPast(state, () => true, 0);
  delete state.evidence;
  state.phase = again[0] ?? state.phase;
  state.status = 'running';
  return 'tasks';
}
