// Which weeks run, as Temporal lists them, and what they answer, as any client asks.
import type { Client } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import { searchAttributes } from '../plan/names.ts';
import { reasonOf, say } from './log.ts';

const requestMs = 5_000;
const newestRuns = 20;
export const runningWeeks = `WorkflowType = 'week1' AND ExecutionStatus = 'Running' AND ${searchAttributes.plan} IS NOT NULL`;

/** Of each week that answers; one that does not is left out, and said. Throws when none does. `isThere`: only of those on such queues. */
export async function askWeeks<T>(
  { connection, workflow }: Client,
  question: QueryDefinition<T>,
  isThere: (queue: string) => boolean,
): Promise<T[]> {
  const inTime = <R>(work: () => Promise<R>) => connection.withDeadline(Date.now() + requestMs, work);
  const ids = await inTime(async () => {
    const running: string[] = [];
    for await (const { workflowId, taskQueue } of workflow.list({ query: runningWeeks, pageSize: newestRuns }))
      if (isThere(taskQueue) && running.push(workflowId) === newestRuns) break;
    return running;
  });
  const asked = await Promise.allSettled(ids.map((id) => inTime(() => workflow.getHandle(id).query(question))));
  const refused = asked.flatMap((one, index) =>
    one.status === 'rejected' ? [{ week: ids[index], error: reasonOf(one.reason) }] : [],
  );
  if (refused.length > 0 && refused.length === ids.length) throw new Error(`no week answers: ${refused[0]!.error}`);
  for (const one of refused) say('WARN', 'a week does not answer, and is left out', one);
  return asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
