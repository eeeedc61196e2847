// This machine's part of level 3: what its ledger says, which is known soon, and the undo of it, which is slow to load.
import { setTimeout as delay } from 'node:timers/promises';
import { closingIn, runsIn, type RunSummary } from '../../activities/ledger/runs.ts';
import type { Machine, Plan } from '../../plan/schema/plan.ts';
import type { ExitCode } from '../failure.ts';
import { acceptMs } from './limits.ts';

export interface Here {
  machine: Machine;
  runs: RunSummary[];
  /** How much of a run is to be undone. */
  extent(run: string): string;
  preview(run: string): Promise<string[]>;
  /** Whether this machine's worker has closed the run in time. */
  begun(run: string): Promise<boolean>;
  undo(run: string, by: string): Promise<ExitCode>;
}

/** Null where this user may not read the ledger. Throws when it is of a newer build. */
export async function ledgerHere(plan: Plan, machine: Machine): Promise<Here | null> {
  const runs = await runsIn(machine.state).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') return null;
    throw error;
  });
  if (!runs) return null;
  // Loaded when it is known to be wanted: as a rule the week takes the order.
  const undoing = () => import('./undo-here.ts');
  return {
    machine,
    runs,

    extent(run) {
      const { live, entries } = runs.find((one) => one.run === run) ?? { live: 0, entries: 0 };
      return `${machine.name}: run ${run}, ${live} of ${entries} changes to undo`;
    },

    preview: async (run) => (await undoing()).previewHere(machine, run),

    async begun(run) {
      for (const end = Date.now() + acceptMs; Date.now() < end; await delay(50))
        if (await closingIn(machine.state, run)) return true;
      return false;
    },

    undo: async (run, by) => (await undoing()).undoHere(plan, machine, run, by),
  };
}
