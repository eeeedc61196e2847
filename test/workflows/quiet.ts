// Whether anything is under way in a week. The test server loses a week when an activity ends in the very moment in which it is
// cancelled, or a timer (it refuses the whole workflow task and never gives it out again), so tests cancel only when all is quiet.
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];

export interface Ignored {
  /** Ids of activities that hang, or wait for their turn to answer. */
  hanging: ReadonlySet<string>;
  /** Task queues that no worker serves. */
  queues: ReadonlySet<string>;
}

/** A timer that fires within this time may do so while an order is carried out. */
const soonMs = 1_000;

/** Waits until the week waits for nothing but what is ignored, people and timers that do not fire soon. `now`: the server's time. */
export async function quiet(
  handle: WorkflowHandle,
  now: () => Promise<number>,
  ignored: Ignored,
  withinMs = 20_000,
): Promise<void> {
  for (const end = Date.now() + withinMs; Date.now() < end; await delay(20)) {
    const pending = (await handle.describe()).raw.pendingActivities ?? [];
    const hanging = new Set([...ignored.hanging, ...pending.filter(waitsForRetry).map(idOf)]);
    // The history is long, and only it knows of queues.
    if (ignored.queues.size === 0 && pending.some((activity) => !hanging.has(idOf(activity)))) continue;
    const events = (await handle.fetchHistory()).events ?? [];
    if (isQuiet(events, { ...ignored, hanging }) && !firesBefore(events, (await now()) + soonMs)) return;
  }
  const { events } = await handle.fetchHistory();
  const last = (events ?? []).slice(-12).map(({ eventType }) => String(eventType).replace('EVENT_TYPE_', ''));
  throw new Error(`${handle.workflowId} was not quiet within ${withinMs} ms: ${last.join(', ')}`);
}

/** How many activities lie in these queues. One of another queue is taken in a moment. */
export async function lyingIn(queues: ReadonlySet<string>, handle: WorkflowHandle): Promise<number> {
  const pending = (await handle.describe()).raw.pendingActivities ?? [];
  const lying = ((await handle.fetchHistory()).events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: activity }) =>
      activity && queues.has(activity.taskQueue?.name ?? '') ? [activity.activityId] : [],
  );
  return pending.filter(({ activityId }) => lying.includes(activityId)).length;
}

type Pending = NonNullable<Awaited<ReturnType<WorkflowHandle['describe']>>['raw']['pendingActivities']>[number];

function idOf({ activityId }: Pending): string {
  return activityId ?? '';
}

/** It failed, and is tried again later: a notice to a channel that is out of order, which no order cancels, would keep all busy. */
function waitsForRetry({ lastFailure }: Pending): boolean {
  return Boolean(lastFailure);
}

function isQuiet(events: Event[], { hanging, queues }: Ignored): boolean {
  if (
    events.at(-1)?.workflowExecutionCompletedEventAttributes ??
    events.at(-1)?.workflowExecutionCanceledEventAttributes
  )
    return true;
  const lastTask = events.findLast(
    (event) =>
      event.workflowTaskScheduledEventAttributes ??
      event.workflowTaskStartedEventAttributes ??
      event.workflowTaskCompletedEventAttributes,
  );
  if (!lastTask?.workflowTaskCompletedEventAttributes) return false;
  const ended = new Set(
    events.flatMap((event) =>
      String(
        (
          event.activityTaskCompletedEventAttributes ??
          event.activityTaskFailedEventAttributes ??
          event.activityTaskCanceledEventAttributes ??
          event.activityTaskTimedOutEventAttributes
        )?.scheduledEventId ?? [],
      ),
    ),
  );
  return events.every(
    ({ eventId, activityTaskScheduledEventAttributes: activity }) =>
      !activity ||
      ended.has(String(eventId)) ||
      hanging.has(activity.activityId ?? '') ||
      queues.has(activity.taskQueue?.name ?? ''),
  );
}

function firesBefore(events: Event[], atMs: number): boolean {
  const over = new Set(
    events.map((event) => (event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes)?.timerId),
  );
  return events.some(
    ({ eventTime, timerStartedEventAttributes: timer }) =>
      timer && !over.has(timer.timerId) && tsToMs(eventTime) + tsToMs(timer.startToFireTimeout) < atMs,
  );
}
