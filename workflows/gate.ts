// Go/no-go: the evidence is frozen, people decide on it until the deadline, and what has grown old is looked at again.
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Executable } from '../plan/evidence/frozen.ts';
import { approvalsWanted, freeze, goes } from '../plan/evidence/gate.ts';
import { pointOf, withPoint } from '../plan/evidence/kpi-series.ts';
import type { Approval } from '../plan/week/state.ts';
import { levelThreeOnRecord } from './emergency/level-three.ts';
import { failureText } from './machine/failures.ts';
import type { Order } from '../plan/week/order.ts';
import { holdIfAhead, looksAtLedgers } from './ledger-ahead.ts';
import { HistoryIsLong, IncidentFound } from './orders/interruptions.ts';
import type { Week } from './week.ts';

const step = 'gate.evidence';
/** How long a machine gets for a dry run of its ledger. */
const lookWithinMs = 60_000;

/** What came of the gate: enough people said GO, one said NO-GO, nobody did in time, or an order goes first. */
export type Outcome =
  { kind: 'go' } | { kind: 'no-go'; decision: Approval } | { kind: 'nobody' } | { kind: 'order'; order: Order };

/** `deadline` in Unix milliseconds. Approvals of evidence that has changed since do not count. */
export async function awaitDecision(week: Week, deadline: number): Promise<Outcome> {
  const { state, plan } = week;
  for (;;) {
    const noGo = state.approvals.find(({ decision }) => decision === 'no-go');
    if (noGo) return { kind: 'no-go', decision: noGo };
    const order = isStale(week) ? await week.next(() => freezeEvidence(week)) : ({ kind: 'done' } as const);
    if (order.kind === 'decided') continue;
    if (order.kind === 'continue-as-new') throw new HistoryIsLong(order.queue);
    if (order.kind !== 'done') return { kind: 'order', order };
    // From here on there is something to decide on.
    state.status = 'deciding';
    if (isGo(week)) return { kind: 'go' };
    const missing = approvalsWanted(state) - goes(state).length;
    const lookAgain = Math.min(deadline, state.evidence!.at + plan.gate.evidenceMaxAge, remind(week, missing));
    const came = await week.awaitOrder(
      {
        on: `go/no-go by ${missing} ${missing === 1 ? 'person' : 'people'}`,
        step: 'gate',
        until: deadline,
        command: 'hubshift approve go|no-go --confidence N --reason TEXT',
      },
      lookAgain,
    );
    if (!came && Date.now() >= deadline) return { kind: 'nobody' };
    if (came?.kind === 'continue-as-new') throw new HistoryIsLong(came.queue);
    if (came && came.kind !== 'decided') return { kind: 'order', order: came };
  }
}

/** Enough people said GO to this evidence, and nobody NO-GO. That they are sure enough is seen to before a decision is taken. */
export function isGo({ state }: Week): boolean {
  return goes(state).length >= approvalsWanted(state) && state.approvals.every(({ decision }) => decision === 'go');
}

/** Tells that the gate waits, now and at every interval since it opened; when the next reminder is due. */
function remind({ state, plan, notifying }: Week, missing: number): number {
  const openedAt = state.facts['gate.openedAt'] ?? Date.now();
  const times = Math.floor((Date.now() - openedAt) / plan.gate.remindEvery);
  const { recommendation, reasons } = state.evidence!;
  notifying.tell(
    'approval',
    `gate-${openedAt}/${times}`,
    `${plan.title}: go or no-go?${times > 0 ? ' (a reminder)' : ''}`,
    `${missing} more to decide. The evidence speaks for ${recommendation.toUpperCase()}: ${reasons.slice(0, 3).join('; ')}. hubshift approve shows it.`,
  );
  return openedAt + (times + 1) * plan.gate.remindEvery;
}

function isStale({ state, plan }: Week): boolean {
  return state.evidence === undefined || Date.now() >= state.evidence.at + plan.gate.evidenceMaxAge;
}

/** Measures to its end, tries every undo without doing it, and judges. */
async function freezeEvidence(week: Week): Promise<void> {
  const { state, plan } = week;
  await week.measuring.stop();
  const [levelThree, ...executable] = await Promise.all([
    levelThreeOnRecord(week),
    ...plan.machines.map(({ name }) => undoable(week, name)),
  ]);
  week.stopIfOrdered();
  state.evidence = freeze(state, { executable: executable.flat(), levelThree }, Date.now());
  state.series = withPoint(state.series, pointOf(state.evidence.kpis, state.evidence.at));
  week.publish();
}

/** People must be able to decide while a machine is silent: that speaks against a GO. */
async function undoable(week: Week, machine: string): Promise<Executable> {
  try {
    const looked = await CancellationScope.withTimeout(lookWithinMs, async () => {
      if (looksAtLedgers()) await holdIfAhead(week, step, [machine]);
      return week.proxy(step, machine).rollback({ run: week.state.run, scope: 'all', dryRun: true });
    });
    return looked.filter(({ result }) => result !== 'already').map((entry) => ({ ...entry, machine }));
  } catch (error) {
    if (error instanceof HistoryIsLong || error instanceof IncidentFound) throw error;
    return [
      {
        machine,
        result: 'failed',
        unanswered: isCancellation(error) ? 'its worker did not say what can be undone' : failureText(error),
      },
    ];
  }
}
