// A row of the week: a step, a check, or what an undo must leave behind. It says all that others go by; nobody parses its id.
import type { FactName } from '../week/facts.ts';
import type { Undo } from '../week/undo.ts';
import type { Service } from '../schema/plan.ts';
import type { TaskName } from './names.ts';

export interface Row {
  id: string;
  kind: 'step' | 'check' | 'undo';
  text: string;
  /** What it stops or restarts on purpose: what is down of it meanwhile is of its making. */
  disturbs?: Disturbed;
  /** It cuts the machines off from each other: what can't be reached meanwhile is of its making, too. */
  cuts?: true;
  /** What it stops, restarts, reloads or cuts off is there for others: it begins only where the calendar leaves it the time. */
  keepsHours?: KeepsHours;
  /** It compares what was acknowledged with what was read back. */
  judgesLoss?: true;
  /** It times how fast agents fail over; the trial's name, for charts. */
  timesFailover?: string;
  /** It watches for as long as the plan's `watch` says under this key. */
  watches?: WatchKey;
  /** The pilot whose own row it is, from its deployment on. */
  ofAgent?: string;
  /** It is that deployment. */
  deploys?: true;
  /** The service that stands once it has passed. */
  makes?: string;
  /** The pilot for which it prepares something, before the deployment. */
  prepares?: string;
  /** What else of the plan its id has a name of. */
  calledBy?: string;
  /** It speaks for all pilots together: when it fails they are not stable. */
  ofAllPilots?: true;
  /** The way back is rehearsed and timed in it. */
  rehearsesRollback?: true;
  /** Where a report tells it beside its own table. */
  toldAs?: ToldAs;
  /** Facts that it keeps beside its record, forgotten with it. */
  keeps?: FactName[];
  /** Of what a rollback must leave behind: the kinds of ledger entries of its task that it speaks for, and fails where one of them did. */
  entries?: Undo['kind'][];
}

export interface KeepsHours {
  /** The machines whose calendars it keeps, beside the plan's. */
  on: string[];
  /** Others whose agents or services it asks before it disturbs anything: their workers are there when it begins. */
  asks?: string[];
  /** How long it may take until all is as well as before, by the limits of the plan. */
  lastsMs: number;
  /** Of that, from when something is disturbed until that is well again: without what is asked before, and the others of several. */
  disturbsMs: number;
  /** Broken off in its middle it alone brings back what it has stopped: it goes on at any hour. A fault lifts itself, and waits. */
  goesOn?: true;
}

/** Services of a kind, agents, or the way from machine to machine. */
export type Disturbed = Service['kind'] | 'agent' | 'network';
/** Durations of the plan's `watch`. */
export type WatchKey = 'log' | 'observation' | 'soak';
/** The summary's impact; a risk of the next week; performance, as the impact is too. */
export type ToldAs = 'impact' | 'risk' | 'performance';

/** All that it disturbs on purpose. */
export function disturbedBy({ disturbs, cuts }: Pick<Row, 'disturbs' | 'cuts'>): Disturbed[] {
  return [...(disturbs ? [disturbs] : []), ...(cuts ? (['network'] as const) : [])];
}

export interface StepInfo extends Row {
  task: TaskName;
}

/** A row with its text, and what more it says of itself. */
export function step(id: string, text: string, more: Partial<Row> = {}): Row {
  return { id, kind: 'step', text, ...more };
}

export function check(id: string, text: string, more: Partial<Row> = {}): Row {
  return { id, kind: 'check', text, ...more };
}

export function undone(id: string, text: string, entries?: Undo['kind'][]): Row {
  return { id, kind: 'undo', text, ...(entries && { entries }) };
}
