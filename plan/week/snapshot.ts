// What people see of a week: one snapshot feeds the query, the Web UI, the memo and the command line.
import { type Finding, findingsOf } from '../evidence/findings.ts';
import type { Frozen } from '../evidence/frozen.ts';
import { planId } from '../names.ts';
import type { TaskName } from '../tasks/names.ts';
import { type Purpose, purposesOf } from '../tasks/purposes.ts';
import { stepOf, stepsIn } from '../tasks/steps.ts';
import { acceptedBy, waivedIn } from './accepted.ts';
import type { Incident } from './incident.ts';
import type { Sent } from './notice.ts';
import type { Acknowledged, Paged } from './paging.ts';
import type { StepRecord, Verdict } from './record.ts';
import {
  type Approval,
  namesWithout,
  type Status,
  type Wait,
  type WatchWindow,
  type WeekState,
  type Without,
} from './state.ts';
import { unexplainedLines } from './unexplained.ts';
import { warningsOf } from './warnings.ts';
import { cut } from './cut-text.ts';

/** What `progress` answers, and what every status output is made of. */
export interface Snapshot {
  plan: string;
  title: string;
  planDigest: string;
  run: string;
  rehearsal: number | null;
  status: Status;
  phase: WeekState['phase'];
  verdict: Verdict | 'open';
  startedAt: number;
  at: number;
  tasks: {
    task: TaskName;
    done: number;
    total: number;
    verdict: Verdict | 'open';
    endedAt?: number;
    /** What it is for, with its risks in words. Earlier builds do not say it. */
    purpose?: TaskPlanned;
  }[];
  running: { id: string; machine: string; since: number }[];
  waits: Wait[];
  windows: (WatchWindow & { id: string; wantedMs: number })[];
  held?: WeekState['held'];
  /** The records that are not a pass. */
  issues: StepRecord[];
  approvals: Approval[];
  evidence?: Frozen;
  /** Beside the evidence: what was found and stays found. */
  findings?: Finding[];
  /** Beside the evidence: what people have not said yet of incidents, with the command. */
  unexplained?: string[];
  /** Channels on which the newest notice did not get through. */
  untold: Sent[];
  /** The last decision by signal that was refused, and why. */
  refused?: { at: number; why: string };
  undone: { results: Record<string, number>; failed: string[] } | null;
  /** Machines that everything was rolled back without. */
  without?: Without[];
  incidents: Incident[];
  /** What works, and people should know. Weeks of before do not say it. */
  warnings?: string[];
  /** What people are called for, and who has answered. */
  paged?: Paged[];
  acknowledged?: Acknowledged[];
  /** Why what is older can't be written to its file: it stays here, and the week grows. */
  notKept?: WeekState['notKept'];
}

/** Durations in milliseconds. */
export interface TaskPlanned extends Omit<Purpose, 'task' | 'risks'> {
  risks: string[];
}

/** What is going on this moment: lives in the workflow's memory only. */
export interface Activity {
  running: { id: string; machine: string; since: number }[];
  waits: Wait[];
}

export function wantedMs(state: WeekState, windowId: string): number {
  return state.plan.watch[stepOf(state.plan, windowId)?.watches ?? 'observation'];
}

export function snapshot(state: WeekState, now: number, activity: Activity = { running: [], waits: [] }): Snapshot {
  const tasks = purposesOf(state.plan).map(({ task, risks, ...planned }) => {
    const steps = stepsIn(state.plan, task);
    const records = steps.flatMap(({ id }) => state.records[id] ?? []);
    const done = records.filter((record) => record.verdict === 'pass' || record.waived).length;
    const verdict = records.some((record) => record.verdict === 'fail')
      ? 'fail'
      : records.some((record) => record.verdict === 'inconclusive')
        ? 'inconclusive'
        : done === steps.length
          ? 'pass'
          : 'open';
    const endedAt = done === steps.length ? Math.max(...records.map((record) => record.endedAt)) : undefined;
    const purpose = { ...planned, risks: risks.map(({ risk }) => risk) };
    return { task, done, total: steps.length, verdict, endedAt, purpose } as const;
  });
  const verdicts = tasks.map((task) => task.verdict);
  return {
    plan: planId(state.plan),
    title: state.plan.title,
    planDigest: state.planDigest,
    run: state.run,
    rehearsal: state.rehearsal,
    status: state.status,
    phase: state.phase,
    verdict: verdicts.includes('fail')
      ? 'fail'
      : verdicts.includes('inconclusive')
        ? 'inconclusive'
        : verdicts.every((verdict) => verdict === 'pass')
          ? 'pass'
          : 'open',
    startedAt: state.startedAt,
    at: now,
    tasks: [...tasks],
    running: activity.running,
    waits: activity.waits,
    windows: Object.entries(state.windows).map(([id, window]) => ({ id, wantedMs: wantedMs(state, id), ...window })),
    held: state.held,
    issues: Object.values(state.records)
      .filter((record) => record.verdict !== 'pass')
      .slice(0, 20),
    approvals: state.approvals,
    evidence: state.evidence,
    findings: state.evidence && findingsOf(state),
    unexplained: state.evidence && unexplainedLines(state),
    untold: untold(state, now),
    refused: state.facts['gate.refused'],
    undone: tally(state),
    without: state.without,
    incidents: state.incidents,
    warnings: warningsOf(state.plan),
    paged: state.paged,
    acknowledged: state.acknowledged,
    notKept: state.notKept,
  };
}

/** A notice that is tried for longer than this is shown: an emergency is tried for half an hour. */
const lateMs = 120_000;

/** By channel, where the newest notice failed or is late; one that is off is nobody's trouble. */
function untold({ told, outbox }: WeekState, now: number): Sent[] {
  const late = outbox.filter(({ notice }) => now - notice.at > lateMs);
  const waiting = late.map(({ channel, notice }): Sent => ({
    notice: notice.id,
    kind: notice.kind,
    channel,
    result: 'failed',
    detail: 'not taken yet; it is tried again',
    at: now,
  }));
  const newest = new Map([...told, ...waiting].map((sent) => [sent.channel, sent]));
  return [...newest.values()].filter(({ result }) => result === 'failed');
}

function tally({ undone, older, without, rollback, records }: WeekState): Snapshot['undone'] {
  const results: Record<string, number> = { ...older?.undone };
  for (const entry of undone) results[entry.result] = (results[entry.result] ?? 0) + 1;
  if (Object.keys(results).length === 0) return null;
  return {
    results,
    failed: undone
      // What failed on a machine that it was rolled back without is open there, and named so; what was accepted is in its row.
      .filter((entry) => entry.result === 'failed' && !namesWithout({ without }).includes(entry.machine))
      .filter((entry) => !acceptedBy(entry, { rollback, waivedOf: waivedIn(records) }))
      .map((entry) => `${entry.machine}: ${entry.kind} ${entry.target}: ${entry.detail ?? ''}`),
  };
}

/** The last persisted state, small enough for a memo (2 KB): for when no worker answers. */
export interface Glance {
  plan: string;
  /** Not of the first builds. */
  planDigest?: string;
  run: string;
  rehearsal: number | null;
  status: Status;
  phase: WeekState['phase'];
  verdict: Snapshot['verdict'];
  startedAt: number;
  at: number;
  /** "2A": "20/20 pass" */
  tasks: Record<string, string>;
  waits: string[];
  issues: string[];
  /** Their names. */
  without?: string[];
}

export function glance(seen: Snapshot): Glance {
  return {
    plan: seen.plan,
    planDigest: seen.planDigest,
    run: seen.run,
    rehearsal: seen.rehearsal,
    status: seen.status,
    phase: seen.phase,
    verdict: seen.verdict,
    startedAt: seen.startedAt,
    at: seen.at,
    tasks: Object.fromEntries(seen.tasks.map((task) => [task.task, `${task.done}/${task.total} ${task.verdict}`])),
    waits: seen.waits.slice(0, 4).map((wait) => cut(`${wait.step}: ${wait.on}`, 120)),
    issues: seen.issues.slice(0, 4).map((record) => cut(`${record.id}: ${record.summary}`, 160)),
    ...(seen.without && { without: namesWithout(seen) }),
  };
}
