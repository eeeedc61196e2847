// Orders and decisions: validated updates of a plan's running week.
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import type { ApplicationFailure, UpdateDefinition } from '@temporalio/common';
import { workflowId } from '../../plan/names.ts';
import { endedStatuses, statusText } from '../../plan/week/state.ts';
import { request } from './connect.ts';
import { exitCodes, Failure } from '../failure.ts';
import { takenUp } from '../show/cut.ts';
import { unanswered } from '../show/queue.ts';
import { describe } from './look.ts';
import { served } from './queue.ts';
import type { Addressee } from './speaker.ts';

const answerMs = 6_000;
/** What an update ends with that a week had taken, and could not answer any more. */
const completedBefore = 'AcceptedUpdateCompletedWorkflow';

/** The week ended, or was cut off, before it could take the order: nothing of it will be carried out. */
export class HasEnded extends Failure {
  override name = 'HasEnded';
}

/** Gives an order and returns the week's answer. Throws Failure with the reason when it is refused, or when nobody takes it. */
export async function order<Ask>(
  client: Client,
  { plan, ...aim }: Addressee,
  update: UpdateDefinition<string, [Ask]>,
  ask: Ask,
): Promise<string> {
  const handle = client.workflow.getHandle(workflowId(plan));
  try {
    return await request(client, () => handle.executeUpdate(update, { args: [{ ...ask, ...aim }] }), answerMs);
  } catch (error) {
    const cameTooLate =
      error instanceof WorkflowNotFoundError ||
      (error instanceof WorkflowUpdateFailedError && (error.cause as ApplicationFailure)?.type === completedBefore);
    if (cameTooLate) throw await endedMeanwhile(client, plan);
    if (error instanceof WorkflowUpdateFailedError)
      throw new Failure(`Refused: ${error.cause?.message ?? error.message}`);
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      const { queue } = await describe(client, plan);
      throw new Failure(
        `No control worker took the order within ${answerMs / 1000} s. ${unanswered(queue, await served(client, queue))}\nThen give the order again; this one may still be carried out.`,
        exitCodes.unreachable,
      );
    }
    throw error;
  }
}

async function endedMeanwhile(client: Client, plan: string): Promise<HasEnded> {
  const { execution, memo } = await describe(client, plan);
  return new HasEnded(
    endedStatuses.includes(memo.status) || execution === 'completed'
      ? `Refused: run ${memo.run} of the plan ${plan} has ended (${statusText(memo.status, memo.without)}).`
      : `Refused: run ${memo.run} of the plan ${plan} was cut off (execution ${execution}). ${takenUp(memo.run)}`,
  );
}
