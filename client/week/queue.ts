// Who serves a task queue, as Temporal knows it.
import type { Client } from '@temporalio/client';
import { request } from './connect.ts';

/** Workflow tasks, as the API numbers them. */
const workflowTasks = 1;
/** A worker asks for tasks once a minute at least; one that has ended is still listed for five. */
const heardWithinMs = 75_000;

/** Identities of the workers that ask a queue for workflow tasks. */
export async function served(client: Client, queue: string): Promise<string[]> {
  const { pollers } = await request(client, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: workflowTasks,
    }),
  );
  const since = Date.now() - heardWithinMs;
  return (pollers ?? [])
    .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > since)
    .map(({ identity }) => identity ?? '');
}
