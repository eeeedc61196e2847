// Weeks on the queue of a build that nobody runs any more: this build, once it has replayed what they have done, serves them and takes them home.
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { askingFor, heardWithinMs, lastAsked } from '../plan/worker-identity.ts';
import * as messages from '../workflows/orders/messages.ts';
import { reasonOf, say } from './log.ts';
import type { AlsoServe } from './run-workers.ts';
import { runningWeeks } from './running-weeks.ts';
import { whyNotReplayed } from './takeover.ts';

const requestMs = 5_000;
const historyMs = 60_000;

interface Execution {
  workflowId: string;
  runId: string;
}

/** Looks again and again until `ended`. `home` is the queue of this build. */
export async function serveOrphans(
  client: Client,
  home: string,
  alsoServe: AlsoServe,
  ended: AbortSignal,
  { everyMs = 20_000, whyNot = whyNotReplayed } = {},
): Promise<void> {
  const served = new Map<string, AbortController>();
  /** Executions that this build can't go on with: said once. */
  const refused = new Set<string>();
  /** When a queue was last asked for tasks, or first looked at. Temporal knows the first from memory only: after a restart it lists nobody. */
  const asked = new Map<string, number>();
  const isUnserved = async (queue: string) => {
    const { pollers } = await inTime(client, () =>
      client.workflowService.describeTaskQueue(askingFor(client.options.namespace, queue)),
    );
    const last = Math.max(asked.get(queue) ?? Date.now(), lastAsked(pollers));
    asked.set(queue, last);
    return Date.now() - last > heardWithinMs;
  };
  const look = async () => {
    const away = await weeksByQueue(client, home.slice(0, home.lastIndexOf('.') + 1));
    away.delete(home);
    for (const queue of asked.keys()) if (!away.has(queue)) asked.delete(queue);
    for (const [queue, weeks] of away) {
      if (ended.aborted) return;
      if (served.has(queue) || !(await isUnserved(queue)) || weeks.some(({ runId }) => refused.has(runId))) continue;
      const bad = await firstNotReplayed(client, weeks, whyNot, ended);
      if (ended.aborted) return;
      if (bad) {
        refused.add(bad.week.runId);
        say('WARN', 'nobody serves the queue of a week, and its history does not replay with this build', {
          week: bad.week.workflowId,
          queue,
          error: bad.why,
        });
        continue;
      }
      // Somebody may have come while the weeks were replayed.
      if (!(await isUnserved(queue))) continue;
      const until = new AbortController();
      await alsoServe(queue, until.signal);
      served.set(queue, until);
      asked.delete(queue);
      say('INFO', 'serves the queue of a week too: nobody else does, and its history replays with this build', {
        week: weeks.map(({ workflowId }) => workflowId).join(', '),
        queue,
      });
    }
    for (const [queue, until] of served) {
      // Its own build, should it come back, may not replay what this one does there: so nothing is given back, and the weeks move.
      for (const week of away.get(queue) ?? []) {
        if (ended.aborted) return;
        await takeHome(client, week, home);
      }
      if (away.has(queue)) continue;
      until.abort();
      served.delete(queue);
      say('INFO', 'leaves the queue of another build: no week is on it any more', { queue });
    }
  };
  while (!ended.aborted) {
    try {
      await look();
    } catch (error) {
      if (ended.aborted) return;
      // Who was there meanwhile is not known.
      asked.clear();
      say('WARN', 'weeks that nobody serves can not be looked for', { error: reasonOf(error) });
    }
    await setTimeout(everyMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** Ordered at every look, and by its id taken once. The week moves when what it is doing has ended. */
async function takeHome(client: Client, { workflowId, runId }: Execution, queue: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const order = { by: 'the control worker', from: client.options.identity, queue };
  try {
    await inTime(client, () =>
      handle.executeUpdate(messages.takeOver, { args: [order], updateId: `home to ${queue}` }),
    );
  } catch (error) {
    say('WARN', 'a week does not move to the queue of this build yet', { week: workflowId, error: reasonOf(error) });
  }
}

/** Of the running weeks, those on queues that begin so: of builds, and of this site. */
async function weeksByQueue(client: Client, ofBuilds: string): Promise<Map<string, Execution[]>> {
  const weeks = new Map<string, Execution[]>();
  await inTime(client, async () => {
    for await (const { workflowId, runId, taskQueue } of client.workflow.list({ query: runningWeeks }))
      if (taskQueue.startsWith(ofBuilds))
        weeks.set(taskQueue, [...(weeks.get(taskQueue) ?? []), { workflowId, runId }]);
  });
  return weeks;
}

async function firstNotReplayed(
  client: Client,
  weeks: readonly Execution[],
  whyNot: typeof whyNotReplayed,
  ended: AbortSignal,
): Promise<{ week: Execution; why: string } | undefined> {
  for (const week of weeks) {
    if (ended.aborted) return undefined;
    const handle = client.workflow.getHandle(week.workflowId, week.runId);
    const why = await whyNot(await inTime(client, () => handle.fetchHistory(), historyMs), week.workflowId);
    if (why) return { week, why };
  }
  return undefined;
}

function inTime<T>({ connection }: Client, work: () => Promise<T>, ms = requestMs): Promise<T> {
  return connection.withDeadline(Date.now() + ms, work);
}
