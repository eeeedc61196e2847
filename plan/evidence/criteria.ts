// What speaks for and against a GO: the criteria of the gate, `go.criteria-met` to nogo.criteria. Pure.
import { humanDuration } from '../schema/duration.ts';
import type { FindingKind } from '../schema/gate.ts';
import { pilotsOf, type Plan } from '../schema/plan.ts';
import type { StepInfo } from '../tasks/row.ts';
import { every, fail, inconclusive, pass, unless } from '../tasks/shared/verdict.ts';
import { stepsOf, stepThat } from '../tasks/steps.ts';
import { endedWell } from '../week/incident.ts';
import { incidentsSoFar } from '../week/older.ts';
import type { Evaluation, StepRecord } from '../week/record.ts';
import type { WeekState } from '../week/state.ts';
import type { Criterion, Kpi } from './figures.ts';
import { type Finding, inShort, isAllowed } from './findings.ts';
import { changeOf, type Executable, type WayBack } from './frozen.ts';
import { kpis, kpisByTask } from './kpis.ts';
import { whyNoProof } from './level-three.ts';

/** What the criteria are judged by. */
export interface Judged {
  /** What speaks against a GO, and what a person has accepted as the plan allows it. */
  found: Finding[];
  allowed: Finding[];
  /** The KPIs; one that is missed for what is allowed alone does not count. */
  weighed: Record<string, Evaluation>;
  wayBack: WayBack;
  /** When it is judged, in Unix milliseconds; in a history of before a level 3 counted however old it was. */
  at: number | undefined;
}

/** KPIs of what was found by the rows. */
const kindOfFound: Partial<Record<Criterion, FindingKind>> = { loss: 'data-loss', failover: 'failover' };

export function weighed(
  evaluated: Record<string, Evaluation>,
  plan: Plan,
  found: Finding[],
): Record<string, Evaluation> {
  const missedFor = ({ criterion, fromRecords }: Kpi) =>
    fromRecords ? found.filter(({ kind }) => kind === kindOfFound[criterion]) : [];
  return Object.fromEntries(
    kpis.map((kpi) => {
      const one = evaluated[kpi.id]!;
      const causes = missedFor(kpi);
      const isCovered = one.verdict === 'fail' && causes.length > 0 && causes.every((cause) => isAllowed(plan, cause));
      return [kpi.id, isCovered ? pass(`${one.summary}, accepted`, one.evidence) : one];
    }),
  );
}

const performance = kpisByTask.filter(({ criterion }) => criterion === 'degradation').map(({ id }) => id);

export function criteria(state: WeekState, judged: Judged): Record<string, Evaluation> {
  const { plan, records, incidents } = state;
  const { weighed: evaluated } = judged;
  const emergencies = incidentsSoFar(state);
  const rows = stepsOf(plan);
  const isTaken = takenIn(judged);
  const taken = rows.filter(({ id }) => isTaken(id)).length;
  const bad = rows.filter(({ id }) => (records[id]?.verdict !== 'pass' || records[id].waived) && !isTaken(id));
  const ofPilots = ({ ofAgent, ofAllPilots }: StepInfo) => ofAgent !== undefined || ofAllPilots;
  const unstable = bad.filter(ofPilots);
  const needed = Math.max(
    0,
    ...Object.values(evaluated).map(({ verdict, evidence }) =>
      verdict === 'inconclusive' ? Number(evidence['needed'] ?? 0) : 0,
    ),
  );
  const critical = incidents.filter((one) => (one.level === 3 || !endedWell(one)) && !isTaken(one.id));
  return {
    'go.criteria-met': every(
      {
        steps: unless([bad.length > 0 && `${bad.length} rows are no pass: ${firstOf(bad)}`], ''),
        ...evaluated,
      },
      `${rows.length - taken} steps and checks passed, ${taken > 0 ? `${taken} accepted, ` : ''}${Object.keys(evaluated).length} KPIs met`,
      { rows: rows.length, kpis: Object.keys(evaluated).length, ...(needed > 0 ? { needed } : {}) },
    ),
    'go.pilots-stable': unless(
      [unstable.length > 0 && `not stable: ${firstOf(unstable)}`],
      `${pilotsOf(plan).length} pilots on both hubs through observation and soak`,
      { pilots: pilotsOf(plan).length, rows: rows.filter(ofPilots).length, unstable: unstable.length },
    ),
    'go.no-critical-failure': unless(
      critical.map(({ id, level, target, result }) => `${id}: level ${level} of ${target ?? 'the week'}, ${result}`),
      incidentsText(emergencies, incidents.every(endedWell)),
      { incidents: emergencies },
    ),
    'go.performance': {
      ...every(pick(evaluated, ...performance), 'overhead, hub response and message latency within their limits'),
      evidence: Object.fromEntries(performance.map((id) => [id, evaluated[id]?.evidence['value'] ?? null])),
    },
    'go.rollback-confirmed': rollbackConfirmed(state, judged),
  };
}

function incidentsText(count: number, mended: boolean): string {
  if (count === 0) return 'no incident';
  return `${count} incidents, ${mended ? 'all of them mended within the week' : 'each of them mended, or accepted by a person'}`;
}

/** Rows and incidents that are as a person takes them, and the plan with them. */
function takenIn({ allowed, found }: Judged): (id: string) => boolean {
  const open = new Set(found.map(({ id }) => id));
  const taken = new Set(allowed.flatMap(({ id, stands }) => (stands && !open.has(id) ? [id] : [])));
  return (id) => taken.has(id);
}

/** What passed in the end had failed before, which was seen and counts; what went to the file of a long week nobody accepts any more. */
export function findingsAccepted({ older }: WeekState, { found, allowed }: Judged): Evaluation {
  const gone = older?.findings ?? 0;
  const why = (one: Finding) =>
    `${inShort(one)}: ${one.accepted ? `accepted, and the plan takes no ${one.kind} for a GO (gate.acceptable)` : 'not accepted'}`;
  return unless(
    [
      ...found.slice(0, 3).map(why),
      found.length > 3 && `and ${found.length - 3} more`,
      gone > 0 && `${gone} older ones are in ${older!.file}`,
    ],
    allowed.length === 0 ? 'nothing had failed on the way' : `${allowed.length} findings, each accepted by a person`,
    { findings: found.length + allowed.length, accepted: allowed.length, open: found.map(({ id }) => id).slice(0, 5) },
  );
}

function rollbackConfirmed({ records, plan }: WeekState, { wayBack, at }: Pick<Judged, 'wayBack' | 'at'>): Evaluation {
  const { executable, levelThree } = wayBack;
  const rehearsal = rehearsalOf({ plan, records });
  if (rehearsal?.verdict !== 'pass') return fail('the rollback was not rehearsed in this week');
  const evidence = { entries: executable.length, rollbackMs: Number(rehearsal.evidence['rollbackMs'] ?? 0) };
  const objections = [
    executable.length === 0 && 'the ledgers have nothing to undo',
    ...stuckIn(wayBack).slice(0, 3).map(notUndone),
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
  const why = at === undefined ? undefined : whyNoProof(levelThree, plan, at);
  if (why) return open(why);
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

/** What a rollback now would not take back. */
export function stuckIn({ executable }: WayBack): Executable {
  return executable.filter(({ result }) => result === 'failed' || result === 'left');
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
export function noGoCriteria({ records, incidents, plan }: WeekState, judged: Judged): Evaluation {
  const isTaken = takenIn(judged);
  const failed = (criterion: Criterion) =>
    kpisByTask.filter((kpi) => kpi.criterion === criterion).flatMap(({ id }) => failing(judged.weighed[id]));
  const past = (wanted: FindingKind) =>
    judged.found.filter(({ kind, stands }) => kind === wanted && !stands).map(inShort);
  const rehearsal = rehearsalOf({ plan, records });
  const unmended = incidents.filter((one) => !endedWell(one) && !isTaken(one.id));
  const components = unmended.filter(({ level }) => level !== 2).map(({ id }) => id);
  const agents = [
    ...unmended.filter(({ level }) => level === 2).map(({ id }) => id),
    ...stepsOf(plan)
      .filter(({ id, ofAgent }) => ofAgent !== undefined && records[id]?.verdict === 'fail' && !isTaken(id))
      .map(({ id }) => id),
  ];
  const held: Record<string, string[]> = {
    'critical component failure': [...components, ...failed('components')],
    'agent instability': [...agents, ...failed('agents'), ...past('agent')],
    [`degradation above ${plan.limits.overheadPercent.limit} %`]: failed('degradation'),
    [`failover over ${plan.limits.failover.limit} ms`]: [...failed('failover'), ...past('failover')],
    'data loss': [...failed('loss'), ...past('data-loss')],
    'failing rollback': [
      ...failing(rehearsal),
      ...past('rollback'),
      ...judged.wayBack.executable.filter(({ result }) => result === 'failed').map(notUndone),
    ],
  };
  const holding = Object.entries(held).filter(([, why]) => why.length > 0);
  return unless(
    holding.map(([criterion, why]) => `${criterion}: ${why[0]}`),
    `none of ${Object.keys(held).length} criteria holds`,
    { criteria: Object.keys(held).length, holding: holding.map(([criterion]) => criterion) },
  );
}

function pick(evaluated: Record<string, Evaluation>, ...ids: string[]): Record<string, Evaluation> {
  return Object.fromEntries(ids.flatMap((id) => (evaluated[id] ? [[id, evaluated[id]] as const] : [])));
}
