// This machine's part of level 3, from its own ledger: without Temporal, without a worker, without another machine. Slow to load.
import { setTimeout as delay } from 'node:timers/promises';
import { hostOf, type Host } from '../../activities/context/host.ts';
import { ledgerOf, type RunSummary } from '../../activities/ledger/ledger.ts';
import { isUnwritable, overCopy } from '../../activities/ledger/unwritable.ts';
import { undo } from '../../activities/undo/undo.ts';
import type { Machine, Plan } from '../../plan/schema/plan.ts';
import { exitCodes, type ExitCode } from '../failure.ts';
import { lasting } from '../show/text.ts';
import { undoneTable } from '../show/undone.ts';
import { healthOf } from './health.ts';
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
  const host = hostOf(machine);
  const ledger = ledgerOf(host, undo);
  const runs = await ledger.runs().catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') return null;
    throw error;
  });
  if (!runs) return null;
  return {
    machine,
    runs,

    extent(run) {
      const { live, entries } = runs.find((one) => one.run === run) ?? { live: 0, entries: 0 };
      return `${machine.name}: run ${run}, ${live} of ${entries} changes to undo`;
    },

    async preview(run) {
      const undone = await ledger.rollback({ run, scope: 'all', dryRun: true });
      if (undone.length === 0) return [`There is nothing to undo on ${machine.name}.`];
      const not = undone.filter(({ result }) => result === 'left' || result === 'failed');
      return [
        ...undoneTable(undone, true),
        `${not.length === 0 ? 'All of it can be undone' : `${not.length} can't be undone: ${not.map(({ target }) => target).join(', ')}`}.`,
      ];
    },

    async begun(run) {
      for (const end = Date.now() + acceptMs; Date.now() < end; await delay(50))
        if (await ledger.closing(run)) return true;
      return false;
    },

    async undo(run, by) {
      const began = Date.now();
      const undoOn = async (at: Host) => {
        const undone = await ledgerOf(at, undo).emergency(run, by);
        return { undone, remaining: await ledgerOf(at, undo).remaining(run) };
      };
      let unwritable = '';
      const { undone, remaining } = await undoOn(host).catch((error: Error) => {
        if (!isUnwritable(error)) throw error;
        unwritable = `the ledger in ${machine.state} can't be written (${error.message})`;
        say([`Attention: ${unwritable}. What is undone now is not on record.`]);
        return overCopy(host, run, undoOn);
      });
      say(undoneTable(undone));
      const { lines, unwell } = await healthOf(plan, host, undone);
      say(lines);
      const failed = undone.filter(({ result }) => result === 'failed');
      const not = [...new Set([...failed, ...remaining].map(({ kind, target }) => `${kind} ${target}`))];
      say([
        not.length === 0
          ? `Undone and looked at after ${lasting(Date.now() - began)}: nothing of run ${run} stands here but what is named as left.`
          : `Not all of it: ${not.join(', ')}. Mend what they name and run this again.`,
        ...(unwell.length > 0
          ? [`Not healthy with what was there before: ${unwell.join(', ')}. Look at their logs.`]
          : []),
        ...(unwritable
          ? [
              `${not.length === 0 ? 'UNDONE, BUT ' : ''}NOT ON RECORD: ${unwritable}, so it has all of this as standing, and its run as open. Have the disk writable again (dmesg says what happened; mount -o remount,rw), then run this again: what is undone is left alone.`,
            ]
          : []),
      ]);
      return not.length === 0 && unwell.length === 0 && !unwritable ? exitCodes.done : exitCodes.failed;
    },
  };
}

function say(lines: string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
