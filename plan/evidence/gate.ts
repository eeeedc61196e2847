// The evidence that people decide on: frozen at the gate, with a digest, and a recommendation along the criteria, `go.criteria-met` to nogo.criteria. Pure.
import { humanDuration } from '../schema/duration.ts';
import { comparesBatches, pilotsOf } from '../schema/plan.ts';
import type { StepInfo } from '../tasks/row.ts';
import { every, fail, inconclusive, pass, unless } from '../tasks/shared/verdict.ts';
import { stepsOf, stepThat } from '../tasks/steps.ts';
import { digestOf } from '../week/digest.ts';
import { incidentsSoFar } from '../week/older.ts';
import type { Evaluation, StepRecord } from '../week/record.ts';
import type { Approval, WeekState } from '../week/state.ts';
import { middleOf } from './batch-means.ts';
import type { Criterion, KpiInput } from './figures.ts';
import { changeOf, type Executable, type Frozen, type WayBack } from './frozen.ts';
import { kpis, kpisByTask } from './kpis.ts';

export const gateRows: { id: string; text: string }[] = [
  { id: 'go.criteria-met', text: 'all success criteria of the week are met' },
  { id: 'go.pilots-stable', text: 'the pilots are stable on both hubs' },
  { id: 'go.no-critical-failure', text: 'no critical failure during the validation' },
  { id: 'go.performance', text: 'the impact on performance is within the limits' },
  {
    id: 'go.rollback-confirmed',
    text: 'the way back was rehearsed, every ledger entry can be undone, and a level 3 of this plan is on record',
  },
];

export function freeze(state: WeekState, wayBack: WayBack, at: number): Frozen {
  const input = kpiInput(state);
  const evaluated = Object.fromEntries(kpis.map(({ id, evaluate }) => [id, evaluate(input)]));
  const go = criteria(state, evaluated, wayBack);
  const noGo = noGoCriteria(state, evaluated, wayBack);
  const { recommendation, reasons } = recommend(state, go, noGo);
  const found = { kpis: evaluated, go, noGo, recommendation, reasons };
  const { planDigest, run, records, incidents, history } = state;
  return { at, digest: digestOf({ planDigest, run, records, incidents, history, found }), ...found };
}

/** KPIs as they stand now, for a report at any time. */
export function kpisNow(state: WeekState): Record<string, Evaluation> {
  const input = kpiInput(state);
  return Object.fromEntries(
    kpis.map(({ id, evaluate }) => [
      id,
      Object.keys(state.measured).length === 0 ? inconclusive('nothing is measured yet') : evaluate(input),
    ]),
  );
}

function kpiInput({ plan, records, history, measured, facts, older, disturbances }: WeekState): KpiInput {
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
    disturbed: older?.disturbed,
    disturbances,
    measured,
    before: Object.fromEntries(before),
  };
}

const performance = kpisByTask.filter(({ criterion }) => criterion === 'degradation').map(({ id }) => id);

function criteria(
  state: WeekState,
  evaluated: Record<string, Evaluation>,
  wayBack: WayBack,
): Record<string, Evaluation> {
  const { plan, records, incidents } = state;
  const emergencies = incidentsSoFar(state);
  const rows = stepsOf(plan);
  const bad = rows.filter(({ id }) => records[id]?.verdict !== 'pass' || records[id].waived);
  const ofPilots = ({ ofAgent, ofAllPilots }: StepInfo) => ofAgent !== undefined || ofAllPilots;
  const unstable = bad.filter(ofPilots);
  const needed = Math.max(
    0,
    ...Object.values(evaluated).map(({ verdict, evidence }) =>
      verdict === 'inconclusive' ? Number(evidence['needed'] ?? 0) : 0,
    ),
  );
  const critical = incidents.filter(({ level, result }) => level === 3 || result !== 'recovered');
  return {
    'go.criteria-met': every(
      {
        steps: unless([bad.length > 0 && `${bad.length} rows are no pass: ${firstOf(bad)}`], ''),
        ...evaluated,
      },
      `${rows.length} steps and checks passed, ${Object.keys(evaluated).length} KPIs met`,
      { rows: rows.length, kpis: Object.keys(evaluated).length, ...(needed > 0 ? { needed } : {}) },
    ),
    'go.pilots-stable': unless(
      [unstable.length > 0 && `not stable: ${firstOf(unstable)}`],
      `${pilotsOf(plan).length} pilots on both hubs through observation and soak`,
      { pilots: pilotsOf(plan).length, rows: rows.filter(ofPilots).length, unstable: unstable.length },
    ),
    'go.no-critical-failure': unless(
      critical.map(({ id, level, target, result }) => `${id}: level ${level} of ${target ?? 'the week'}, ${result}`),
      emergencies === 0 ? 'no incident' : `${emergencies} incidents, all of them mended within the week`,
      { incidents: emergencies },
    ),
    'go.performance': {
      ...every(pick(evaluated, ...performance), 'overhead, hub response and message latency within their limits'),
      evidence: Object.fromEntries(performance.map((id) => [id, evaluated[id]?.evidence['value'] ?? null])),
    },
    'go.rollback-confirmed': rollbackConfirmed(state, wayBack),
  };
}

function rollbackConfirmed({ records, plan }: WeekState, { executable, levelThree }: WayBack): Evaluation {
  const rehearsal = rehearsalOf({ plan, records });
  if (rehearsal?.verdict !== 'pass') return fail('the rollback was not rehearsed in this week');
  const evidence = { entries: executable.length, rollbackMs: Number(rehearsal.evidence['rollbackMs'] ?? 0) };
  const stuck = executable.filter(({ result }) => result === 'failed' || result === 'left');
  const objections = [
    executable.length === 0 && 'the ledgers have nothing to undo',
    ...stuck.slice(0, 3).map(notUndone),
  ].filter(Boolean);
  if (objections.length > 0) return fail(objections.join('; '), evidence);
  const say = `rehearsed: ${rehearsal.summary}; ${executable.length} ledger entries can be undone`;
  const open = (why: string) =>
    inconclusive(`${say}; ${why}: end a rehearsal of this plan at its gate with hubshift emergency --level 3`, {
      ...evidence,
      needed: 1,
    });
  if ('none' in levelThree) return open(levelThree.none);
  const { run, ms, tookBack } = levelThree;
  const never = executable.flatMap((one) =>
    'unanswered' in one || tookBack.includes(changeOf(one)) ? [] : [changeOf(one)],
  );
  if (never.length > 0)
    return open(`the level 3 of run ${run} did not take back ${never.length} of them (${never[0]})`);
  if (ms > plan.emergency.level3)
    return open(
      `the level 3 of run ${run} took ${humanDuration(ms)}, over the limit of ${humanDuration(plan.emergency.level3)}`,
    );
  return pass(`${say}; level 3 of run ${run} took all of it back in ${humanDuration(ms)}`, {
    ...evidence,
    levelThree: run,
    levelThreeMs: ms,
  });
}

/** The record of the row in which the way back is rehearsed. */
export function rehearsalOf({ plan, records }: Pick<WeekState, 'plan' | 'records'>): StepRecord | undefined {
  return records[stepThat(plan, ({ rehearsesRollback }) => rehearsesRollback)?.id ?? ''];
}

function firstOf(rows: StepInfo[]): string {
  return rows
    .slice(0, 4)
    .map(({ id }) => id)
    .join(', ');
}

function failing(evaluated: Evaluation | undefined): string[] {
  return evaluated?.verdict === 'fail' ? [evaluated.summary] : [];
}

function notUndone(one: Executable[number]): string {
  return `${one.machine}: ${'unanswered' in one ? one.unanswered : `${one.kind} ${one.target} would be ${one.result}`}`;
}

/** Each criterion of nogo.criteria. One that holds fails the row; one that nobody can judge leaves it open. */
function noGoCriteria(
  { records, incidents, plan }: WeekState,
  evaluated: Record<string, Evaluation>,
  { executable }: WayBack,
): Evaluation {
  const failed = (criterion: Criterion) =>
    kpisByTask.filter((kpi) => kpi.criterion === criterion).flatMap(({ id }) => failing(evaluated[id]));
  const rehearsal = rehearsalOf({ plan, records });
  const components = incidents.filter(({ level, result }) => level !== 2 && result !== 'recovered').map(({ id }) => id);
  const agents = [
    ...incidents.filter(({ level, result }) => level === 2 && result !== 'recovered').map(({ id }) => id),
    ...stepsOf(plan)
      .filter(({ id, ofAgent }) => ofAgent !== undefined && records[id]?.verdict === 'fail')
      .map(({ id }) => id),
  ];
  const found: Record<string, string[]> = {
    'critical component failure': [...components, ...failed('components')],
    'agent instability': [...agents, ...failed('agents')],
    [`degradation above ${plan.limits.overheadPercent.limit} %`]: failed('degradation'),
    [`failover over ${plan.limits.failover.limit} ms`]: failed('failover'),
    'data loss': failed('loss'),
    'failing rollback': [
      ...failing(rehearsal),
      ...executable.filter(({ result }) => result === 'failed').map(notUndone),
    ],
  };
  const holding = Object.entries(found).filter(([, why]) => why.length > 0);
  return unless(
    holding.map(([criterion, why]) => `${criterion}: ${why[0]}`),
    `none of ${Object.keys(found).length} criteria holds`,
    { criteria: Object.keys(found).length, holding: holding.map(([criterion]) => criterion) },
  );
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

/** Who said GO to the evidence that stands now. */
export function goes({ approvals, evidence }: Pick<WeekState, 'approvals' | 'evidence'>): Approval[] {
  return approvals.filter((said) => said.decision === 'go' && said.evidence === evidence?.digest);
}

/** How many must: as many as the plan wants, and two where it goes against the recommendation. */
export function approvalsWanted({ evidence, plan }: Pick<WeekState, 'evidence' | 'plan'>): number {
  return evidence?.recommendation === 'no-go' ? Math.max(2, plan.gate.approvals) : plan.gate.approvals;
}

/** Approvals of this evidence, by distinct people. */
export function confidence(percents: number[], above: number): Evaluation {
  if (percents.length === 0) return inconclusive('nobody has decided yet');
  const mean = percents.reduce((sum, percent) => sum + percent, 0) / percents.length;
  const say = `mean ${Number(mean.toFixed(1))} % of ${percents.length}`;
  return mean > above
    ? pass(`${say}, above ${above} %`, { mean, of: percents.length })
    : fail(`${say}; above ${above} % is wanted`, { mean, of: percents.length });
}

function pick(evaluated: Record<string, Evaluation>, ...ids: string[]): Record<string, Evaluation> {
  return Object.fromEntries(ids.flatMap((id) => (evaluated[id] ? [[id, evaluated[id]] as const] : [])));
}
