// The evidence that people decide on, as it is kept: what was found, and how sure it is that the week can be undone.
import type { Evaluation } from '../week/record.ts';
import type { Undone } from '../week/undo.ts';

/** What was found when the gate opened, or was looked at again, with KPIs of the newest slice. Times are Unix milliseconds. */
export interface Frozen {
  at: number;
  /** sha256 of every verdict and finding, and of the plan: two that are equal are about the same evidence, whatever the figures. Earlier builds took the figures with it. */
  digest: string;
  kpis: Record<string, Evaluation>;
  go: Record<string, Evaluation>;
  noGo: Evaluation;
  recommendation: 'go' | 'no-go';
  /** Why; at most ten. */
  reasons: string[];
}

/** What would be undone now, as a dry run of every ledger says, or why a machine did not say. */
export type Executable = ((Undone & { machine: string }) | { machine: string; result: 'failed'; unanswered: string })[];

/** A level 3 of a plan with the same footprint, after which Phase 1 was as before. */
export interface LevelThree {
  run: string;
  /** Unix milliseconds of its end. */
  at: number;
  /** From the order to verified Phase 1. */
  ms: number;
  /** What it took back, as `changeOf` says it. */
  tookBack: string[];
  /** Another build did it than the one that asks. Left out by control workers of before. */
  ofOtherBuild?: boolean;
}

/** The one on record that took back most, or why there is none. */
export type OnRecord = LevelThree | { none: string };

/** A change that was or would be taken back, by the step that made it: the same in every run of a plan, whatever was there before it. */
export function changeOf({ machine, kind, step }: Pick<Undone, 'kind' | 'step'> & { machine: string }): string {
  return `${machine}: ${kind} of ${step}`;
}

/** How sure it is that the week can be undone. */
export interface WayBack {
  executable: Executable;
  levelThree: OnRecord;
}
