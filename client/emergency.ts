// The way back without Temporal: undoes this machine's changes of a run, through its ledger alone.
import { at } from '../activities/at.ts';
import { ledgerOf, type Ledger } from '../activities/ledger.ts';
import type { Machine } from '../plan/plan.ts';
import { exitCodes, Failure, type ExitCode } from './failure.ts';
import { undoneTable } from './show/undone.ts';

/** Closes the run, so that no late activity changes anything more, and undoes it. Without `run`, the only one that has something to undo. */
export async function undoHere(machine: Machine, run: string | undefined): Promise<ExitCode> {
  const ledger = ledgerOf(at(machine));
  const chosen = run ?? (await liveRun(ledger, machine.name));
  await ledger.close(chosen, true);
  const undone = await ledger.rollback({ run: chosen, scope: 'all' }, true);
  process.stdout.write(`${machine.name}: ${undone.length} changes of run ${chosen}, newest first\n${undoneTable(undone).join('\n')}\nOther machines have ledgers of their own: run this on each.\n`);
  return undone.some((entry) => entry.result === 'failed') ? exitCodes.failed : exitCodes.done;
}

async function liveRun(ledger: Ledger, machine: string): Promise<string> {
  const live = (await ledger.runs()).filter((summary) => summary.live > 0);
  const [only, ...others] = live.filter((summary) => summary.state !== 'kept');
  if (!only) throw new Failure(`The ledger of ${machine} has no run with changes to undo${live.length > 0 ? `, but kept ones: name one with --run (${live.map((summary) => summary.run).join(', ')})` : ''}.`, live.length > 0 ? exitCodes.usage : exitCodes.failed);
  if (others.length > 0) throw new Failure(`The ledger of ${machine} has several runs to undo: name one with --run (${[only, ...others].map((summary) => summary.run).join(', ')}).`, exitCodes.usage);
  return only.run;
}
