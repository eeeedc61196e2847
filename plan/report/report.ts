// The report of a week: every requirement with its record, as data and as the completion report of the seed.
import { humanDuration } from '../schema/duration.ts';
import { confidence, gateRows, goes, kpisNow, type Frozen } from '../evidence/gate.ts';
import { kpis } from '../evidence/kpi.ts';
import { summaryOf, type MeasuredSummary } from '../evidence/measured.ts';
import { channelsFor, type Sent } from '../week/notice.ts';
import { pilotsOf, type TaskName } from '../schema/plan.ts';
import type { Incident, Level } from '../week/incident.ts';
import type { Evidence, Judgement, StepRecord, Verdict } from '../week/record.ts';
import {
  snapshot,
  wantedMs,
  type Approval,
  type Decided,
  type Rollback,
  type Status,
  type WatchWindow,
  type WeekState,
} from '../week/state.ts';
import type { KpiPoint } from '../evidence/kpi-series.ts';
import { inconclusive } from '../tasks/shared/verdict.ts';
import { stepsOf, undoRows, type StepInfo } from '../tasks/index.ts';
import type { Undone } from '../week/undo.ts';

/** One row of the plan: a step, a check, what an undo or an emergency must leave behind, a KPI, a criterion of the gate, a part of the report. `open`, with nulls, when it was not done. */
export interface Requirement {
  id: string;
  kind: StepInfo['kind'] | 'emergency' | 'kpi' | 'gate' | 'comms' | 'report';
  task: TaskName | 'emergency' | 'kpi' | 'gate' | 'comms' | 'report';
  text: string;
  verdict: Verdict | 'open';
  machine: string | null;
  summary: string | null;
  evidence: Evidence;
  startedAt: number | null;
  endedAt: number | null;
  attempts: number;
  waived: { by: string; reason: string; at: number } | null;
}

/** Rises when a key changes its meaning; new keys do not raise it. */
export const reportVersion = 1;

/** The output of `hubshift report --json`: documented and stable. Times are Unix milliseconds. */
export interface Report {
  version: number;
  run: string;
  plan: string;
  title: string;
  planDigest: string;
  /** The same for plans that put the same on their machines, wherever these are. */
  footprint: string;
  status: Status;
  phase: WeekState['phase'];
  verdict: Verdict | 'open';
  /** Divisor of the watched time; null for the real week. */
  rehearsal: number | null;
  startedBy: string;
  startedAt: number;
  /** Null while the week runs. */
  endedAt: number | null;
  /** When this was written. */
  at: number;
  requirements: Requirement[];
  /** Watched time: as planned, as wanted in this run, and what was observed. */
  windows: (WatchWindow & { id: string; wantedMs: number })[];
  planned: WeekState['planned'];
  pilots: string[];
  /** Records of what was undone or done again since. */
  history: StepRecord[];
  /** Of the evidence that stands; with `decisions`, those that are past. */
  approvals: Approval[];
  decisions: Decided[];
  undone: (Undone & { machine: string })[];
  incidents: Incident[];
  /** What was measured all along, by machine. */
  measured: Record<string, MeasuredSummary>;
  /** How the KPIs went. */
  series: KpiPoint[];
  /** What became of the newest notices. */
  told: Sent[];
  /** What people decided on; null before the gate. */
  evidence: Frozen | null;
  /** The rehearsal of the rollback in this week, and the newest real one; null where there was none. */
  rollback: { rehearsal: Evidence | null; newest: Rollback | null };
}

export const endedStatuses: readonly Status[] = ['completed', 'no-go', 'rolled back'];

export function reportOf(state: WeekState, now: number): Report {
  const work = stepsOf(state.plan).map((row) => requirement(row, state.records[row.id]));
  const decisions = decisionRows(state, now);
  return {
    version: reportVersion,
    run: state.run,
    plan: state.plan.name,
    title: state.plan.title,
    planDigest: state.planDigest,
    footprint: state.footprint,
    status: state.status,
    phase: state.phase,
    verdict: snapshot(state, now).verdict,
    rehearsal: state.rehearsal,
    startedBy: state.startedBy,
    startedAt: state.startedAt,
    endedAt: endedStatuses.includes(state.status) ? lastMoment(state) : null,
    at: now,
    requirements: [
      ...work,
      ...undoRows(['2A', '2B', '2C', '2D']).map((row) => requirement(row, state.records[row.id])),
      ...emergencies.map((row) => requirement(row, emergencyRecord(state, row))),
      ...decisions,
      ...tellingRows(state, now),
      ...reportRows(state, work, decisions, now),
    ],
    windows: Object.entries(state.windows).map(([id, window]) => ({ id, wantedMs: wantedMs(state, id), ...window })),
    planned: state.planned,
    pilots: pilotsOf(state.plan).map((pilot) => pilot.name),
    history: state.history,
    approvals: state.approvals,
    decisions: state.decisions,
    undone: state.undone,
    incidents: state.incidents,
    measured: Object.fromEntries(
      Object.entries(state.measured).map(([machine, measured]) => [machine, summaryOf(measured)]),
    ),
    series: state.series,
    told: state.told,
    evidence: state.evidence ?? null,
    rollback: { rehearsal: state.records['2D.rollback-rehearsal']?.evidence ?? null, newest: state.rollback ?? null },
  };
}

function requirement(
  row: Pick<Requirement, 'id' | 'kind' | 'task' | 'text'>,
  record: StepRecord | undefined,
): Requirement {
  const { id, kind, task, text } = row;
  return {
    id,
    kind,
    task,
    text,
    verdict: record?.verdict ?? 'open',
    machine: record?.machine ?? null,
    summary: record?.summary ?? null,
    evidence: record?.evidence ?? {},
    startedAt: record?.startedAt ?? null,
    endedAt: record?.endedAt ?? null,
    attempts: record?.attempts ?? 0,
    waived: record?.waived ?? null,
  };
}

interface EmergencyRow extends Pick<Requirement, 'id' | 'text'> {
  kind: 'emergency';
  task: 'emergency';
  level: Level;
  withoutTemporal?: boolean;
}

const emergencies: EmergencyRow[] = [
  {
    id: 'emergency.1.component',
    kind: 'emergency',
    task: 'emergency',
    text: 'level 1: the failing component restarted and well within its limit',
    level: 1,
  },
  {
    id: 'emergency.2.agent',
    kind: 'emergency',
    task: 'emergency',
    text: 'level 2: the agent restored, on CentralHub only, within its limit',
    level: 2,
  },
  {
    id: 'emergency.3.week',
    kind: 'emergency',
    task: 'emergency',
    text: 'level 3: everything undone and Phase 1 verified within its limit',
    level: 3,
  },
  {
    id: 'emergency.3.without-temporal',
    kind: 'emergency',
    task: 'emergency',
    text: 'level 3 from one command while Temporal is down',
    level: 3,
    withoutTemporal: true,
  },
];

/** The newest incident of a level speaks for its row. */
function emergencyRecord(
  { incidents }: WeekState,
  { id, level, withoutTemporal = false }: EmergencyRow,
): StepRecord | undefined {
  const of = incidents.filter(
    (incident) =>
      incident.level === level && (level !== 3 || (incident.trigger.withoutTemporal ?? false) === withoutTemporal),
  );
  const newest = of.at(-1);
  if (!newest) return undefined;
  const { target, result, withinLimit, startedAt, endedAt, limitMs, actions } = newest;
  const ms = endedAt - startedAt;
  return {
    id,
    machine: [...new Set(actions.map(({ machine }) => machine))].join(', '),
    verdict: result === 'recovered' && withinLimit ? 'pass' : 'fail',
    summary: `${newest.id}: ${target ?? 'the week'} ${result} after ${humanDuration(ms)}, limit ${humanDuration(limitMs)}`,
    evidence: { incident: newest.id, ms, limitMs, result },
    startedAt,
    endedAt,
    attempts: of.length,
  };
}

/** KPIs as frozen, or as they stand; the criteria of the gate once it has opened. */
function decisionRows(state: WeekState, now: number): Requirement[] {
  const { evidence, startedAt, approvals, plan } = state;
  const row = (kind: 'kpi' | 'gate', id: string, text: string, judged: Judgement | undefined) =>
    requirement(
      { id, kind, task: kind, text },
      judged && { id, machine: '', startedAt, endedAt: evidence?.at ?? now, attempts: 1, ...judged },
    );
  const found = evidence?.kpis ?? kpisNow(state);
  const said = [...state.decisions, ...approvals];
  const noGo = said.findLast(({ decision }) => decision === 'no-go');
  const sure = confidence(
    goes(state).map(({ confidencePercent }) => confidencePercent),
    plan.gate.confidenceAbovePercent,
  );
  return [
    ...kpis.map(({ id, text }) => row('kpi', id, text, found[id])),
    ...gateRows.map(({ id, text }) => row('gate', id, text, evidence?.go[id])),
    row('gate', 'go.confidence', 'the people who decide are sure enough', approvals.length > 0 ? sure : undefined),
    row('gate', 'nogo.criteria', 'no NO-GO criterion holds', evidence?.noGo),
    row(
      'gate',
      'nogo.decision',
      'a NO-GO extends the week or undoes it',
      noGo
        ? {
            verdict: 'pass',
            summary: `NO-GO by ${noGo.by}, then ${noGo.then}: ${noGo.reason}`,
            evidence: { by: noGo.by, then: noGo.then ?? '' },
          }
        : said.length > 0
          ? inconclusive('nobody said NO-GO in this run', { decisions: said.length, noGos: 0 })
          : undefined,
    ),
  ];
}

/** Each level's channels, by what became of the newest notice of that level on each. */
function tellingRows({ plan, told, startedAt }: WeekState, now: number): Requirement[] {
  return ([1, 2, 3] as const).map((level) => {
    const kind = `level-${level}` as const;
    const channels = channelsFor(plan, kind).map(({ name }) => ({
      name,
      sent: told.findLast((one) => one.channel === name && one.kind === kind),
    }));
    const say =
      channels.map(({ name, sent }) => `${name} ${sent?.result ?? 'not used'}`).join(', ') || 'no channel in the plan';
    const verdict = channels.some(({ sent }) => sent?.result === 'failed')
      ? 'fail'
      : channels.length > 0 && channels.every(({ sent }) => sent?.result === 'sent')
        ? 'pass'
        : 'inconclusive';
    return requirement(
      { id: `comms.level-${level}`, kind: 'comms', task: 'comms', text: `level ${level} is told over its channels` },
      {
        id: '',
        machine: '',
        startedAt,
        endedAt: now,
        attempts: 1,
        verdict,
        summary: say,
        evidence: {
          channels: channels.map(({ name }) => name),
          sent: channels.filter(({ sent }) => sent?.result === 'sent').length,
          needed: channels.length,
        },
      },
    );
  });
}

/** The three parts of the seed's completion report: whether all that they tell is known. */
function reportRows(
  { plan, status, startedAt, approvals, evidence, incidents, history }: WeekState,
  work: Requirement[],
  decisions: Requirement[],
  now: number,
): Requirement[] {
  const row = (id: string, text: string, judged: Judgement) =>
    requirement(
      { id, kind: 'report', task: 'report', text },
      { id, machine: '', startedAt, endedAt: now, attempts: 1, ...judged },
    );
  const known = (of: Requirement[]) => of.filter(({ verdict }) => verdict !== 'open').length;
  const complete = (rows: Requirement[], say: string, counts: Evidence): Judgement => ({
    verdict: known(rows) === rows.length ? 'pass' : 'inconclusive',
    summary: say,
    evidence: { known: known(rows), of: rows.length, ...counts },
  });
  const ended = endedStatuses.includes(status);
  const [measured, details] = [
    work.filter(({ id }) => id.startsWith('2D.impact.')),
    work.filter(({ task }) => task !== 'preflight'),
  ];
  const issues = [...work, ...history].filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive').length;
  const summary = complete(
    [...work, ...measured],
    `${status}: ${known(details)} of ${details.length} rows of the tasks, ${pilotsOf(plan).length} pilots, impact measured in ${known(measured)} of ${measured.length} rows`,
    {},
  );
  return [
    row(
      'report.summary',
      'completion date, overall status, infrastructure, pilots, performance impact, readiness',
      ended ? summary : { ...summary, verdict: 'inconclusive', summary: `not ended yet, ${summary.summary}` },
    ),
    row(
      'report.details',
      'EdgeHub, NATS, Pushgateways, each pilot, performance, issues with what became of them',
      complete(
        details,
        `${known(details)} of ${details.length} rows in detail, ${issues} issues, ${incidents.length} incidents`,
        { issues, incidents: incidents.length },
      ),
    ),
    row(
      'report.week-2',
      'prerequisites, risks, readiness of the team, recommendation',
      evidence && approvals.length > 0
        ? complete(
            decisions.filter(({ id }) => id.startsWith('go.')),
            `${evidence.recommendation.toUpperCase()} recommended; ${approvals.length} decided, ${approvals.map(({ decision, confidencePercent }) => `${decision} ${confidencePercent} %`).join(', ')}`,
            { recommendation: evidence.recommendation, approvals: approvals.length },
          )
        : {
            verdict: 'inconclusive',
            summary: evidence ? 'nobody has decided yet' : 'the gate has not opened yet',
            evidence: { approvals: approvals.length },
          },
    ),
  ];
}

/** Steps and checks: what the week is for. The others are only there after an undo or an emergency. */
export function workOf({ requirements }: Report): Requirement[] {
  return requirements.filter(({ kind }) => kind === 'step' || kind === 'check');
}

/** Pass, and nothing waived. */
export function holds(requirements: Requirement[]): boolean {
  return requirements.length > 0 && requirements.every(({ verdict, waived }) => verdict === 'pass' && !waived);
}

function lastMoment(state: WeekState): number {
  const moments = [...Object.values(state.records), ...state.history].map((record) => record.endedAt);
  return Math.max(state.startedAt, ...moments, ...state.approvals.map((approval) => approval.at));
}
