// Who serves a task queue, as Temporal knows it.
import type { Client } from '@temporalio/client';
import { askingFor, heard } from '../../plan/worker-identity.ts';
import { request } from './connect.ts';

/** Identities of the workers that ask a queue for workflow tasks. One that was killed just now is among them. */
export async function served(client: Client, queue: string): Promise<string[]> {
  const { pollers } = await request(client, () =>
    client.workflowService.describeTaskQueue(askingFor(client.options.namespace, queue)),
  );
  return heard(pollers, Date.now());
}
