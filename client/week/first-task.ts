// What became of the first task of a workflow that was begun, or moved to another queue: whether its worker can do it at all.
import type { Client, WorkflowHandle } from '@temporalio/client';
import { redact } from '../../plan/secrets/redact.ts';
import { request } from './connect.ts';

export interface FirstTask {
  /** A worker has it, or had it. */
  taken: boolean;
  done: boolean;
  /** Why it failed for the first time; it is tried again and again. */
  failed?: string;
}

/** How long another worker of the queue may take to do what one of them can't. */
export const elsewhereMs = 2_000;

/** A history of a workflow that nobody took: started, task scheduled. */
const untakenLength = 2;

export async function firstTask(client: Client, handle: WorkflowHandle, withinMs?: number): Promise<FirstTask> {
  const events = (await request(client, () => handle.fetchHistory(), withinMs)).events ?? [];
  const [failed] = events.flatMap((event) => event.workflowTaskFailedEventAttributes?.failure?.message ?? []);
  return {
    taken: events.length > untakenLength,
    done: events.some((event) => event.workflowTaskCompletedEventAttributes),
    ...(failed !== undefined && { failed: redact(failed) }),
  };
}
