// What Temporal knows of a run: each of its executions, and the state that one of them gives.
import type { Client } from '@temporalio/client';
import { workflowId } from '../../plan/names.ts';
import type { Glance } from '../../plan/week/snapshot.ts';
import type { WeekState } from '../../plan/week/state.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { isUnanswered, request } from './connect.ts';

/** Of one plan so many executions are looked at: a week of weeks has a few hundred. */
const looksAtMost = 1_000;
/** A worker that is there replays the whole history first, and its answer is better than a state that was kept. */
const replayedWithinMs = 15_000;

export interface Execution {
  run: string;
  runId: string;
  execution: string;
  status: Glance['status'];
}

/** Of all runs of a plan, the newest first. */
export async function executionsOf(client: Client, plan: string): Promise<Execution[]> {
  const executions: Execution[] = [];
  let looked = 0;
  const listed = client.workflow.list({ query: `WorkflowId = "${workflowId(plan)}"` });
  for await (const { runId, status, memo } of listed) {
    const glance = memo?.['glance'] as Glance | undefined;
    if (glance)
      executions.push({ run: glance.run, runId, execution: status.name.toLowerCase(), status: glance.status });
    if (++looked === looksAtMost) break;
  }
  return executions;
}

/** Undefined when nobody answers for it: no worker, or one whose build does not replay it. */
export async function answer(client: Client, plan: string, runId: string): Promise<WeekState | undefined> {
  try {
    const handle = client.workflow.getHandle(workflowId(plan), runId);
    return await request(client, () => handle.query(messages.state), replayedWithinMs);
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    return undefined;
  }
}

/** As the newest of these can give it, from its result or from its worker. */
export async function stateGivenBy(
  client: Client,
  plan: string,
  executions: Execution[],
): Promise<WeekState | undefined> {
  // What went on in a new history is known better there.
  const [newest] = executions.filter(({ execution }) => execution !== 'continued_as_new');
  if (!newest) return undefined;
  if (newest.execution !== 'completed') return answer(client, plan, newest.runId);
  const handle = client.workflow.getHandle(workflowId(plan), newest.runId);
  return (await request(client, () => handle.result())) as WeekState;
}
