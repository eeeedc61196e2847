// Faults that the week injects.
import type { Fault } from '../week/undo.ts';
import type { Change } from './ledger.ts';

export interface FaultActivities {
  /** Injects a fault that lifts itself after `limitMs` with nobody alive. */
  injectFault(ask: { change: Change; fault: Fault; limitMs: number }): Promise<{ at: number }>;
  /** Lifts it now; `dropped` packets for a partition. Lifting twice is fine. */
  liftFault(ask: { run: string; fault: Fault }): Promise<{ at: number; dropped: number }>;
}
