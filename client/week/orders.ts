// Orders and decisions: validated updates of a plan's running week.
import { hostname, userInfo } from 'node:os';
import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { workflowId } from '../../plan/names.ts';
import type { Speaker } from '../../workflows/orders/messages.ts';
import { request } from './connect.ts';
import { exitCodes, Failure } from '../failure.ts';
import { describe } from './look.ts';

const answerMs = 6_000;

/** Who speaks: the name is a claim, the rest is what this process knows. */
export function speaker(name: string = userInfo().username): Speaker {
  return { by: name, from: `${userInfo().username}@${hostname()}` };
}

/** Gives an order and returns the week's answer. Throws Failure with the reason when it is refused, or when nobody takes it. */
export async function order<Ask>(
  client: Client,
  plan: string,
  update: UpdateDefinition<string, [Ask]>,
  ask: Ask,
): Promise<string> {
  const handle = client.workflow.getHandle(workflowId(plan));
  try {
    return await request(client, () => handle.executeUpdate(update, { args: [ask] }), answerMs);
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw new Failure(`Refused: ${error.cause?.message ?? error.message}`);
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      throw new Failure(
        `No control worker took the order within ${answerMs / 1000} s. Start one (hubshift worker --control) and give it again; if one starts soon it may still carry out this one.`,
        exitCodes.unreachable,
      );
    }
    if (error instanceof WorkflowNotFoundError) {
      const { execution, memo } = await describe(client, plan);
      throw new Failure(
        `Refused: run ${memo.run} of the plan ${plan} has ended (${memo.status}${execution === 'completed' ? '' : `, execution ${execution}`}).`,
      );
    }
    throw error;
  }
}
