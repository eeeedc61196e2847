// The evidence that people decide on: frozen at the gate, with a digest, and a recommendation along the criteria, `go.criteria-met` to nogo.criteria. Pure.
import { comparesBatches } from '../schema/plan.ts';
import { inconclusive } from '../tasks/shared/verdict.ts';
import { stepsOf } from '../tasks/steps.ts';
import { digestOf } from '../week/digest.ts';
import { namesIn } from '../week/finding.ts';
import type { Evaluation, StepRecord } from '../week/record.ts';
import type { WeekState } from '../week/state.ts';
import { middleOf } from './batch-means.ts';
import { criteria, findingsAccepted, type Judged, noGoCriteria, stuckIn, weighed } from './criteria.ts';
import type { KpiInput } from './figures.ts';
import { findingsOf, isAllowed, pastIn } from './findings.ts';
import { changeOf, type Frozen, type WayBack } from './frozen.ts';
import { kpis } from './kpis.ts';

export const gateRows: { id: string; text: string }[] = [
  { id: 'go.criteria-met', text: 'all success criteria of the week are met' },
  { id: 'go.pilots-stable', text: 'the pilots are stable on both hubs' },
  { id: 'go.no-critical-failure', text: 'no critical failure during the validation' },
  { id: 'go.performance', text: 'the impact on performance is within the limits' },
  {
    id: 'go.rollback-confirmed',
    text: 'the way back was rehearsed, every ledger entry can be undone, and a level 3 of this plan is on record',
  },
  { id: 'go.findings', text: 'what was found on the way is accepted by a person, where the plan allows that' },
];

/** In the histories of earlier builds (`ofBefore`) a row is judged by its newest record alone, and the digest is that of all the figures. */
export function freeze(state: WeekState, wayBack: WayBack, at: number, ofBefore = false): Frozen {
  const { plan } = state;
  const found = ofBefore ? [] : findingsOf(state);
  const input = kpiInput(state, ofBefore ? undefined : pastIn(state));
  const evaluated = Object.fromEntries(kpis.map(({ id, evaluate }) => [id, evaluate(input)]));
  const judged: Judged = {
    found: found.filter((one) => !isAllowed(plan, one)),
    allowed: found.filter((one) => isAllowed(plan, one)),
    weighed: weighed(evaluated, plan, found),
    wayBack,
    at: ofBefore ? undefined : at,
  };
  const go = { ...criteria(state, judged), ...(!ofBefore && { 'go.findings': findingsAccepted(state, judged) }) };
  const noGo = noGoCriteria(state, judged);
  const frozen = { kpis: evaluated, go, noGo, ...recommend(state, go, noGo) };
  return { at, digest: ofBefore ? figuresDigest(state, frozen) : verdictsDigest(state, frozen, judged), ...frozen };
}

type Evidenced = Omit<Frozen, 'at' | 'digest'>;

function figuresDigest({ planDigest, run, records, incidents, history }: WeekState, found: Evidenced): string {
  return digestOf({ planDigest, run, records, incidents, history, found });
}

/** Counters and texts go on while people decide; a verdict or a finding that is another one is other evidence. */
function verdictsDigest(
  { planDigest, run, records, incidents }: WeekState,
  { kpis: evaluated, go, noGo, recommendation }: Evidenced,
  { found, allowed, wayBack }: Judged,
): string {
  const said = (of: Record<string, Evaluation>) =>
    Object.entries(of).map(([id, { verdict, evidence }]) => [id, verdict, verdict === 'pass' ? {} : namesIn(evidence)]);
  return digestOf({
    planDigest,
    run,
    recommendation,
    said: said({ ...evaluated, ...go, 'nogo.criteria': noGo }),
    records: Object.values(records).map(({ id, verdict, waived }) => [id, verdict, waived]),
    found: [...found, ...allowed].map(({ id, kind, digest, accepted }) => [id, kind, digest, accepted]),
    incidents: incidents.map(({ id, level, target, result }) => [id, level, target, result]),
    stuck: stuckIn(wayBack).map((one) => ('unanswered' in one ? one.machine : [changeOf(one), one.target, one.result])),
  });
}

/** Whether something fails that did not when people decided. What turned out well since, or is not known for a moment, is no reason to ask them again. */
export function failsAnew(before: Frozen, now: Frozen): boolean {
  const known = failuresIn(before);
  return failuresIn(now).some((failure) => !known.includes(failure));
}

/** By what they name: figures go on. */
function failuresIn({ kpis: evaluated, go, noGo }: Frozen): string[] {
  return Object.entries({ ...evaluated, ...go, 'nogo.criteria': noGo })
    .filter(([, { verdict }]) => verdict === 'fail')
    .map(([id, { evidence }]) => digestOf([id, namesIn(evidence)]));
}

/** KPIs as they stand now, for a report at any time. */
export function kpisNow(state: WeekState): Record<string, Evaluation> {
  const input = kpiInput(state, pastIn(state));
  return Object.fromEntries(
    kpis.map(({ id, evaluate }) => [
      id,
      Object.keys(state.measured).length === 0 ? inconclusive('nothing is measured yet') : evaluate(input),
    ]),
  );
}

function kpiInput(
  { plan, records, history, measured, facts, older, disturbances }: WeekState,
  past: readonly StepRecord[] | undefined,
): KpiInput {
  const baseline = facts.baseline ?? {};
  const before = Object.entries(baseline).map(([machine, { programs, containers, machine: all, batches }]) => {
    const used = [...Object.values(programs), ...(comparesBatches(plan) ? Object.values(containers) : [])];
    const totalBytes = all.memoryPercent > 0 ? (100 * all.memoryBytes) / all.memoryPercent : Infinity;
    return [
      machine,
      {
        cpu: used.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0) / all.cores,
        memory: (100 * used.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)) / totalBytes,
        ...(comparesBatches(plan) && batches && { network: middleOf(batches.networkPercent) }),
      },
    ] as const;
  });
  return {
    plan,
    rows: stepsOf(plan),
    records,
    history,
    past,
    disturbed: older?.disturbed,
    disturbances,
    measured,
    before: Object.fromEntries(before),
  };
}

/** GO when nothing speaks against it. What is not known speaks against it too, but in a rehearsal, whose windows are too short for some. */
function recommend(
  { rehearsal }: WeekState,
  go: Record<string, Evaluation>,
  noGo: Evaluation,
): Pick<Frozen, 'recommendation' | 'reasons'> {
  const all = { ...go, 'nogo.criteria': noGo };
  const against = Object.entries(all).filter(
    ([, { verdict }]) => verdict === 'fail' || (verdict === 'inconclusive' && rehearsal === null),
  );
  const open = Object.entries(all).filter(([, { verdict }]) => verdict === 'inconclusive');
  const say = ([id, { summary }]: [string, Evaluation]) => `${id}: ${summary}`;
  if (against.length > 0) return { recommendation: 'no-go', reasons: against.slice(0, 10).map(say) };
  return {
    recommendation: 'go',
    reasons: [
      `all ${Object.keys(all).length} criteria hold${open.length > 0 ? ', as far as a rehearsal can tell' : ''}`,
      ...open.slice(0, 9).map(say),
    ],
  };
}
