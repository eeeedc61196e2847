// How a week goes on in a new history: what is under way comes to its end, what is older goes to its file, and orders are taken along.
import { allHandlersFinished, condition, makeContinueAsNewFunc, patched, workflowInfo } from '@temporalio/workflow';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { sameness, tooMuch } from '../../plan/week/older.ts';
import { isContinuation, type Next } from '../../plan/week/order.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { keepOlder } from '../keep-older.ts';
import type { Week } from '../week.ts';

/** How long a week that goes on in a new history waits for what is being told. */
const continueWithinMs = 20_000;

/** In a new history, which begins with what is being done and what was ordered meanwhile. */
export async function continueLater(week: Week, queue?: string): Promise<Next> {
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

/** An order has come, or a rollback runs: neither waits for what can wait. */
function isUrgent({ waitingOrders, state }: Week): boolean {
  return waitingOrders > 0 || state.undoing !== undefined;
}

/** What is under way comes to its end, unless an order came, which the next history begins with. */
async function settled(week: Week): Promise<void> {
  let measured = false;
  void week.measuring.stop().then(() => (measured = true));
  await condition(() => measured || isUrgent(week));
  await week.notifying.settled(continueWithinMs, () => isUrgent(week));
  await condition(allHandlersFinished);
}

/** Not in or before a rollback, and until an order comes: a file that can't be written must not keep it. */
export async function shed(week: Week): Promise<void> {
  const same = sameness(stepsOf(week.plan), !week.findingsStay);
  const gone = isUrgent(week) ? null : tooMuch(week.state, same);
  if (!gone) return;
  let over = false;
  void keepOlder(week.state, gone, same).then(() => (over = true));
  await condition(() => over || isUrgent(week));
}
