// Holds: the week waits for a person, with a deadline or without one.
import { patched } from '@temporalio/workflow';
import { utc } from '../../plan/schema/duration.ts';
import { kindOf } from '../../plan/tasks/steps.ts';
import { paste } from '../../plan/week/paste.ts';
import { type Hold, type Next, type Order, type Repair, thePlan } from '../../plan/week/order.ts';
import { repair } from '../emergency/repair.ts';
import { endIfUndone } from '../emergency/ending.ts';
import { leaveAccepted } from '../emergency/leave-accepted.ts';
import { moveToHistory } from '../emergency/move-to-history.ts';
import { forgetUndoing } from '../emergency/rollback.ts';
import { failureText } from '../machine/failures.ts';
import { pageOf } from '../../plan/week/paging.ts';
import { isClosed, type WeekState } from '../../plan/week/state.ts';
import type { Week } from '../week.ts';
import { atDeadline, isAnswered } from './at-deadline.ts';
import { HistoryIsLong } from './interruptions.ts';
import { standsOpen, waive } from './records.ts';
import { cut } from '../../plan/week/cut-text.ts';

/** After a rollback of everything: it is tried again, taken as it is, or the machine is given up. */
export function leftFailures(
  state: WeekState,
  held = hold('paused', 'the rollback left failures; see the progress'),
): Hold {
  const command = [
    'hubshift rollback (when what it names is mended)',
    'hubshift accept ROW --reason TEXT (a row that stays as it is)',
    'hubshift rollback --without MACHINE (one that does not come back)',
    ...(isClosed(state) ? [] : ['hubshift resume']),
  ];
  const ends = [['report'], ['rollback'], ...(isClosed(state) ? [] : [['resume']])];
  return { ...held, wait: { ...held.wait, command: command.join(', or '), ends } };
}

/** Waits for a person, without a deadline. `ordered`: by a person, who knows. */
export function hold(status: Hold['status'], reason: string, ordered = false): Hold {
  const command = 'hubshift resume, or hubshift rollback';
  const wait = { on: 'a person', step: cut(reason, 80), command, ends: [['resume'], ['rollback']] };
  return { kind: 'hold', status, reason, since: Date.now(), wait, ordered };
}

export function paused({ by, reason }: Extract<Order, { kind: 'pause' }>): Hold {
  return hold('paused', `paused by ${by}: ${reason}`, by !== thePlan);
}

/** Holds the week until an order comes, or the wait's time is over. People are called, unless one of them ordered it: nobody wants a decision of them then. */
export async function held(week: Week, hold: Hold): Promise<Next> {
  const { status, reason, since, wait, ordered } = hold;
  week.state.status = status;
  week.state.held = { reason, since, deadline: wait.until };
  Object.assign(week.state.facts, hold.said);
  const about = pageOf(hold);
  if (!ordered) {
    const until =
      wait.until === undefined
        ? ''
        : ` It waits until ${utc(wait.until)}; then it is looked at again, and where it is not well, the plan says what happens.`;
    week.paging.begin(wait.until === undefined ? 'held' : 'question', about, {
      title: `${week.plan.title}: ${status}, a person must decide`,
      text: `${reason}.${wait.ends ? '' : ` This ends with: ${wait.command}.`}${until}`,
      commands: wait.ends?.map((words) => paste(week.state, words)),
    });
  }
  const next = await untilOrdered(week, hold);
  week.paging.settle(endOf(next), about);
  return next;
}

/** Who has ended a hold, and how. */
function endOf(next: Next): string {
  if (typeof next === 'string') return 'Nothing holds the week any more.';
  return 'by' in next ? `${next.kind} by ${next.by}.` : 'reason' in next ? `${next.reason}.` : `${next.kind}.`;
}

async function untilOrdered(week: Week, hold: Hold): Promise<Next> {
  const { otherwise, resumed, again = [] } = hold;
  let { wait } = hold;
  const answered = () => week.looksAgain && isAnswered(week, hold);
  // Not waited for: a machine that is silent must not keep an order.
  void week.measuring.stop();
  // A repair does not end the wait, nor does what a rollback left and is accepted: unless nothing else holds up the end.
  for (;;) {
    const order = await week.awaitOrder(wait, wait.until, () => wait.until !== undefined && answered());
    if (order?.kind === 'continue-as-new') throw new HistoryIsLong(order.queue);
    else if (order?.kind === 'repair') {
      const worse = await repairWhileHeld(week, order);
      if (worse) return worse;
      if (week.looksAgain) wait = withoutDeadline(week, hold);
    } else if (order === undefined && answered()) {
      wait = withoutDeadline(week, hold);
    } else if (order?.kind === 'accept' && onlyWaives(week, order.row)) {
      waive(week.state, order, week);
      if (endIfUndone(week.state)) {
        await leaveAccepted(week);
        return 'end';
      }
      week.publish();
    } else {
      const due = order === undefined && week.looksAgain ? await atDeadline(week, hold) : undefined;
      if (order === undefined && week.looksAgain && due === undefined) continue;
      week.state.status = 'running';
      week.state.held = undefined;
      if (order?.kind === 'pause' && resumed) return { ...paused(order), resumed };
      if (order?.kind === 'resume' && resumed) return resumed;
      if (order?.kind === 'resume') for (const scope of again) moveToHistory(week, scope);
      forgetUndoing(week.state);
      return order ?? due ?? otherwise ?? 'tasks';
    }
  }
}

/** Whoever mends something, or has answered, is there: no clock decides any more, in this history or the next. */
function withoutDeadline({ state }: Week, hold: Hold): Hold['wait'] {
  const { until, ...wait } = hold.wait;
  if (until !== undefined) state.doing = { ...hold, wait };
  delete state.held?.deadline;
  return wait;
}

/** What a rollback left, or is of the past, and whatever else is accepted after one of everything: there is nothing to go on with. */
function onlyWaives({ plan, state, findingsStay }: Week, row: string): boolean {
  const { rollback, stood } = state;
  if (kindOf(plan, row) === 'undo' || (findingsStay && !standsOpen(state, row))) return true;
  // A history of before went on.
  return rollback?.scope === 'all' && stood !== undefined && patched('accepts-only-waive');
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
  const wait = { on: 'a person', step: 'the week', command, ends: [['resume'], ['rollback']] };
  return { kind: 'hold', status: 'failed', reason, since: Date.now(), wait, ordered: false, resumed };
}
