// A run that has ended, or was cut off, begins again with its state: with the build that had it, where that is there.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { controlQueueOf, planId, workflowId } from '../../plan/names.ts';
import type { Order } from '../../plan/week/order.ts';
import type { Glance } from '../../plan/week/snapshot.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { request } from './connect.ts';
import { served } from './queue.ts';
import { start } from './start.ts';

/** Says where it goes on when that is not where it was. Throws Failure while the plan has a running week. */
export async function startAgain(client: Client, state: WeekState, first?: Order): Promise<void> {
  const was = await queueOf(client, state);
  const ofAllBuilds = controlQueueOf(state.plan.site);
  const queue = was === ofAllBuilds || (await served(client, was)).length > 0 ? was : ofAllBuilds;
  await start(client, state, { first, queue });
  if (queue !== was)
    process.stdout.write(`Nobody serves ${was}, where run ${state.run} was: it goes on on ${queue}, with its build.\n`);
}

/** Of its last execution. Temporal may know nothing of it any more. */
async function queueOf(client: Client, { plan, run }: WeekState): Promise<string> {
  try {
    const { memo, taskQueue } = await request(client, () =>
      client.workflow.getHandle(workflowId(planId(plan))).describe(),
    );
    return (memo?.['glance'] as Glance | undefined)?.run === run ? taskQueue : controlQueueOf(plan.site);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return controlQueueOf(plan.site);
    throw error;
  }
}
