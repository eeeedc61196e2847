// A plan, a week in its middle, and what is seen of it.
import { readFileSync } from 'node:fs';
import type { Look } from '../../client/week/look.ts';
import { controlQueue } from '../../plan/names.ts';
import { readPlan } from '../../plan/schema/read.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { initialState } from '../../plan/week/initial-state.ts';
import type { StepRecord } from '../../plan/week/record.ts';
import { glance, snapshot, type Snapshot } from '../../plan/week/snapshot.ts';
import type { WeekState } from '../../plan/week/state.ts';

export const planText = readFileSync(new URL('../../plan/week1.yaml', import.meta.url), 'utf8');
export const plan = readPlan(planText, 'week1.yaml');
/** 2026-07-23 10:00:00 UTC */
export const began = Date.UTC(2026, 6, 23, 10);

export function record(id: string, change: Partial<StepRecord> = {}): StepRecord {
  return {
    id,
    verdict: 'pass',
    machine: 'PC2',
    summary: `${id} holds`,
    evidence: { n: 1 },
    startedAt: began + 1_000,
    endedAt: began + 2_000,
    attempts: 1,
    ...change,
  };
}

/** A week with a record for each step of these tasks. */
export function weekAfter(tasks: string[], change: Partial<WeekState> = {}): WeekState {
  const state = initialState({
    plan,
    planDigest: 'ab'.repeat(32),
    run: '20260723-100000-ab12',
    startedBy: 'ops@host',
    startedAt: began,
    rehearsal: null,
  });
  for (const { id, task } of stepsOf(plan)) if (tasks.includes(task)) state.records[id] = record(id);
  return { ...state, ...change };
}

export const wholeWeek = ['preflight', '2A', '2B', '2C', '2D', 'soak'];

export function lookAt(seen: Snapshot, change: Partial<Look> = {}): Look {
  return {
    source: 'worker',
    ageMs: 0,
    trouble: null,
    execution: 'running',
    queue: controlQueue,
    workers: null,
    snapshot: seen,
    glance: glance(seen),
    ...change,
  };
}

export function seenOf(state: WeekState, activity?: Parameters<typeof snapshot>[2]): Snapshot {
  return snapshot(state, began + 60_000, activity);
}
