// Short workflows that only look: start one, and see that a control worker takes it.
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { WorkflowFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import type { MachinesOf } from '../../plan/machine-api/meant.ts';
import { controlQueueOf, planId, workflowId } from '../../plan/names.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import { request } from './connect.ts';
import { elsewhereMs, firstTask, type FirstTask } from './first-task.ts';
import { exitCodes, Failure } from '../failure.ts';

/** How long a control worker may take to begin. */
const takenMs = 8_000;
const limitMs = 120_000;

/** Runs a looking workflow to its end. Throws Failure when no control worker takes it, or when it fails. */
export async function shortRun<T>(
  client: Client,
  type: 'dryRun' | 'rollbackPreview' | 'showPrepared' | 'notifyTest' | 'channelsOff',
  plan: Pick<Plan, 'name' | 'site' | 'machines'>,
  ask: unknown,
  withinMs = limitMs,
): Promise<T> {
  const { site, machines } = plan;
  const of: MachinesOf = { site, machines: machines.map(({ name, address }) => ({ name, address })) };
  const handle = await request(client, () =>
    client.workflow.start(type, {
      taskQueue: controlQueueOf(site),
      workflowId: `${workflowId(planId(plan))}-${type}-${randomBytes(3).toString('hex')}`,
      args: [ask, of],
      workflowExecutionTimeout: withinMs,
      staticSummary: `${type} of ${planId(plan)}`,
    }),
  );
  await taken(client, handle, controlQueueOf(site));
  try {
    return (await request(client, () => handle.result(), withinMs)) as T;
  } catch (error) {
    if (error instanceof WorkflowFailedError) throw new Failure(`The ${type} failed: ${innermost(error)}.`);
    throw error;
  }
}

/** Waits until a control worker has begun a workflow. Throws Failure, and ends the workflow, when none does, or none can. */
export async function taken(client: Client, handle: WorkflowHandle, queue: string): Promise<void> {
  let seen: FirstTask = { taken: false, done: false };
  let until = Date.now() + takenMs;
  while (Date.now() < until && !seen.done) {
    await setTimeout(200);
    const before = seen;
    seen = await firstTask(client, handle);
    if (seen.failed && !before.failed) until = Date.now() + elsewhereMs;
  }
  if (seen.done || (seen.taken && !seen.failed)) return;
  await request(client, () =>
    handle.terminate(seen.failed ? 'the control worker can not do it' : 'no control worker took it'),
  );
  throw seen.failed ? unable(queue, seen.failed) : nobody(queue);
}

function nobody(queue: string): Failure {
  return new Failure(
    `No control worker answers on ${queue} within ${takenMs / 1000} s. Start one, without --beside: hubshift worker --control`,
    exitCodes.unreachable,
  );
}

function unable(queue: string, failed: string): Failure {
  return new Failure(
    `The control worker on ${queue} can't do this: ${failed}. Most often it is of an earlier build: put this one in its place and restart it, without --beside (hubshift worker --control). How that is done while a week runs is in docs/what-if.md: "A fix is needed in mid-week".`,
  );
}

/** Throws Failure when machines could not be asked. */
export function refuseMissing(missing: string[]): void {
  if (missing.length === 0) return;
  const [first = ''] = missing;
  throw new Failure(
    `No worker answers for ${missing.join(', ')}. Start one on each, as: hubshift worker --machine ${first}`,
    exitCodes.unreachable,
  );
}

function innermost(error: Error): string {
  return error.cause instanceof Error ? innermost(error.cause) : error.message;
}
