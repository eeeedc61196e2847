// Orders: what people, policy or the week itself tell a running week. At most one is carried out at a time.
import type { Scope } from '../plan/undo.ts';
import type { Approval } from '../plan/state.ts';

export type Order =
  | { kind: 'done' }
  | { kind: 'failed'; step: string }
  | { kind: 'pause'; by: string; reason: string }
  | { kind: 'resume'; by: string }
  | { kind: 'retry'; by: string; step: string }
  | { kind: 'skip'; by: string; step: string; reason: string }
  | { kind: 'rollback'; by: string; scope: Scope; reason: string }
  | { kind: 'decided'; approval: Approval }
  /** The history is long and nothing runs: go on in a new one. */
  | { kind: 'page' }
  /** The ledger of the run was closed under us: somebody rolled back without Temporal. */
  | { kind: 'closed' };

/** A step that did not pass; its record says why. */
export class StepFailed extends Error {
  override name = 'StepFailed';
  constructor(readonly step: string) {
    super(`${step} did not pass`);
  }
}

/** The history is long: no step begins any more; those that run are finished, then the week goes on in a new history. */
export class PageIsFull extends Error {
  override name = 'PageIsFull';
}
