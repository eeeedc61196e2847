// What people say to a running week and what it answers: updates, a signal, queries. Names and payloads are stable.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Aim } from '../../plan/week/aim.ts';
import type { Level } from '../../plan/week/incident.ts';
import type { Snapshot } from '../../plan/week/snapshot.ts';
import type { MetricsView } from '../../plan/week/metrics-view.ts';
import type { Approval, WeekState } from '../../plan/week/state.ts';
import type { Scope } from '../../plan/week/undo.ts';

/** Who speaks: `by` is a claim, `from` is "user@host (temporal identity)"; and which week is meant. */
export interface Speaker extends Aim {
  by: string;
  from: string;
}

/** Every order is a validated update: it is refused with the reason, or accepted and answered with one line. */
export const pause = defineUpdate<string, [Speaker & { reason: string }]>('pause');
export const resume = defineUpdate<string, [Speaker]>('resume');
export const retry = defineUpdate<string, [Speaker & { step: string }]>('retry');
export const skip = defineUpdate<string, [Speaker & { step: string; reason: string }]>('skip');
export const rollback = defineUpdate<string, [Speaker & { scope: Scope; reason: string; without?: string[] }]>(
  'rollback',
);
/** A day that is not waited for any more; a row, or all of a task, that waits for no calendar. */
export const release = defineUpdate<string, [Speaker & { row: string; reason: string }]>('release');
/** What was found is taken as it is: a check that did not pass, or what a rollback left. `found` is its digest as it was seen, where that is said. */
export const accept = defineUpdate<string, [Speaker & { row: string; reason: string; found?: string }]>('accept');

/** Another build goes on with the week: whoever serves the queue. */
export const takeOver = defineUpdate<string, [Speaker & { queue: string }]>('takeOver');

/** A component goes with level 1 only, an agent with level 2 only, machines that are not waited for with level 3 only. */
export interface EmergencyAsk extends Speaker {
  level: Level;
  component?: string;
  agent?: string;
  without?: string[];
  reason: string;
}
export const emergency = defineUpdate<string, [EmergencyAsk]>('emergency');

/** What people found out about an incident. */
export interface Note extends Speaker {
  incident: string;
  cause?: string;
  prevention?: string;
}
export const note = defineUpdate<string, [Note]>('note');

/** Somebody has seen a page and looks after it: of one matter, or of all that are open. */
export const ack = defineUpdate<string, [Speaker & { what?: string }]>('ack');

/** A machine's worker found the run closed in its ledger: somebody rolled back there without the week. */
export const ledgerClosed = defineSignal<[{ run: string; machine: string }]>('ledgerClosed');

export type Decision = Omit<Approval, 'at'> & Aim;
export const approve = defineUpdate<string, [Decision]>('approve');
/** The same payload, for `temporal workflow signal` and the Web UI. A decision that the update would refuse is ignored, and said so in the progress. */
export const approveSignal = defineSignal<[Decision]>('approve');

export const progress = defineQuery<Snapshot>('progress');
/** For the metrics. */
/** Called `standing` on the wire since the first build. */
export const metricsView = defineQuery<MetricsView>('standing');
/** The whole state, for the report. */
export const state = defineQuery<WeekState>('state');
