// The week as a workflow: set up, then obey orders until the week is completed or rolled back.
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  ContinueAsNew,
  isCancellation,
  patched,
} from '@temporalio/workflow';
import { taskNames } from '../plan/tasks/names.ts';
import { looksFirst, stepsOf, tasksIn, undoRows } from '../plan/tasks/steps.ts';
import { paste } from '../plan/week/paste.ts';
import { wholeRecordBytes } from '../plan/week/record.ts';
import { namesWithout, statusText, undoableStatuses, type WeekState } from '../plan/week/state.ts';
import { todo } from '../plan/week/without.ts';
import { keepLeft } from './emergency/move-to-history.ts';
import { isGo } from './gate.ts';
import { keepLedgers, openLedgers } from './ledgers.ts';
import { failureText } from './machine/failures.ts';
import { reports } from './machine/proxy.ts';
import { leaveRest } from './notices/tell-rest.ts';
import { setUp } from './orders/handlers.ts';
import { unforeseen } from './orders/holding.ts';
import { obey } from './orders/obey.ts';
import type { Order } from '../plan/week/order.ts';
import { taskRuns } from './tasks/index.ts';
import type { Week } from './week.ts';

/**
 * The whole plan, task after task. Ends with the final state; only a rollback with failures holds it open.
 * `first` is an order to begin with: a week that has ended is rolled back by starting it again with its final state.
 */
export async function week1(input: WeekState, first?: Order): Promise<WeekState> {
  const week = setUp(input);
  if (first) week.order(first);
  // A Cancel that ended the week in its middle would leave all that it made, with nobody to take it back.
  // Asked once: where a history of before is taken up, it would be true from then on.
  const cancelHolds = patched('cancel-holds');
  if (!cancelHolds) return untilTheEnd(week, cancelHolds);
  void CancellationScope.current().cancelRequested.catch(() => week.order(cancelled));
  return CancellationScope.nonCancellable(() => untilTheEnd(week, cancelHolds));
}

const cancelled: Order = {
  kind: 'pause',
  by: 'a Cancel of the workflow',
  reason: 'a week is ended by hubshift rollback',
};

async function untilTheEnd(week: Week, cancelHolds: boolean): Promise<WeekState> {
  for (;;) {
    while (!(await goOn(week, cancelHolds)));
    week.publish(true);
    await sayGoodbye(week);
    if (!isTakenBack(week)) return week.state;
  }
}

/** The way back is open until the last moment: nobody waits for a report, or for a channel. */
async function sayGoodbye(week: Week): Promise<void> {
  // In a history of before the way back was closed by then.
  const isOpen = patched('way-back-at-the-end');
  let written = false;
  const writing = keepReport(week).finally(() => (written = true));
  if (isOpen) await condition(() => written || isTakenBack(week));
  else await writing;
  tellResult(week);
  await week.notifying.settled(resultWithinMs, () => isOpen && isTakenBack(week));
  if (isTakenBack(week)) return;
  await leaveRest(week.state);
  await condition(allHandlersFinished);
}

/** Somebody has ordered that what stands after the end goes. */
function isTakenBack(week: Week): boolean {
  return undoableStatuses.includes(week.state.status) && week.waiting(({ kind }) => kind === 'rollback').length > 0;
}

/** True when the week has ended. */
async function goOn(week: Week, cancelHolds: boolean): Promise<boolean> {
  const { state } = week;
  try {
    return await obey(week, state.doing ?? (await week.next(() => tasks(week))));
  } catch (error) {
    // The last is a hold that can't be carried out itself.
    if (error instanceof ContinueAsNew || (isCancellation(error) && !cancelHolds) || state.doing?.kind === 'hold')
      throw error;
    state.doing = unforeseen(error, state.doing);
    return false;
  }
}

/** The preflight alone: changes nothing. */
export async function preflight(input: WeekState): Promise<WeekState> {
  // Nobody needs to hear of a look.
  const week = setUp({
    ...input,
    plan: { ...input.plan, notify: { channels: [], routes: {}, remindEvery: 'never', escalate: [] } },
  });
  week.recordsAtMost = wholeRecordBytes;
  const order = await week.next(() => looks(week));
  week.state.status = order.kind === 'done' ? 'completed' : 'failed';
  week.publish(true);
  return week.state;
}

/** Temporal forgets a week some time after its end. That its report can't be written is no reason to hold it. */
async function keepReport({ state }: Week): Promise<void> {
  const { status } = state;
  const kept: NonNullable<WeekState['reports']> = { files: [] };
  try {
    kept.files = await reports.writeReport({ state, at: Date.now() });
  } catch (error) {
    kept.error = failureText(error);
  }
  if (state.status === status) state.reports = kept;
  // It is taken back already.
  else if (state.stood?.status === status) state.stood.reports = kept.files;
}

/** How the week ended, and for a GO or NO-GO who said so. */
function tellResult(week: Week): void {
  const { status, approvals, held, run, without = [] } = week.state;
  const said = approvals.map(
    ({ decision, by, confidencePercent, reason }) =>
      `${decision.toUpperCase()} by ${by}, confidence ${confidencePercent} %: ${reason}`,
  );
  week.paging.settle('The week has ended.');
  week.notifying.tell(
    'result',
    `result/${status}`,
    `${week.plan.title}: ${statusText(status, namesWithout(week.state))}`,
    [...said, ...(held ? [held.reason] : []), ...without.map((one) => todo(run, one))].join('; ') ||
      'The report has the whole of it.',
    { commands: [paste(week.state, ['report'])] },
  );
}

/** The tasks that change nothing. */
async function looks(week: Week): Promise<void> {
  for (const name of looksFirst) await taskRuns[name].run(week);
}

/** What a rollback left, and who accepted that, is of the past. */
function leaveBehind(week: Week): void {
  const { state } = week;
  keepLeft(week);
  delete state.stood;
  delete state.without;
  if (state.rollback) state.rollback.wentOn = true;
  for (const { id } of undoRows(tasksIn(state.plan))) delete state.records[id]?.waived;
}

async function tasks(week: Week): Promise<void> {
  leaveBehind(week);
  await looks(week);
  await openLedgers(week);
  // Once all is settled it is the gate that measures; what is done again opens that anew.
  if (stepsOf(week.plan).some(({ id }) => !week.settled(id))) {
    delete week.state.facts['gate.openedAt'];
    // A GO was to what had been found until then.
    if (week.findingsStay) delete week.state.evidence;
    week.measuring.begin();
  }
  for (const name of taskNames) if (!looksFirst.includes(name)) await taskRuns[name].run(week);
  if (isGo(week)) await keepLedgers(week);
}

/** How long a week that ends waits for what is being told. */
const resultWithinMs = 120_000;
