// Which run of a ledger a rollback without the week is about.
import type { Ledger } from '../../activities/ledger/ledger.ts';
import { exitCodes, Failure } from '../failure.ts';

/** The only run with changes to undo; when there is none, the newest that is open, to be closed; else the newest that was closed: doing it again is fine. */
export async function runToUndo(ledger: Ledger, machine: string): Promise<string> {
  const runs = await ledger.runs();
  const live = runs.filter((summary) => summary.live > 0);
  const [only, ...others] = live.filter((summary) => summary.state !== 'kept');
  if (others.length > 0)
    throw new Failure(
      `The ledger of ${machine} has several runs to undo: name one with --run (${[only, ...others].map((summary) => summary?.run).join(', ')}).`,
      exitCodes.usage,
    );
  const choice = only ?? runs.findLast(({ state }) => state === 'open');
  if (choice) return choice.run;
  if (live.length > 0)
    throw new Failure(
      `The ledger of ${machine} has no run with changes to undo, but kept ones: name one with --run (${live.map((summary) => summary.run).join(', ')}).`,
      exitCodes.usage,
    );
  const closed = runs.findLast(({ state }) => state === 'closed');
  if (!closed)
    throw new Failure(`The ledger of ${machine} is empty: no week has begun here. hubshift ledger shows it.`);
  return closed.run;
}
