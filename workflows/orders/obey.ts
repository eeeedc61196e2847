// Carries out orders, one at a time: what each does to the week, whom the week waits for, and how it may end.
import { allHandlersFinished, condition, makeContinueAsNewFunc, patched, workflowInfo } from '@temporalio/workflow';
import { humanDuration, utc } from '../../plan/schema/duration.ts';
import type { OnFailure } from '../../plan/schema/plan.ts';
import { tasks } from '../../plan/tasks/index.ts';
import { taskNames } from '../../plan/tasks/names.ts';
import { stepOf, stepsOf } from '../../plan/tasks/steps.ts';
import type { Approval, WeekState } from '../../plan/week/state.ts';
import { leaveIncident } from '../emergency/incidents.ts';
import { repair } from '../emergency/repair.ts';
import { forgetUndoing, rollBack } from '../emergency/rollback.ts';
import { tooMuch } from '../../plan/week/older.ts';
import { awaitDecision } from '../gate.ts';
import { keepOlder } from '../keep-older.ts';
import type { Scope } from '../../plan/week/undo.ts';
import type { Week } from '../week.ts';
import { failureText } from '../machine/failures.ts';
import { HistoryIsLong } from './interruptions.ts';
import { takeNote } from './handlers.ts';
import { type Hold, isContinuation, type Order, type Repair, thePlan } from '../../plan/week/order.ts';
import { forget, keepPast, waive } from './records.ts';

/** How long a week that goes on in a new history waits for what is being told. */
const continueWithinMs = 20_000;

/** What is done next: an order, the tasks, or nothing any more. */
type Next = Order | 'tasks' | 'end';

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
      return hold('paused', `paused by ${order.by}: ${order.reason}`, order.by !== thePlan);
    case 'retry':
      forget(state, order.step);
      return 'tasks';
    case 'skip':
      waive(state, order);
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
      return ask(week, order.why);
    case 'hold':
      return held(week, order);
    case 'rollback':
      return turnBack(week, order);
  }
}

/** In a new history, which begins with what is being done and what was ordered meanwhile. */
async function continueLater(week: Week, queue?: string): Promise<Next> {
  const { state } = week;
  const continued = patched('orders-are-continued');
  if (continued) await settled(week);
  else {
    await week.measuring.stop();
    await week.notifying.settled(continueWithinMs);
    await condition(allHandlersFinished);
    // It would be lost with this history.
    if (week.waitingOrders > 0) return 'tasks';
  }
  await shed(week);
  const taskQueue = week.take(isContinuation).at(-1)?.queue ?? queue ?? workflowInfo().taskQueue;
  state.orders = week.take(() => true);
  state.pages += 1;
  week.publish(true);
  return makeContinueAsNewFunc<(state: WeekState) => Promise<WeekState>>({ taskQueue })(state);
}

function isRollback(next: Next): boolean {
  return typeof next !== 'string' && next.kind === 'rollback';
}

/** What is under way comes to its end, unless an order came, which the next history begins with. */
async function settled(week: Week): Promise<void> {
  const urgent = () => week.waitingOrders > 0 || week.state.undoing !== undefined;
  let measured = false;
  void week.measuring.stop().then(() => (measured = true));
  await condition(() => measured || urgent());
  await week.notifying.settled(continueWithinMs, urgent);
  await condition(allHandlersFinished);
}

/** Not before a rollback, or an order that has come: a file that can't be written must not keep it. */
async function shed(week: Week): Promise<void> {
  const gone = week.waitingOrders > 0 ? null : tooMuch(week.state);
  if (gone) await keepOlder(week.state, gone);
}

const leftFailures = 'the rollback left failures; see the progress';

async function turnBack(week: Week, order: Extract<Order, { kind: 'rollback' }>): Promise<Next> {
  const { by, scope, reason, emergency } = order;
  const itself = by === thePlan;
  if (await rollBack(week, scope, itself ? reason : `${by}: ${reason}`, emergency)) return 'end';
  // A history of before went on.
  if (scope === 'all') return !itself || emergency || patched('failures-hold') ? hold('paused', leftFailures) : 'tasks';
  if (itself) return hold('failed', `${nameOf(scope)} was undone: ${reason}`);
  const whole = week.state.undone.every(({ result }) => result !== 'failed');
  return hold('paused', `${nameOf(scope)} was rolled back for ${by}`, whole);
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
    ? { kind: 'ask', why: `level ${order.level} did not mend ${target}: ${actions.at(-1)?.result ?? ''}` }
    : 'tasks';
}

/** People decide about what can't be mended automatically; nobody there, the plan says what happens. */
function ask(week: Week, why: string): Hold {
  const { askDeadline, atDeadline } = week.plan.emergency;
  const until = Date.now() + askDeadline;
  const reason = `${why}; nobody answered within ${humanDuration(askDeadline)}`;
  const trigger = { automatic: true, by: thePlan, from: 'emergency.atDeadline', reason };
  return {
    ...hold('paused', why),
    wait: { on: 'a person', step: 'emergency', until, command: 'hubshift resume, or hubshift emergency --level 3' },
    otherwise:
      atDeadline === 'hold'
        ? hold('paused', reason)
        : { kind: 'rollback', by: thePlan, scope: 'all', reason, emergency: { trigger, at: until } },
  };
}

/** Somebody rolled back on a machine without the week: the others follow, and the incident is what that machine's ledger says. */
async function followClosing(week: Week): Promise<Next> {
  const { plan, state } = week;
  const ended = await rollBack(week, 'all', 'the ledger was closed by a rollback without Temporal');
  const closings = await Promise.all(
    plan.machines.map(async ({ name }) => ({
      name,
      closing: await week.proxy('rollback', name).closing({ run: state.run }),
    })),
  );
  const ordered = closings.flatMap(({ name, closing }) =>
    closing && closing.by !== 'the week' ? [{ name, ...closing }] : [],
  );
  const [first] = ordered.sort((a, b) => a.at - b.at);
  if (first) {
    const actions = ordered.map(({ name, at, undoneAt }) => ({
      what: 'undo the ledger',
      machine: name,
      result: undoneAt === null ? 'not all of it' : 'undone',
      ms: (undoneAt ?? Date.now()) - at,
    }));
    const undoneAt = Math.max(...ordered.map((one) => one.undoneAt ?? Date.now()));
    const trigger = {
      automatic: false,
      by: first.by,
      from: first.name,
      reason: 'rollback --emergency',
      withoutTemporal: true,
    };
    leaveIncident(week, {
      level: 3,
      target: null,
      trigger,
      startedAt: first.at,
      endedAt: undoneAt,
      result: ended ? 'recovered' : 'failed',
      actions,
    });
  }
  return ended ? 'end' : hold('paused', leftFailures);
}

/** The failure policy: ask people until the deadline, then undo the task; or undo at once. */
function failed(week: Week, step: string): Order {
  const { failure } = week.plan;
  const task = stepOf(week.plan, step)?.task ?? taskNames[0];
  const policy: OnFailure = failure.tasks[task] ?? failure.onFailure;
  const what = `${step} did not pass: ${week.state.records[step]?.summary ?? ''}`;
  if (policy === 'undo-all') return undo('all', what);
  if (policy === 'undo-task') return undo({ task }, what);
  return {
    ...hold('failed', what),
    wait: {
      on: 'a person',
      step,
      until: Date.now() + failure.askDeadline,
      command: `hubshift retry ${step}, hubshift skip ${step} --reason TEXT, or hubshift rollback`,
    },
    otherwise: undo({ task }, `${what}; nobody answered within ${humanDuration(failure.askDeadline)}`),
  };
}

/** Waits for a person, without a deadline. `ordered`: by a person, who knows. */
function hold(status: Hold['status'], reason: string, ordered = false): Hold {
  const wait = { on: 'a person', step: reason.slice(0, 80), command: 'hubshift resume, or hubshift rollback' };
  return { kind: 'hold', status, reason, since: Date.now(), wait, ordered };
}

/** Holds the week until an order comes, or the wait's time is over. People are told, unless one of them ordered it: nobody wants a decision of them then. */
async function held(
  week: Week,
  { status, reason, since, wait, ordered, otherwise, resumed, said }: Hold,
): Promise<Next> {
  week.state.status = status;
  week.state.held = { reason, since, deadline: wait.until };
  Object.assign(week.state.facts, said);
  if (!ordered) {
    const until =
      wait.until === undefined ? '' : ` It waits until ${utc(wait.until)}; then the plan says what happens.`;
    week.notifying.tell(
      'approval',
      `held-${since}/begin`,
      `${week.plan.title}: ${status}, a person must decide`,
      `${reason}. This ends with: ${wait.command}.${until}`,
    );
  }
  // Not waited for: a machine that is silent must not keep an order.
  void week.measuring.stop();
  // A repair does not end the wait.
  for (;;) {
    const order = await week.awaitOrder(wait);
    if (order?.kind === 'continue-as-new') throw new HistoryIsLong(order.queue);
    else if (order?.kind === 'repair') {
      const worse = await repairWhileHeld(week, order);
      if (worse) return worse;
    } else {
      week.state.status = 'running';
      week.state.held = undefined;
      if (order?.kind === 'resume' && resumed) return resumed;
      forgetUndoing(week.state);
      return order ?? otherwise ?? 'tasks';
    }
  }
}

/** In a history that is too long for it, it is the first that the next one does. What it did not foresee is a hold of its own. */
async function repairWhileHeld(week: Week, order: Repair): Promise<Hold | undefined> {
  try {
    await repair(week, order);
    return undefined;
  } catch (error) {
    if (!(error instanceof HistoryIsLong)) return unforeseen(error, heldBefore(week.state.doing));
    week.putBack(order);
    throw error;
  }
}

/** What was held is held again once it is resumed. */
function heldBefore(doing?: Order): Order | undefined {
  return (doing?.kind === 'hold' && doing.resumed) || doing;
}

/** What nobody foresaw holds the week: what a workflow throws is tried again for ever in silence, or ends it. */
export function unforeseen(error: unknown, resumed?: Order): Hold {
  const command =
    'hubshift resume (it is tried again), hubshift upgrade (with a build that mends it), or hubshift rollback';
  const reason = `an error that nobody foresaw: ${failureText(error)}`;
  const wait = { on: 'a person', step: 'the week', command };
  return { kind: 'hold', status: 'failed', reason, since: Date.now(), wait, ordered: false, resumed };
}

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
  for (const { id, task } of stepsOf(week.plan)) if (again.includes(task)) forget(state, id);
  keepPast(state, () => true, 0);
  delete state.evidence;
  state.phase = again[0] ?? state.phase;
  state.status = 'running';
  return 'tasks';
}
