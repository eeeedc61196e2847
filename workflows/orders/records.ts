// Records that people change: done again, or waived.
import { forgetStep } from '../../plan/tasks/forget.ts';
import { stepOf } from '../../plan/tasks/steps.ts';
import { findingIn } from '../../plan/week/finding.ts';
import type { StepRecord } from '../../plan/week/record.ts';
import type { Approval, WeekState } from '../../plan/week/state.ts';
import type { Order } from '../../plan/week/order.ts';

/** What stands in a record until its step is done again. */
const toBeDoneAgain = 'to be done again';

/** Nobody has found anything there yet. */
export function isToBeDoneAgain({ verdict, summary }: StepRecord): boolean {
  return verdict === 'inconclusive' && summary === toBeDoneAgain;
}

/** Takes a record out, so that its step is done again. */
export function forget(state: WeekState, step: string): void {
  const known = state.records[step];
  if (!known) return;
  state.history.push(known);
  forgetStep(state, stepOf(state.plan, step) ?? { id: step });
  state.records[step] = {
    ...known,
    verdict: 'inconclusive',
    summary: toBeDoneAgain,
    evidence: {},
    waived: undefined,
  };
}

/** A step is skipped, a finding accepted: the week goes on, and the verdict stays. What is found anew since is still to be seen by somebody. */
export function waive(state: WeekState, order: Extract<Order, { kind: 'skip' | 'accept' }>): void {
  const now = Date.now();
  const id = order.kind === 'skip' ? order.step : order.row;
  if (order.kind === 'accept' && order.found !== undefined && order.found !== findingIn(state.records[id])) return;
  const known = state.records[id] ?? {
    id,
    machine: '',
    verdict: 'inconclusive' as const,
    summary: 'not done',
    evidence: {},
    startedAt: now,
    endedAt: now,
    attempts: 0,
  };
  state.records[id] = {
    ...known,
    waived: { by: order.by, reason: order.reason, at: now, as: order.kind === 'skip' ? 'skipped' : 'accepted' },
  };
}

/** Decisions of before are kept apart, with what the evidence spoke for: those that are `over`, the oldest first, until `atMost` stand. */
export function keepPast(state: WeekState, over: (said: Approval) => boolean, atMost: number): void {
  const past = state.approvals.filter(over).slice(0, Math.max(0, state.approvals.length - atMost));
  state.approvals = state.approvals.filter((said) => !past.includes(said));
  state.decisions.push(
    ...past.map((said) => ({
      ...said,
      recommendation: said.evidence === state.evidence?.digest ? state.evidence.recommendation : null,
    })),
  );
}
