// A week that has ended takes no orders any more: it is started again with its final state. So is one that was cut off: terminated, or reset.
import type { Client } from '@temporalio/client';
import { workflowId } from '../../plan/names.ts';
import type { Order } from '../../plan/week/order.ts';
import type { Glance } from '../../plan/week/snapshot.ts';
import { endedStatuses, type WeekState } from '../../plan/week/state.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { exitCodes, Failure } from '../failure.ts';
import { isUnanswered, request } from './connect.ts';
import { type Look, wholeState } from './look.ts';
import { start } from './start.ts';

/** Of one plan so many executions are looked at: a week of weeks has a few hundred. */
const looksAtMost = 1_000;

/** Whether an order to it means that it is taken up again. */
export function isOver({ execution, glance }: Look): boolean {
  return wasCut(execution, glance) || (execution === 'completed' && glance.status === 'completed');
}

/** Its execution has ended, and it has not. */
function wasCut(execution: string, { status }: Pick<Glance, 'status'>): boolean {
  return ['terminated', 'canceled', 'failed', 'timed_out'].includes(execution) && !endedStatuses.includes(status);
}

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

/** The state of a run that was cut off, where it had come furthest: a Reset leaves several executions. Throws Failure with what there is. */
export async function stateOfCut(client: Client, plan: string, run: string): Promise<WeekState> {
  const found: { state: WeekState; settled: number }[] = [];
  let [known, unanswered] = [0, 0];
  for (const { runId } of await executionsOf(client, plan, run)) {
    known += 1;
    try {
      const state = await request(client, () =>
        client.workflow.getHandle(workflowId(plan), runId).query(messages.state),
      );
      found.push({ state, settled: Object.values(state.records).filter(({ verdict }) => verdict === 'pass').length });
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      unanswered += 1;
    }
  }
  const [furthest] = found.sort((a, b) => b.settled - a.settled);
  if (furthest) return furthest.state;
  throw new Failure(
    known === 0
      ? `Temporal knows no execution of run ${run} that was cut off; hubshift runs lists what there is.`
      : `${unanswered} executions of run ${run} can't be asked: start the control worker of the build that ran them (hubshift worker --control).`,
    known === 0 ? exitCodes.failed : exitCodes.unreachable,
  );
}

/** Closed executions of a run, the newest first. */
async function executionsOf(client: Client, plan: string, run: string): Promise<{ runId: string }[]> {
  const executions: { runId: string }[] = [];
  const listed = client.workflow.list({ query: `WorkflowId = "${workflowId(plan)}"` });
  for await (const { runId, status, memo } of listed) {
    const glance = memo?.['glance'] as Glance | undefined;
    if (glance?.run === run && wasCut(status.name.toLowerCase(), glance)) executions.push({ runId });
    if (executions.length === looksAtMost) break;
  }
  return executions;
}
