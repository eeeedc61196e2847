// The report of a week: every row of docs/requirements.md with its record, as data.
import type { Frozen } from '../evidence/frozen.ts';
import { planId } from '../names.ts';
import { rehearsalOf } from '../evidence/criteria.ts';
import { type Finding, findingsOf } from '../evidence/findings.ts';
import type { KpiPoint } from '../evidence/kpi-series.ts';
import { type MeasuredSummary, summaryOf } from '../evidence/measured.ts';
import type { PreparedDeployment } from '../machine-api/agents.ts';
import { pilotsOf } from '../schema/plan.ts';
import { stepsOf, tasksIn, undoRows } from '../tasks/steps.ts';
import { lastMoment } from '../week/furthest.ts';
import type { Incident } from '../week/incident.ts';
import type { Sent } from '../week/notice.ts';
import type { Acknowledged } from '../week/paging.ts';
import type { Evidence, StepRecord, Verdict } from '../week/record.ts';
import { snapshot, wantedMs } from '../week/snapshot.ts';
import {
  type Approval,
  type Decided,
  endedStatuses,
  type Older,
  type Released,
  type Rollback,
  type Status,
  type Stood,
  type WatchWindow,
  type WeekState,
  type Without,
} from '../week/state.ts';
import type { Undone } from '../week/undo.ts';
import { warningsOf } from '../week/warnings.ts';
import { commandThere } from '../week/without.ts';
import { type LevelThreeTold, levelThreeTold } from './level-three.ts';
import { tellingRows } from './rows/comms.ts';
import { decisionRows } from './rows/decisions.ts';
import { emergencies, emergencyRecord } from './rows/emergencies.ts';
import { reportRows } from './rows/parts.ts';
import { requirement, type Requirement } from './rows/requirement.ts';
import { type TaskTold, tasksTold } from './tasks.ts';

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
  /** Of the control worker that wrote it at an end of the week; else left out. */
  build?: string;
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
  /** What each task was for, its estimate beside the time it took, its risks beside what was found. */
  tasks: TaskTold[];
  /** What people let go before its time; left out where that was nothing. */
  letGo?: Released[];
  /** Watched time: as planned, as wanted in this run, and what was observed. */
  windows: (WatchWindow & { id: string; wantedMs: number })[];
  planned: WeekState['planned'];
  pilots: string[];
  /** How the week stood before everything was undone; null unless it was. */
  stood: Omit<Stood, 'kpis'> | null;
  /** Records of what was undone or done again since. */
  history: StepRecord[];
  /** Of the evidence that stands; with `decisions`, those that are past. */
  approvals: Approval[];
  decisions: Decided[];
  undone: (Undone & { machine: string })[];
  /** Machines that everything was rolled back without: what is open there, and the command that undoes it. */
  without: (Without & { command: string })[];
  incidents: Incident[];
  /** How much of the above is older and in a file; null in a week that is not that long. */
  older: Older | null;
  /** Why more of it can't be written there, and since when; null when it can. */
  notKept: WeekState['notKept'] | null;
  /** What was measured all along, by machine. */
  measured: Record<string, MeasuredSummary>;
  /** How the KPIs went. */
  series: KpiPoint[];
  /** What became of the newest notices. */
  told: Sent[];
  /** Who has answered pages: the newest. Reports of earlier builds have none. */
  acknowledged?: Acknowledged[];
  /** Of these, who was told of a level 3. */
  levelThreeTold: LevelThreeTold[];
  /** What was found and stays found, also where the row has passed since: the oldest first. */
  findings: Finding[];
  /** What people decided on; null before the gate. */
  evidence: Frozen | null;
  /** What is going to be done to each pilot, or was; of those of which it is known here. */
  prepared?: PreparedDeployment[];
  /** What works, and people should know. Reports of before have neither. */
  warnings?: string[];
  /** The rehearsal of the rollback in this week, and the newest real one; null where there was none. */
  rollback: { rehearsal: Evidence | null; newest: Rollback | null };
}

/** `older` are records that a long week remembers no more itself; `prepared` is what files beside the report say. */
export function reportOf(
  state: WeekState,
  now: number,
  older: StepRecord[] = [],
  prepared: PreparedDeployment[] = [],
): Report {
  const before = new Map([...older, ...state.history].map((record) => [record.id, record]));
  const work = stepsOf(state.plan).map((row) => requirement(row, state.records[row.id], before.get(row.id)));
  const decisions = decisionRows(state, now);
  const records = state.stood ? { ...Object.fromEntries(before), ...state.records } : state.records;
  const rehearsal = rehearsalOf({ plan: state.plan, records });
  const requirements = [
    ...work,
    ...undoRows(tasksIn(state.plan)).map((row) => requirement(row, state.records[row.id])),
    ...emergencies.map((row) => requirement(row, emergencyRecord(state, row))),
    ...decisions,
    ...tellingRows(state, now),
    ...reportRows(state, work, decisions, now),
  ];
  return {
    version: reportVersion,
    run: state.run,
    plan: planId(state.plan),
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
    requirements,
    tasks: tasksTold({
      state,
      requirements,
      past: [...older, ...state.history],
      isInPart: older.length === 0,
    }),
    letGo: state.letGo,
    windows: Object.entries(state.windows).map(([id, window]) => ({ id, wantedMs: wantedMs(state, id), ...window })),
    planned: state.planned,
    pilots: pilotsOf(state.plan).map((pilot) => pilot.name),
    stood: stoodOf(state),
    history: state.history,
    approvals: state.approvals,
    decisions: state.decisions,
    undone: state.undone,
    without: (state.without ?? []).map((one) => ({ ...one, command: commandThere(state.run, one.machine) })),
    incidents: state.incidents,
    older: state.older ?? null,
    notKept: state.notKept ?? null,
    measured: Object.fromEntries(
      Object.entries(state.measured).map(([machine, measured]) => [machine, summaryOf(measured)]),
    ),
    series: state.series,
    told: state.told,
    acknowledged: state.acknowledged ?? [],
    levelThreeTold: levelThreeTold(state),
    findings: findingsOf(state),
    evidence: state.evidence ?? null,
    prepared,
    warnings: warningsOf(state.plan),
    rollback: { rehearsal: rehearsal?.evidence ?? null, newest: state.rollback ?? null },
  };
}

/** Its KPIs are rows. */
function stoodOf({ stood }: WeekState): Report['stood'] {
  if (!stood) return null;
  const { status, phase, at, reports } = stood;
  return { status, phase, at, reports };
}

/** Steps and checks: what the week is for. The others are only there after an undo or an emergency. */
export function workOf({ requirements }: Report): Requirement[] {
  return requirements.filter(({ kind }) => kind === 'step' || kind === 'check');
}

/** Pass, nothing waived, and nothing undone since. */
export function holds(requirements: Requirement[]): boolean {
  return (
    requirements.length > 0 &&
    requirements.every(({ verdict, waived, before }) => verdict === 'pass' && !waived && !before)
  );
}
