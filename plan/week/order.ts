// Orders: what people, policy or the week itself tell a running week. At most one is carried out at a time; a new history goes on with it.
import type { Trigger } from './incident.ts';
import type { Scope } from './undo.ts';

export type Continuation = { kind: 'continue-as-new'; queue?: string };

export type Order =
  | { kind: 'done' }
  | { kind: 'failed'; step: string }
  | { kind: 'pause'; by: string; reason: string }
  | { kind: 'resume'; by: string }
  | { kind: 'retry'; by: string; step: string }
  | { kind: 'skip'; by: string; step: string; reason: string }
  /** `found`: the digest of what was there. */
  | { kind: 'accept'; by: string; row: string; reason: string; found?: string }
  /** `emergency` makes it a level 3. `without`: machines that are not waited for. */
  | { kind: 'rollback'; by: string; scope: Scope; reason: string; emergency?: Call; without?: string[] }
  | Repair
  | Hold
  /** Two or more things are down, or mending one did not help: people decide, until a deadline. */
  | { kind: 'ask'; why: string; about?: string[] }
  /** To a week that has ended: what people found out about an incident. */
  | { kind: 'note'; note: { incident: string; cause?: string; prevention?: string } }
  | { kind: 'decided' }
  /** Go on in a new history: this one is long, or another build takes over, which serves a queue of its own. */
  | Continuation
  /** The ledger of the run was closed under us: somebody rolled back without Temporal. */
  | { kind: 'closed' };

/** Waits for a person: until an order comes, or until a time at which `otherwise` is done. */
export interface Hold {
  kind: 'hold';
  status: 'paused' | 'failed';
  reason: string;
  since: number;
  /** `ends`: the words of each command that ends it, for people who are called. Earlier builds did not say them. */
  wait: { on: string; step: string; until?: number; command: string; ends?: string[][] };
  /** By a person, who knows: nobody wants a decision of them. */
  ordered: boolean;
  /** What is done at the deadline, unless what the hold is about is well again by then. */
  otherwise?: Order;
  /** What is down, by name; without it all that stands is looked at. */
  about?: string[];
  /** The row that did not pass: done again where that is well. */
  row?: string;
  /** What `resume` does, if not the tasks. */
  resumed?: Order;
  /** What `resume` does again: it was undone behind the week. */
  again?: Scope[];
  /** What people have been told once it holds, so that it does not hold for the same again. */
  said?: Record<`ledger known on ${string}`, number>;
}

/** The row that did not pass. A hold with a deadline that an earlier build began says it as the step of its wait alone. */
export function rowHeld({ row, status, wait }: Pick<Hold, 'row' | 'status' | 'wait'>): string | undefined {
  return row ?? (status === 'failed' && wait.until !== undefined ? wait.step : undefined);
}

/** So much is taken from people at once: bytes of a text and of a name, orders that wait for the one that is carried out, decisions of one gate, rows without a pass or that were let go. */
export const takenAtMost = { text: 500, name: 150, orders: 20, decisions: 10, waived: 30 };

/** Of what is down so many names are kept; of more, all that stands is looked at. */
export const aboutAtMost = 20;

/** Who speaks where no person does. */
export const thePlan = 'the plan';

/** An emergency that was called for, and when (Unix milliseconds). */
export interface Call {
  trigger: Trigger;
  at: number;
}

/** Level 1 restarts a component (the failing ones when none is named), level 2 restores an agent. */
export type Repair = Call & { kind: 'repair' } & ({ level: 1; component?: string } | { level: 2; agent: string });

/** What is done next: an order, the tasks, or nothing any more. */
export type Next = Order | 'tasks' | 'end';

export function isContinuation(order: Order): order is Continuation {
  return order.kind === 'continue-as-new';
}
