// The state with which a week begins.
import type { Plan } from '../schema/plan.ts';
import { rehearse } from '../schema/rehearse.ts';
import { taskNames } from '../tasks/names.ts';
import { footprintOf } from './digest.ts';
import type { Reach } from './paste.ts';
import type { WeekState } from './state.ts';

export interface Beginning {
  plan: Plan;
  /** sha256 of the plan's text. */
  planDigest: string;
  run: string;
  startedBy: string;
  reach?: Reach;
  /** Unix milliseconds. */
  startedAt: number;
  /** Divisor of the watched time; null for the real week. */
  rehearsal: number | null;
}

export function initialState({ plan, rehearsal, ...beginning }: Beginning): WeekState {
  const { log, observation, soak } = plan.watch;
  return {
    ...beginning,
    footprint: footprintOf(plan),
    plan: rehearsal === null ? plan : rehearse(plan, rehearsal),
    rehearsal,
    planned: { logMs: log, observationMs: observation, soakMs: soak },
    status: 'running',
    phase: taskNames[0],
    records: {},
    history: [],
    facts: {},
    windows: {},
    released: [],
    approvals: [],
    undone: [],
    incidents: [],
    disturbances: {},
    measured: {},
    series: [],
    decisions: [],
    outbox: [],
    told: [],
    announced: [],
    pages: 0,
  };
}

/** `YYYYMMDD-HHMMSS-xxxx` in UTC; `suffix` tells two starts of one second apart. */
export function runId(startedAt: number, suffix: string): string {
  const [date = '', time = ''] = new Date(startedAt).toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${suffix}`;
}
