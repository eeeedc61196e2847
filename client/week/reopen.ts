// A week that has ended takes no orders any more: it is started again with its final state, and the order is its first.
import type { Client } from '@temporalio/client';
import type { Order } from '../../plan/week/order.ts';
import { start } from './start.ts';
import { exitCodes, Failure } from '../failure.ts';
import { wholeState } from './look.ts';

/** Gives its run. Throws Failure when nothing gives the final state. */
export async function reopen(client: Client, plan: string, first: Order): Promise<string> {
  const state = await wholeState(client, plan);
  if (!state)
    throw new Failure(
      'The state of the ended run is not to be had: start a control worker (hubshift worker --control) and give the order again.',
      exitCodes.unreachable,
    );
  await start(client, state, first);
  return state.run;
}
