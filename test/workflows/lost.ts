// A week that the test server has lost: where a timer fires, or an activity ends, while the workflow task that cancels it is under way, it
// refuses the task as a whole though half of it is done, and every one after it, and never skips time again. Temporal itself takes such a task.
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** Of the error. Such a test is done again, on another server. */
export const lostWeek = /^The test server has lost /;

/** Throws once a workflow task was refused, which is looked for while nothing else happens; until then it waits. */
export async function whenLost(
  week: Pick<WorkflowHandle, 'workflowId' | 'describe' | 'fetchHistory'>,
  signal: AbortSignal,
  stillMs = 5_000,
): Promise<never> {
  for (let length = 0; ;) {
    await delay(stillMs, undefined, { signal });
    // A server that is busy may not answer: then nothing is known.
    const seen = await week.describe().catch(() => null);
    if (seen?.status.name === 'RUNNING' && seen.historyLength === length) {
      const refused = refusedIn(await week.fetchHistory().catch(() => ({})));
      if (refused)
        throw new Error(`The test server has lost ${week.workflowId}: it took no answer to workflow task ${refused}`);
    }
    length = seen?.historyLength ?? 0;
  }
}

/** A workflow task that was begun once more, with no event that says why. After one that failed there is none either, which is no refusal. */
function refusedIn({ events }: Pick<History, 'events'>): string | undefined {
  let begun: string[] = [];
  let failed = false;
  for (const event of events ?? []) {
    if (event.workflowTaskStartedEventAttributes) begun.push(String(event.eventId));
    const hasFailed = event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes;
    if (hasFailed ?? event.workflowTaskCompletedEventAttributes) [begun, failed] = [[], Boolean(hasFailed)];
  }
  return begun.length > 1 && !failed ? begun[0] : undefined;
}

/**
 * What was asked of a server that has lost a week is never answered. When that server is ended the SDK asks once more in a timer, of a channel that is
 * closed by then, and throws where nobody can catch it: the test has been failed for the lost week, and is done again on another server.
 */
export function askedTooLate({ message, stack = '' }: { message: string; stack?: string }): boolean {
  return message === 'Channel has been shut down' && stack.includes('grpc-retry');
}
