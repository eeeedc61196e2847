// Weeks on the queue of a build that nobody runs any more: this build serves them too, once it has replayed what they have done.
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { buildQueue, controlQueue, searchAttributes } from '../plan/names.ts';
import { buildOf, heard } from '../plan/worker-identity.ts';
import { reasonOf, say } from './log.ts';
import type { AlsoServe } from './run-workers.ts';
import { whyNotReplayed } from './takeover.ts';

const requestMs = 5_000;
const historyMs = 60_000;
/** As Temporal's API numbers them. */
const workflowTasks = 1;
const onQueuesOfBuilds = `WorkflowType = 'week1' AND ExecutionStatus = 'Running' AND ${searchAttributes.plan} IS NOT NULL`;

interface Execution {
  workflowId: string;
  runId: string;
}

/** Looks again and again until `ended`. `own` are served already. */
export async function serveOrphans(
  client: Client,
  own: readonly string[],
  alsoServe: AlsoServe,
  ended: AbortSignal,
  { everyMs = 20_000, whyNot = whyNotReplayed } = {},
): Promise<void> {
  const served = new Map<string, AbortController>();
  /** Executions that this build can't go on with: said once. */
  const refused = new Set<string>();
  const look = async () => {
    for (const [queue, weeks] of await weeksByQueue(client)) {
      if (own.includes(queue) || served.has(queue) || weeks.some(({ runId }) => refused.has(runId))) continue;
      if ((await workersOf(client, queue)).length > 0) continue;
      const names = weeks.map(({ workflowId }) => workflowId).join(', ');
      const bad = await firstNotReplayed(client, weeks, whyNot);
      if (bad) {
        refused.add(bad.week.runId);
        say('WARN', 'nobody serves the queue of a week, and its history does not replay with this build', {
          week: bad.week.workflowId,
          queue,
          error: bad.why,
        });
        continue;
      }
      const until = new AbortController();
      await alsoServe(queue, until.signal);
      served.set(queue, until);
      say('INFO', 'serves the queue of a week too: nobody else does, and its history replays with this build', {
        week: names,
        queue,
      });
    }
    for (const [queue, until] of served) {
      // Two builds on one queue would both get tasks of its weeks.
      const back = (await workersOf(client, queue)).find((identity) => buildQueue(buildOf(identity) ?? '') === queue);
      if (!back) continue;
      until.abort();
      served.delete(queue);
      say('INFO', 'leaves the queue of a week to a worker of its build, which is back', { queue, worker: back });
    }
  };
  while (!ended.aborted) {
    try {
      await look();
    } catch (error) {
      say('WARN', 'weeks that nobody serves can not be looked for', { error: reasonOf(error) });
    }
    await setTimeout(everyMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** Of the running weeks, those on queues of builds. */
async function weeksByQueue(client: Client): Promise<Map<string, Execution[]>> {
  const weeks = new Map<string, Execution[]>();
  await inTime(client, async () => {
    for await (const { workflowId, runId, taskQueue } of client.workflow.list({ query: onQueuesOfBuilds }))
      if (taskQueue.startsWith(`${controlQueue}.`))
        weeks.set(taskQueue, [...(weeks.get(taskQueue) ?? []), { workflowId, runId }]);
  });
  return weeks;
}

async function workersOf(client: Client, queue: string): Promise<string[]> {
  const { pollers } = await inTime(client, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: workflowTasks,
    }),
  );
  return heard(pollers, Date.now());
}

async function firstNotReplayed(
  client: Client,
  weeks: readonly Execution[],
  whyNot: typeof whyNotReplayed,
): Promise<{ week: Execution; why: string } | undefined> {
  for (const week of weeks) {
    const handle = client.workflow.getHandle(week.workflowId, week.runId);
    const why = await whyNot(await inTime(client, () => handle.fetchHistory(), historyMs), week.workflowId);
    if (why) return { week, why };
  }
  return undefined;
}

function inTime<T>({ connection }: Client, work: () => Promise<T>, ms = requestMs): Promise<T> {
  return connection.withDeadline(Date.now() + ms, work);
}
