// Go/no-go: the evidence is frozen, people decide on it until the deadline, and what has grown old is looked at again.
import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import { approvalsWanted, areEnough, confidence, goes, surest } from '../plan/evidence/approvals.ts';
import type { Executable, WayBack } from '../plan/evidence/frozen.ts';
import { failsAnew, freeze } from '../plan/evidence/gate.ts';
import { pointOf, withPoint } from '../plan/evidence/kpi-series.ts';
import { paste } from '../plan/week/paste.ts';
import type { Approval, WeekState } from '../plan/week/state.ts';
import { unexplained } from '../plan/week/unexplained.ts';
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

/** `deadline` in Unix milliseconds. Approvals of evidence that has changed since do not count. While people decide, measuring goes on. */
export function awaitDecision(week: Week, deadline: number): Promise<Outcome> {
  const look: Look = { wayBack: undefined };
  return week.findingsStay ? measuredMeanwhile(week, deadline, look) : decision(week, deadline, look);
}

async function measuredMeanwhile(week: Week, deadline: number, look: Look): Promise<Outcome> {
  for (;;) {
    const outcome = await decision(week, deadline, look);
    // An order does not wait for a machine that is silent; what people said GO to is measured to its end.
    const stopped = week.measuring.stop();
    if (outcome.kind === 'go') {
      await stopped;
      // The slice that ended with the GO may show otherwise: people decide on that. In a history of before it did not count.
      const last = freeze(week.state, look.wayBack!, Date.now());
      if (failsAnew(week.state.evidence!, last) && patched('the-last-slice-counts')) {
        look.wayBack = undefined;
        continue;
      }
    }
    week.take(({ kind }) => kind === 'decided');
    return outcome;
  }
}

async function decision(week: Week, deadline: number, look: Look): Promise<Outcome> {
  const { state, plan } = week;
  for (;;) {
    const noGo = state.approvals.find(({ decision: said }) => said === 'no-go');
    if (noGo) return { kind: 'no-go', decision: noGo };
    const order = isStale(week, look) ? await week.next(() => freezeEvidence(week, look)) : ({ kind: 'done' } as const);
    if (order.kind === 'decided') continue;
    if (order.kind === 'continue-as-new') throw new HistoryIsLong(order.queue);
    if (order.kind !== 'done') return { kind: 'order', order };
    // From here on there is something to decide on.
    state.status = 'deciding';
    if (isGo(week)) return { kind: 'go' };
    const missing = Math.max(1, approvalsWanted(state) - goes(state).length);
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

/** What a gate has looked at since it opened in this history: how the way back is, which no slice shows. */
interface Look {
  wayBack: WayBack | undefined;
}

/** Enough people said GO to this evidence, the surest of them are sure enough, and nobody said NO-GO. */
export function isGo({ state, findingsStay }: Week): boolean {
  const enough = areEnough(state) && state.approvals.every(({ decision: said }) => said === 'go');
  // In a history of before that was seen to before a decision was taken.
  return (
    enough && (!findingsStay || confidence(surest(state), state.plan.gate.confidenceAbovePercent).verdict === 'pass')
  );
}

/** What shows the evidence, and how one decides on it: that is not pasted blindly. */
function decided(state: WeekState): string[] {
  return [['report'], ['approve', '--help']].map((words) => paste(state, words));
}

/** Of the incidents that a GO waits for so many are named. */
const waitedFor = 3;

/** Tells that the gate waits, now and at every interval since it opened; when the next reminder is due. */
function remind({ state, plan, notifying }: Week, missing: number): number {
  const openedAt = state.facts['gate.openedAt'] ?? Date.now();
  const times = Math.floor((Date.now() - openedAt) / plan.gate.remindEvery);
  const { recommendation, reasons } = state.evidence!;
  const notes = unexplained(state);
  const more = notes.length > waitedFor ? [`And for ${notes.length - waitedFor} more.`] : [];
  const named = notes.slice(0, waitedFor);
  notifying.tell(
    'approval',
    `gate-${openedAt}/${times}`,
    `${plan.title}: go or no-go?${times > 0 ? ' (a reminder)' : ''}`,
    [
      `${missing} more to decide. The evidence speaks for ${recommendation.toUpperCase()}: ${reasons.slice(0, 3).join('; ')}. hubshift approve decides.`,
      ...named.map(({ what }) => `A GO waits: ${what}.`),
      ...more,
    ].join(' '),
    { commands: [...named.map(({ words }) => paste(state, words)), ...decided(state)] },
  );
  return openedAt + (times + 1) * plan.gate.remindEvery;
}

function isStale({ state, plan, findingsStay }: Week, { wayBack }: Look): boolean {
  if (state.evidence === undefined || (findingsStay && wayBack === undefined)) return true;
  return Date.now() >= state.evidence.at + plan.gate.evidenceMaxAge;
}

/** Ends the slices that run, tries every undo without doing it, and judges. */
async function freezeEvidence(week: Week, look: Look): Promise<void> {
  const { state, plan } = week;
  await week.measuring.stop();
  const [levelThree, ...executable] = await Promise.all([
    levelThreeOnRecord(week),
    ...plan.machines.map(({ name }) => undoable(week, name)),
  ]);
  week.stopIfOrdered();
  look.wayBack = { executable: executable.flat(), levelThree };
  state.evidence = freeze(state, look.wayBack, Date.now(), !week.findingsStay);
  state.series = withPoint(state.series, pointOf(state.evidence.kpis, state.evidence.at));
  if (week.findingsStay) week.measuring.begin(() => judgeAgain(week, look.wayBack!));
  week.publish();
}

/** After each slice: the figures are new ones, and where a verdict is, it is other evidence, of which people are told. */
function judgeAgain(week: Week, wayBack: WayBack): void {
  const { state, plan } = week;
  const before = state.evidence;
  if (!before) return;
  // As old as what is not looked at again.
  const evidence = freeze(state, wayBack, before.at);
  state.evidence = evidence;
  if (evidence.digest === before.digest) return;
  const { digest, recommendation, reasons } = evidence;
  week.notifying.tell(
    'approval',
    `gate-${state.facts['gate.openedAt']}/evidence-${digest.slice(0, 12)}`,
    `${plan.title}: the evidence is another one`,
    `It speaks for ${recommendation.toUpperCase()}: ${reasons.slice(0, 3).join('; ')}. A GO to what stood there before does not count. hubshift approve decides.`,
    { commands: decided(state) },
  );
  week.order({ kind: 'decided' });
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
