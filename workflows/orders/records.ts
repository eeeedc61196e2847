// Records that people change: done again, or waived.
import { personOf } from '../../plan/evidence/approvals.ts';
import { foundIn, openPast, speaking } from '../../plan/evidence/findings.ts';
import { forgetStep } from '../../plan/tasks/forget.ts';
import { kindOf, stepOf } from '../../plan/tasks/steps.ts';
import type { StepRecord, Waived } from '../../plan/week/record.ts';
import type { Approval, WeekState } from '../../plan/week/state.ts';
import type { Order } from '../../plan/week/order.ts';

/** What stands in a record until its step is done again. */
const toBeDoneAgain = 'to be done again';

/** Nobody has found anything there yet. */
export function isToBeDoneAgain({ verdict, summary }: StepRecord): boolean {
  return verdict === 'inconclusive' && summary === toBeDoneAgain;
}

/** Takes a record out, so that its step is done again. `ofBefore`: in a history of before what had no record yet was lost. */
export function forget(state: WeekState, step: string, ofBefore = false): void {
  const known = state.records[step];
  if (!known) return;
  state.history.push(known);
  forgetStep(state, stepOf(state.plan, step) ?? { id: step }, Date.now(), !ofBefore);
  state.records[step] = {
    ...known,
    verdict: 'inconclusive',
    summary: toBeDoneAgain,
    evidence: {},
    waived: undefined,
  };
}

/** Something that was looked at, not done: a check, or what a rollback left behind. */
export function isFinding({ plan, records }: Pick<WeekState, 'plan' | 'records'>, row: string): boolean {
  const kind = kindOf(plan, row);
  const record = records[row];
  return record !== undefined && !isToBeDoneAgain(record) && (kind === 'check' || kind === 'undo');
}

/** Whether to accept it says something of how the row stands now, and not only of what it was before, or of an incident. */
export function standsOpen(state: Pick<WeekState, 'plan' | 'records'>, row: string): boolean {
  return isFinding(state, row) && state.records[row]!.verdict !== 'pass';
}

/** As a week began: in a history of before nothing of the past was accepted, or each attempt said by whom and why. */
type Ways = Readonly<Record<'findingsStay' | 'acceptsTogether', boolean>>;

/** A step is skipped, a finding accepted: the week goes on, and the verdict stays. What is found anew since is still to be seen by somebody. */
export function waive(
  state: WeekState,
  order: Extract<Order, { kind: 'skip' | 'accept' }>,
  { findingsStay, acceptsTogether }: Ways = { findingsStay: true, acceptsTogether: true },
): void {
  const now = Date.now();
  const id = order.kind === 'skip' ? order.step : order.row;
  if (order.kind === 'accept') {
    if (order.found !== undefined && order.found !== foundIn(state, id)) return;
    const stands = standsOpen(state, id);
    if (findingsStay)
      acceptPast(state, id, { by: order.by, reason: order.reason, at: now, as: 'accepted' }, acceptsTogether);
    if (findingsStay && !stands) return;
  }
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

/** What had been found of a row before it was done again, or of an incident. */
function acceptPast(state: WeekState, id: string, waived: Waived, together: boolean): void {
  const past = openPast(state, id);
  const open: unknown[] = past;
  const says: Set<unknown> = together ? speaking(state.plan, past) : new Set(open);
  state.history = state.history.map((record) => {
    if (!open.includes(record)) return record;
    return says.has(record) ? { ...record, waived } : { ...record, accepted: true };
  });
  state.incidents = state.incidents.map((one) => (open.includes(one) ? { ...one, accepted: waived } : one));
}

/** The newest that a person says counts. */
export function supersede(state: WeekState, by: string): void {
  keepPast(state, (said) => personOf(said.by) === personOf(by), 0);
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
