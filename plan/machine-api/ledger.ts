// The machine's ledger: what a run changed, and taking it back.
import type { Scope, Undo, Undone } from '../week/undo.ts';

/** Whose change it is: goes into the ledger with the undo, before the change. */
export interface Change {
  run: string;
  step: string;
}

export interface LedgerActivities {
  /** Opens the run here. Throws LedgerOpen while another run's entries are not undone, naming it. */
  openLedger(ask: { run: string; plan: string }): Promise<{ entries: number }>;
  /** The week is done: what it made stays, the ledger of the run takes no more changes. */
  keepLedger(ask: { run: string }): Promise<{ entries: number }>;
  /**
   * Closes the run unless the scope is smaller, then undoes newest first, past failures. What it has not begun by `notAfterMs` it does not begin:
   * throws OutOfHours.
   */
  rollback(ask: { run: string; scope: Scope; dryRun?: boolean; notAfterMs?: number }): Promise<Undone[]>;
  /** Ends entries that could not be taken back, and that a person has accepted: what they changed stays. Workers of before do not know it. */
  leaveEntries(ask: { run: string; entries: { entry: number; why: string }[] }): Promise<void>;
  /** Who closed the run here and when, and when all of it was undone; null while it is open. */
  closing(ask: { run: string }): Promise<{ by: string; at: number; undoneAt: number | null } | null>;
  /** The newest entries of a run, the newest first. */
  newestEntries(ask: { run: string; atMost: number }): Promise<Entered[]>;
}

/** As much of a ledger's entry as the week compares with what it knows. */
export interface Entered {
  entry: number;
  step: string;
  kind: Undo['kind'];
  target: string;
  /** Not undone, nor ended otherwise. */
  live: boolean;
}
