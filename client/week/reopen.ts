// A week that has ended takes no orders any more: it is started again with its final state. So is one that was cut off: terminated, or reset.
import type { Client } from '@temporalio/client';
import { type Aim, whyNotFor } from '../../plan/week/aim.ts';
import { furthest } from '../../plan/week/furthest.ts';
import type { Order } from '../../plan/week/order.ts';
import type { Glance } from '../../plan/week/snapshot.ts';
import { endedStatuses, undoableStatuses, whyNotInPart, type WeekState } from '../../plan/week/state.ts';
import { exitCodes, Failure } from '../failure.ts';
import { answer, executionsOf } from './executions.ts';
import { keptState, withoutState } from './kept-state.ts';
import { describe, type Look, wholeState } from './look.ts';
import { HasEnded } from './orders.ts';
import { startAgain } from './start-again.ts';

/** Whether an order to it means that it is taken up again. */
export function isOver({ execution, glance }: Pick<Look, 'execution' | 'glance'>): boolean {
  return wasCut(execution, glance) || (execution === 'completed' && undoableStatuses.includes(glance.status));
}

/** Before it is shown or asked about: throws Failure when another week is meant, as the week itself would refuse. */
export function refuseOther(glance: Glance, aim: Aim): void {
  const why = whyNotFor(glance, aim);
  if (why) throw new Failure(`Refused: ${why}`);
}

/** Its execution has ended, and it has not. */
function wasCut(execution: string, { status }: Pick<Glance, 'status'>): boolean {
  return ['terminated', 'canceled', 'failed', 'timed_out'].includes(execution) && !endedStatuses.includes(status);
}

/** Gives its run. Throws Failure when nothing gives the final state, or a part is to be undone of what can't be done again. */
export async function reopen(client: Client, plan: string, first: Order): Promise<string> {
  const { memo } = await describe(client, plan);
  const state = (await wholeState(client, plan)) ?? keptState(plan, memo.run)?.state;
  if (!state)
    throw new Failure(
      `The state of the ended run is not to be had: start a control worker (hubshift worker --control) and give the order again. ${withoutState(memo.run)}`,
      exitCodes.unreachable,
    );
  const refused = first.kind === 'rollback' && first.scope !== 'all' ? whyNotInPart(state) : undefined;
  if (refused) throw new Failure(`Refused: ${refused}`);
  await startAgain(client, state, first);
  return state.run;
}

/** An undo is not lost where the run ends, or is cut off, between a look at it and the order: it is taken up again then. */
export async function orderOrReopen(
  client: Client,
  { plan, run }: { plan: string; run: string },
  give: () => Promise<string>,
  takeUp: () => Promise<string>,
): Promise<string> {
  try {
    return await give();
  } catch (error) {
    if (!(error instanceof HasEnded)) throw error;
    const { execution, memo } = await describe(client, plan);
    if (memo.run !== run || !isOver({ execution, glance: memo })) throw error;
    return takeUp();
  }
}

/** What a run that was cut off goes on from. */
export interface Cut {
  state: WeekState;
  /** Where Temporal gave none, or one from before: restored from an older backup. */
  kept?: { file: string; at: number };
}

/**
 * The state of a run that was cut off, where it had come furthest: a Reset leaves several executions, and the control worker has kept one.
 * Throws Failure with what there is.
 */
export async function stateOfCut(client: Client, plan: string, run: string): Promise<Cut> {
  const executions = (await executionsOf(client, plan)).filter((one) => one.run === run);
  const [newest] = executions;
  if (newest?.execution === 'completed') throw notCut(run, newest.status);
  const cut = executions.filter(({ execution, status }) => wasCut(execution, { status }));
  const states = await Promise.all(cut.map(({ runId }) => answer(client, plan, runId)));
  const kept = keptState(plan, run);
  if (kept && endedStatuses.includes(kept.state.status)) throw notCut(run, kept.state.status);
  const found = furthest<Cut>([
    ...states.flatMap((state) => (state ? [{ state }] : [])),
    ...(kept ? [{ state: kept.state, kept }] : []),
  ]);
  if (found) return found;
  throw new Failure(
    cut.length === 0
      ? `Temporal knows no execution of run ${run} that was cut off; hubshift runs lists what there is. ${withoutState(run)}`
      : `${cut.length} executions of run ${run} can't be asked: start the control worker of the build that ran them (hubshift worker --control). ${withoutState(run)}`,
    cut.length === 0 ? exitCodes.failed : exitCodes.unreachable,
  );
}

function notCut(run: string, status: Glance['status']): Failure {
  return new Failure(`Run ${run} was not cut off: it has ended (${status}). hubshift rollback still undoes it.`);
}
