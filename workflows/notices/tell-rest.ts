// Notices that a week leaves untold when it ends are told by a workflow of their own: the end waits for no channel, and nothing is lost.
import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import type { Sent } from '../../plan/week/notice.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { Notifying } from './notifying.ts';

/** Longer than any notice is tried. */
const withinMs = 60 * 60_000;

export interface Rest extends Pick<WeekState, 'run' | 'outbox'> {
  plan: Plan;
}

/** What became of each. */
export async function tellRest({ plan, run, outbox }: Rest): Promise<Sent[]> {
  const state = { run, outbox, told: [] as Sent[], announced: [] };
  const notifying = new Notifying({ plan, state });
  notifying.resume();
  await notifying.settled(withinMs);
  return state.told;
}

/** Leaves it to a workflow that outlives this one. Until then it counts as failed. */
export async function leaveRest(state: WeekState): Promise<void> {
  const { plan, run, outbox } = state;
  if (outbox.length === 0) return;
  const { workflowId } = await startChild(tellRest, {
    workflowId: `${workflowInfo().workflowId}-notices-${Date.now()}`,
    args: [{ plan, run, outbox }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
  // What was taken while it began is out of the outbox by now.
  const left = state.outbox.map(({ channel, notice }): Sent => ({
    notice: notice.id,
    kind: notice.kind,
    channel,
    result: 'failed',
    detail: `not taken before the end of the week; ${workflowId} goes on trying`,
    at: Date.now(),
  }));
  state.told = [...state.told, ...left];
  state.outbox = [];
}
