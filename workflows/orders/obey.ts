// Carries out orders, one at a time: what each does to the week, whom the week waits for, and how it may end.
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { humanDuration, utc } from '../../plan/schema/duration.ts';
import type { OnFailure } from '../../plan/schema/plan.ts';
import { tasks } from '../../plan/tasks/index.ts';
import { type TaskName, taskNames } from '../../plan/tasks/names.ts';
import { stepOf, stepsOf } from '../../plan/tasks/steps.ts';
import type { Approval, WeekState } from '../../plan/week/state.ts';
import { leaveIncident } from '../emergency/incidents.ts';
import { repair } from '../emergency/repair.ts';
import { rollBack } from '../emergency/rollback.ts';
import { awaitDecision } from '../gate.ts';
import type { Week } from '../week.ts';
import { takeNote } from './handlers.ts';
import { type Order, type Repair, thePlan } from './orders.ts';
import { forget, waive } from './records.ts';

/** How long a week that goes on in a new history waits for what is being told. */
const continueWithinMs = 20_000;

/** Carries one order out; true when the week has ended. */
export async function obey(week: Week, order: Order): Promise<boolean> {
  const { state } = week;
  switch (order.kind) {
    case 'done':
      return decide(week);
    case 'failed':
      return failed(week, order.step);
    case 'pause':
      return hold(week, 'paused', `paused by ${order.by}: ${order.reason}`, order.by !== thePlan);
    case 'resume':
      return false;
    case 'retry':
      forget(state, order.step);
      return false;
    case 'skip':
      waive(state, order);
      return false;
    case 'decided':
      return false;
    case 'continue-as-new':
      await week.measuring.stop();
      await week.notifying.settled(continueWithinMs);
      await condition(allHandlersFinished);
      // An order that came meanwhile goes first: it would be lost with this history.
      if (week.hasOrders) return false;
      state.pages += 1;
      week.publish(true);
      return continueAsNew<(state: WeekState) => Promise<WeekState>>(state);
    case 'closed':
      return followClosing(week);
    case 'repair':
      return mend(week, order);
    case 'note':
      takeNote(week.state, order.note);
      return true;
    case 'ask':
      return ask(week, order.why);
    case 'rollback':
      if (await rollBack(week, order.scope, `${order.by}: ${order.reason}`, order.emergency)) return true;
      if (order.scope === 'all') return hold(week, 'paused', leftFailures);
      return hold(
        week,
        'paused',
        `${'task' in order.scope ? `task ${order.scope.task}` : `agent ${order.scope.agent}`} was rolled back for ${order.by}`,
        state.undone.every(({ result }) => result !== 'failed'),
      );
  }
}

const leftFailures = 'the rollback left failures; see the progress';

/** Level 1 or 2. One that was triggered automatically and did not help is for people. */
async function mend(week: Week, order: Repair): Promise<boolean> {
  const { automatic } = order.trigger;
  const { result, target, actions } = await repair(week, order);
  if (!automatic) return false;
  week.state.mended = target ?? undefined;
  return result === 'failed'
    ? ask(week, `level ${order.level} did not mend ${target}: ${actions.at(-1)?.result ?? ''}`)
    : false;
}

/** People decide about what can't be mended automatically; nobody there, the plan says what happens. */
async function ask(week: Week, why: string): Promise<boolean> {
  const { askDeadline, atDeadline } = week.plan.emergency;
  const order = await held(week, 'paused', why, {
    on: 'a person',
    step: 'emergency',
    until: Date.now() + askDeadline,
    command: 'hubshift resume, or hubshift emergency --level 3',
  });
  if (order) return obey(week, order);
  const reason = `${why}; nobody answered within ${humanDuration(askDeadline)}`;
  if (atDeadline === 'hold') return hold(week, 'paused', reason);
  const call = { trigger: { automatic: true, by: thePlan, from: 'emergency.atDeadline', reason }, at: Date.now() };
  return (await rollBack(week, 'all', reason, call)) || hold(week, 'paused', leftFailures);
}

/** Somebody rolled back on a machine without the week: the others follow, and the incident is what that machine's ledger says. */
async function followClosing(week: Week): Promise<boolean> {
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
  return ended || hold(week, 'paused', leftFailures);
}

/** The failure policy: ask people until the deadline, then undo the task; or undo at once. */
async function failed(week: Week, step: string): Promise<boolean> {
  const task = stepOf(week.plan, step)?.task ?? taskNames[0];
  const policy: OnFailure = week.plan.failure.tasks[task] ?? week.plan.failure.onFailure;
  const what = `${step} did not pass: ${week.state.records[step]?.summary ?? ''}`;
  if (policy === 'undo-all') return rollBack(week, 'all', what);
  if (policy === 'undo-task') return undoTask(week, task, what);
  const deadline = Date.now() + week.plan.failure.askDeadline;
  const order = await held(week, 'failed', what, {
    on: 'a person',
    step,
    until: deadline,
    command: `hubshift retry ${step}, hubshift skip ${step} --reason TEXT, or hubshift rollback`,
  });
  return order
    ? obey(week, order)
    : undoTask(week, task, `${what}; nobody answered within ${humanDuration(week.plan.failure.askDeadline)}`);
}

async function undoTask(week: Week, task: TaskName, why: string): Promise<boolean> {
  if (await rollBack(week, { task }, why)) return true;
  return hold(week, 'failed', `task ${task} was undone: ${why}`);
}

/** Waits for a person, without a deadline. `ordered`: by a person, who knows. */
async function hold(week: Week, status: 'paused' | 'failed', reason: string, ordered = false): Promise<boolean> {
  const order = await held(
    week,
    status,
    reason,
    { on: 'a person', step: reason.slice(0, 80), command: 'hubshift resume, or hubshift rollback' },
    ordered,
  );
  return order ? obey(week, order) : false;
}

/** Holds the week until an order comes, or the wait's time is over. People are told, unless one of them ordered it: nobody wants a decision of them then. */
async function held(
  week: Week,
  status: 'paused' | 'failed',
  reason: string,
  wait: { on: string; step: string; until?: number; command: string },
  ordered = false,
): Promise<Order | undefined> {
  const since = Date.now();
  week.state.status = status;
  week.state.held = { reason, since, deadline: wait.until };
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
  // Not waited for: a machine that is silent must not keep an order. A history can't continue as new while the week is held.
  void week.measuring.stop();
  try {
    // A repair does not end the wait.
    for (;;) {
      const order = await week.awaitOrder(wait);
      if (order?.kind !== 'repair') return order;
      await repair(week, order);
    }
  } finally {
    week.state.status = 'running';
    week.state.held = undefined;
  }
}

/** Go/no-go: waits for the people the plan wants, until its deadline. */
async function decide(week: Week): Promise<boolean> {
  const { state, plan } = week;
  // A GO that has been carried out stands, however long that took.
  if (state.records['ledger.keep']?.verdict === 'pass') return complete(state);
  state.phase = 'gate';
  const deadline = (week.fact('gate.openedAt') ?? Date.now()) + plan.gate.deadline;
  week.keep('gate.openedAt', deadline - plan.gate.deadline);
  const outcome = await awaitDecision(week, deadline);
  switch (outcome.kind) {
    case 'no-go':
      return turnBack(week, outcome.decision);
    case 'nobody':
      state.status = 'running';
      delete state.facts['gate.openedAt'];
      return hold(week, 'paused', `no decision came before the deadline of ${humanDuration(plan.gate.deadline)}`);
    case 'order':
      state.status = 'running';
      // It may change what was found: the same again has the same digest.
      delete state.evidence;
      return obey(week, outcome.order);
    case 'go':
  }
  // The ledgers are kept by a task, so that orders and the failure policy hold for it as well.
  if (week.settled('ledger.keep')) return complete(state);
  state.status = 'running';
  return false;
}

function complete(state: WeekState): true {
  state.phase = 'end';
  state.status = 'completed';
  return true;
}

/** Extends the week (soaks again) or undoes it, as decided. */
async function turnBack(week: Week, decision: Approval): Promise<boolean> {
  const { state } = week;
  if (decision.then === 'rollback') return rollBack(week, 'all', `no-go by ${decision.by}: ${decision.reason}`);
  const again = tasks.filter(({ repeatedOnExtension }) => repeatedOnExtension).map(({ name }) => name);
  for (const { id, task } of stepsOf(week.plan)) if (again.includes(task)) forget(state, id);
  state.decisions.push(
    ...state.approvals.map((said) => ({
      ...said,
      recommendation: said.evidence === state.evidence?.digest ? state.evidence.recommendation : null,
    })),
  );
  state.approvals = [];
  delete state.evidence;
  state.phase = again[0] ?? state.phase;
  state.status = 'running';
  return false;
}
