// What a task does in a running week: its steps, and how each of its undo rows is looked at.
import type { MachineActivities } from '../../plan/machine-api/index.ts';
import type { Made, Plan } from '../../plan/schema/plan.ts';
import type { Agent } from '../../plan/schema/agent.ts';
import type { Changed } from '../../plan/tasks/shared/own-changes.ts';
import type { Results } from '../../plan/tasks/shared/undone.ts';
import type { Before } from '../../plan/week/facts.ts';
import type { Found } from '../../plan/week/finding.ts';
import type { Week } from '../week.ts';

/** The verbs of any machine. */
export type On = (machine: string) => MachineActivities;

export interface TaskRun {
  /** Does its rows, in their order; those with a recorded pass return at once. */
  run(week: Week): Promise<void>;
  /** For each of its undo rows, by id. */
  undoChecks?(after: AfterUndo): Record<string, UndoCheck>;
  /** What a restarted service of its kinds must reach beyond an answer; undefined for others. */
  restarted?(on: MachineActivities, plan: Plan, component: Made): Promise<unknown> | undefined;
}

export interface UndoCheck {
  /** Shown with the record. */
  machine: string;
  look: Look;
}

export type Look = (on: On) => Promise<Found>;

/** A rollback that is over, and the looks that rows of several tasks share. */
export interface AfterUndo {
  week: Week;
  /** The plan of the machines that are there. */
  plan: Plan;
  undone: Results;
  /** Unix milliseconds of its begin. */
  sinceMs: number;
  /** Whether rows are held against what was there before this run; else, in a history of before, against Phase 1. */
  ofThisRun: boolean;
  /** What this run itself has changed, and whether it moved a pilot: all, where that was not asked. */
  changed: Changed;
  moved(pilot: Agent): boolean;
  /** What was in use before this run, where that is known. */
  before?: Before;
  /** Who was unwell then. */
  unwell: string[];
  /** Hubs' targets and agents are as well as before the week. */
  healthy: Look;
  /** Pilots use CentralHub only. */
  onCentral: Look;
  /** Agents post their health to their peers. */
  byHttp: Look;
}
