// The state of a week: everything that survives a page (continue-as-new), and what of it people see.
import type { Plan, TaskName } from '../schema/plan.ts';
import type { Frozen } from '../evidence/gate.ts';
import type { Incident } from './incident.ts';
import type { Measured } from '../evidence/measured.ts';
import type { KpiPoint } from '../evidence/kpi-series.ts';
import type { StepRecord, Verdict } from './record.ts';
import type { Notice, Sent } from './notice.ts';
import { stepsOf } from '../tasks/index.ts';
import type { Scope, Undone } from './undo.ts';

export type Status =
  'running' | 'paused' | 'failed' | 'deciding' | 'rolling back' | 'completed' | 'no-go' | 'rolled back';

export interface Approval {
  decision: 'go' | 'no-go';
  then?: 'extend' | 'rollback';
  confidencePercent: number;
  reason: string;
  /** A claim: who the person says to be, and from where it came. */
  by: string;
  from: string;
  at: number;
  /** Digest of the evidence that the person saw. */
  evidence: string;
  /** A GO against the recommendation. */
  override?: boolean;
}

/** A decision, and what the evidence spoke for; null when it had been decided on evidence of before. */
export interface Decided extends Approval {
  recommendation: Frozen['recommendation'] | null;
}

/** A wait of the week: for whom or what, and the command that ends it. */
export interface Wait {
  on: string;
  step: string;
  since: number;
  /** Unix milliseconds when it ends by itself. */
  until?: number;
  command?: string;
}

/** A watched window in progress: credit is observed healthy time. */
export interface WatchWindow {
  creditMs: number;
  samples: number;
  failed: number;
  longestGapMs: number;
  restarts: number;
  /** Time in a row that was sampled for less than half. */
  unseenMs?: number;
  firstIssue?: string;
  startedAt: number;
}

export interface WeekState {
  plan: Plan;
  /** sha256 of the plan's text. */
  planDigest: string;
  /** Of what the plan puts on its machines (digest.ts), before a rehearsal shortened it. */
  footprint: string;
  run: string;
  startedBy: string;
  startedAt: number;
  /** Divisor of the watched time; null for the real week. */
  rehearsal: number | null;
  /** The durations before a rehearsal divided them. */
  planned: { logMs: number; observationMs: number; soakMs: number };
  status: Status;
  phase: TaskName | 'gate' | 'rollback' | 'end';
  records: Record<string, StepRecord>;
  /** Records of what was undone since. */
  history: StepRecord[];
  /** What later steps need of earlier ones: images, backups, baselines. Plain JSON. */
  facts: Record<string, unknown>;
  windows: Record<string, WatchWindow>;
  /** Why the week is held, and since when. */
  held?: { reason: string; since: number; deadline?: number };
  /** Tasks before which the week waited and a person let it go on. */
  released: TaskName[];
  approvals: Approval[];
  undone: (Undone & { machine: string })[];
  /** The newest rollback. */
  rollback?: Rollback;
  incidents: Incident[];
  /** What is still to be told, and what became of what was: the newest. */
  outbox: { channel: string; notice: Notice }[];
  told: Sent[];
  /** What has been told in this run, by what it is about: also what is no more in `told`. */
  announced: string[];
  /** Where the report was written at the end, or why it was not. */
  reports?: { files: string[]; error?: string };
  /** What people decide on, once the gate has opened. */
  evidence?: Frozen;
  /** Totals of what is measured all along, by machine. */
  measured: Record<string, Measured>;
  /** How the KPIs went, for people: thinned out as it grows (series.ts). */
  series: KpiPoint[];
  /** Decisions that were taken and are past: a NO-GO that extended the week, and the GOs beside it. */
  decisions: Decided[];
  /** What was mended automatically, while no person has said anything since. */
  mended?: string;
  pages: number;
}

export interface Rollback {
  scope: Scope;
  reason: string;
  /** Unix milliseconds: ordered, every ledger undone, the rows of kind undo looked at. */
  startedAt: number;
  undoneAt?: number;
  verifiedAt?: number;
  /** Of a whole run: what this rollback itself took back, as `changeOf` says it. */
  tookBack?: string[];
}

/** What `progress` answers, and what every status output is made of. */
export interface Snapshot {
  plan: string;
  title: string;
  run: string;
  rehearsal: number | null;
  status: Status;
  phase: WeekState['phase'];
  verdict: Verdict | 'open';
  startedAt: number;
  at: number;
  tasks: { task: TaskName; done: number; total: number; verdict: Verdict | 'open'; endedAt?: number }[];
  running: { id: string; machine: string; since: number }[];
  waits: Wait[];
  windows: (WatchWindow & { id: string; wantedMs: number })[];
  held?: WeekState['held'];
  /** The records that are not a pass. */
  issues: StepRecord[];
  approvals: Approval[];
  evidence?: Frozen;
  /** Channels on which the newest notice did not get through. */
  untold: Sent[];
  /** The last decision by signal that was refused, and why. */
  refused?: { at: number; why: string };
  undone: { results: Record<string, number>; failed: string[] } | null;
  incidents: Incident[];
}

/** What is going on this moment: lives in the workflow's memory only. */
export interface Activity {
  running: { id: string; machine: string; since: number }[];
  waits: Wait[];
}

export function wantedMs(state: WeekState, windowId: string): number {
  if (windowId.endsWith('.log-watch')) return state.plan.watch.log;
  return windowId === '2D.soak' ? state.plan.watch.soak : state.plan.watch.observation;
}

/** Takes out what a step left in the state beside its record: its window, and every fact that is named after it. */
export function forgetStep(state: WeekState, id: string): void {
  delete state.windows[id];
  for (const fact of Object.keys(state.facts)) if (fact.endsWith(` ${id}`)) delete state.facts[fact];
}

export function snapshot(state: WeekState, now: number, activity: Activity = { running: [], waits: [] }): Snapshot {
  const steps = stepsOf(state.plan);
  const tasks = [...new Set(steps.map((step) => step.task))].map((task) => {
    const ids = steps.filter((step) => step.task === task).map((step) => step.id);
    const records = ids.flatMap((id) => state.records[id] ?? []);
    const done = records.filter((record) => record.verdict === 'pass' || record.waived).length;
    const verdict = records.some((record) => record.verdict === 'fail')
      ? 'fail'
      : records.some((record) => record.verdict === 'inconclusive')
        ? 'inconclusive'
        : done === ids.length
          ? 'pass'
          : 'open';
    const endedAt = done === ids.length ? Math.max(...records.map((record) => record.endedAt)) : undefined;
    return { task, done, total: ids.length, verdict, endedAt } as const;
  });
  const verdicts = tasks.map((task) => task.verdict);
  return {
    plan: state.plan.name,
    title: state.plan.title,
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
    untold: untold(state, now),
    refused: state.facts['gate.refused'] as Snapshot['refused'],
    undone: state.undone.length === 0 ? null : tally(state.undone),
    incidents: state.incidents,
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

function tally(undone: WeekState['undone']): NonNullable<Snapshot['undone']> {
  const results: Record<string, number> = {};
  for (const entry of undone) results[entry.result] = (results[entry.result] ?? 0) + 1;
  return {
    results,
    failed: undone
      .filter((entry) => entry.result === 'failed')
      .map((entry) => `${entry.machine}: ${entry.kind} ${entry.target}: ${entry.detail ?? ''}`),
  };
}

/** The last persisted state, small enough for a memo (2 KB): for when no worker answers. */
export interface Glance {
  plan: string;
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
}

export function glance(seen: Snapshot): Glance {
  return {
    plan: seen.plan,
    run: seen.run,
    rehearsal: seen.rehearsal,
    status: seen.status,
    phase: seen.phase,
    verdict: seen.verdict,
    startedAt: seen.startedAt,
    at: seen.at,
    tasks: Object.fromEntries(seen.tasks.map((task) => [task.task, `${task.done}/${task.total} ${task.verdict}`])),
    waits: seen.waits.slice(0, 4).map((wait) => `${wait.step}: ${wait.on}`.slice(0, 120)),
    issues: seen.issues.slice(0, 4).map((record) => `${record.id}: ${record.summary}`.slice(0, 160)),
  };
}
