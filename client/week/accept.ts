// A finding is accepted as it is there: it is looked at and shown first, and the order says what was seen, and of which run.
import type { Client } from '@temporalio/client';
import { foundIn, foundLines } from '../../plan/evidence/findings.ts';
import { planId } from '../../plan/names.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { exitCodes, Failure } from '../failure.ts';
import type { PlanFile } from '../plan-file.ts';
import { unanswered } from '../show/queue.ts';
import { describe, wholeState } from './look.ts';
import { order } from './orders.ts';
import { served } from './queue.ts';
import { refuseOther } from './reopen.ts';
import { addressee } from './speaker.ts';

interface Ask extends messages.Speaker {
  row: string;
  reason: string;
}

/** Gives the week's answer. Throws Failure, as an order does. */
export async function accept(
  client: Client,
  planFile: Pick<PlanFile, 'plan' | 'digest'>,
  { run, ...ask }: Ask,
): Promise<string> {
  const name = planId(planFile.plan);
  const { memo, queue } = await describe(client, name);
  refuseOther(memo, addressee(planFile, run));
  const state = await wholeState(client, name);
  if (!state)
    throw new Failure(
      `No control worker says what was found in ${ask.row}, and nothing was accepted. ${unanswered(queue, await served(client, queue))}`,
      exitCodes.unreachable,
    );
  for (const line of foundLines(state, ask.row)) process.stdout.write(`accepts: ${ask.row}: ${line}\n`);
  const aim = { ...addressee(planFile, run), run: state.run };
  return order(client, aim, messages.accept, { ...ask, found: foundIn(state, ask.row) });
}
