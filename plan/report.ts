// The report of a week: every requirement with its record, as data and as the completion report of the seed.
import { pilotsOf, type TaskName } from './plan.ts';
import type { Evidence, StepRecord, Verdict } from './record.ts';
import { snapshot, wantedMs, type Approval, type Status, type WatchWindow, type WeekState } from './state.ts';
import { stepsOf } from './steps.ts';
import type { Undone } from './undo.ts';

/** One step or check of the plan. `open`, with nulls, when it was not done yet. */
export interface Requirement {
  id: string;
  kind: 'step' | 'check';
  task: TaskName;
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

/** The output of `hubshift report --json`: documented and stable. Times are Unix milliseconds. */
export interface Report {
  run: string;
  plan: string;
  title: string;
  planDigest: string;
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
  approvals: Approval[];
  undone: (Undone & { machine: string })[];
}

export const endedStatuses: readonly Status[] = ['completed', 'no-go', 'rolled back'];

export function reportOf(state: WeekState, now: number): Report {
  return {
    run: state.run,
    plan: state.plan.name,
    title: state.plan.title,
    planDigest: state.planDigest,
    status: state.status,
    phase: state.phase,
    verdict: snapshot(state, now).verdict,
    rehearsal: state.rehearsal,
    startedBy: state.startedBy,
    startedAt: state.startedAt,
    endedAt: endedStatuses.includes(state.status) ? lastMoment(state) : null,
    at: now,
    requirements: stepsOf(state.plan).map((step) => {
      const record = state.records[step.id];
      return {
        ...step,
        verdict: record?.verdict ?? 'open',
        machine: record?.machine ?? null,
        summary: record?.summary ?? null,
        evidence: record?.evidence ?? {},
        startedAt: record?.startedAt ?? null,
        endedAt: record?.endedAt ?? null,
        attempts: record?.attempts ?? 0,
        waived: record?.waived ?? null,
      };
    }),
    windows: Object.entries(state.windows).map(([id, window]) => ({ id, wantedMs: wantedMs(state, id), ...window })),
    planned: state.planned,
    pilots: pilotsOf(state.plan).map((pilot) => pilot.name),
    history: state.history,
    approvals: state.approvals,
    undone: state.undone,
  };
}

/** Pass, and nothing waived. */
export function holds(requirements: Requirement[]): boolean {
  return requirements.length > 0 && requirements.every(({ verdict, waived }) => verdict === 'pass' && !waived);
}

function lastMoment(state: WeekState): number {
  const moments = [...Object.values(state.records), ...state.history].map((record) => record.endedAt);
  return Math.max(state.startedAt, ...moments, ...state.approvals.map((approval) => approval.at));
}
