// Who serves a task queue, as Temporal knows it.
import type { Client } from '@temporalio/client';
import { heard } from '../../plan/worker-identity.ts';
import { request } from './connect.ts';

/** Workflow tasks, as the API numbers them. */
const workflowTasks = 1;

/** Identities of the workers that ask a queue for workflow tasks. One that was killed just now is among them. */
export async function served(client: Client, queue: string): Promise<string[]> {
  const { pollers } = await request(client, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: workflowTasks,
    }),
  );
  return heard(pollers, Date.now());
}
