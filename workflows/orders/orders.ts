// Orders: what people, policy or the week itself tell a running week. At most one is carried out at a time.
import type { Note } from './messages.ts';
import type { Scope } from '../../plan/week/undo.ts';
import type { Trigger } from '../../plan/week/incident.ts';
import type { Approval } from '../../plan/week/state.ts';

export type Order =
  | { kind: 'done' }
  | { kind: 'failed'; step: string }
  | { kind: 'pause'; by: string; reason: string }
  | { kind: 'resume'; by: string }
  | { kind: 'retry'; by: string; step: string }
  | { kind: 'skip'; by: string; step: string; reason: string }
  /** `emergency` makes it a level 3. */
  | { kind: 'rollback'; by: string; scope: Scope; reason: string; emergency?: Call }
  | Repair
  /** Two or more things are down, or mending one did not help: people decide, until a deadline. */
  | { kind: 'ask'; why: string }
  /** To a week that has ended: what people found out about an incident. */
  | { kind: 'note'; note: Note }
  | { kind: 'decided'; approval: Approval }
  /** The history is long and nothing runs: go on in a new one. */
  | { kind: 'continue-as-new' }
  /** The ledger of the run was closed under us: somebody rolled back without Temporal. */
  | { kind: 'closed' };

/** Who speaks where no person does. */
export const thePlan = 'the plan';

/** An emergency that was called for, and when (Unix milliseconds). */
export interface Call {
  trigger: Trigger;
  at: number;
}

/** Level 1 restarts a component (the failing ones when none is named), level 2 restores an agent. */
export type Repair = Call & { kind: 'repair' } & ({ level: 1; component?: string } | { level: 2; agent: string });

/** Something is wrong in the world that a watched window found: the week has to do something about it first. */
export class IncidentFound extends Error {
  override name = 'IncidentFound';
  constructor(readonly order: Order) {
    super(order.kind);
  }
}

/** A step that did not pass; its record says why. */
export class StepFailed extends Error {
  override name = 'StepFailed';
  constructor(readonly step: string) {
    super(`${step} did not pass`);
  }
}

/** The history is long: no step begins any more; those that run are finished, then the week goes on in a new history. */
export class HistoryIsLong extends Error {
  override name = 'HistoryIsLong';
}
