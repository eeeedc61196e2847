// Level 3 from one machine: ordered of the week; where the week can't be asked, or this machine's worker is silent, done here and now.
import { setTimeout as delay } from 'node:timers/promises';
import { hostOf } from '../../activities/context/host.ts';
import { ledgerOf, type Ledger } from '../../activities/ledger/ledger.ts';
import { undo } from '../../activities/undo/undo.ts';
import type { Machine } from '../../plan/schema/plan.ts';
import type { Undone } from '../../plan/week/undo.ts';
import { exitCodes, Failure, type ExitCode } from '../failure.ts';
import { speaker } from '../week/orders.ts';
import type { PlanFile } from '../plan-file.ts';
import { lasting } from '../show/text.ts';
import { undoneTable } from '../show/undone.ts';
import { commandFor, refuseUnquotable, undoThere } from './over-ssh.ts';
import { runToUndo } from './run-to-undo.ts';
import { acceptMs, orderWeek } from './week.ts';

interface Ask {
  machine: Machine;
  run?: string;
  as?: string;
  reason: string;
  hosts?: boolean;
  dryRun?: boolean;
}

/** Says what it is about to undo before it does; gives the exit code. */
export async function rollBackNow(
  planFile: PlanFile,
  { machine, run, as, reason: why, hosts, dryRun }: Ask,
): Promise<ExitCode> {
  const { plan } = planFile;
  if (hosts) refuseUnquotable(planFile);
  const ledger = ledgerOf(hostOf(machine), undo);
  const chosen = run ?? (await runToUndo(ledger, machine.name));
  if (!(await ledger.runs()).some((known) => known.run === chosen))
    throw new Failure(
      `The ledger of ${machine.name} has no run ${chosen}. hubshift ledger lists its runs.`,
      exitCodes.usage,
    );
  const entries = await ledger.entries(chosen);
  say(
    `${machine.name}: run ${chosen}, ${entries.filter(({ end }) => !end).length} of ${entries.length} changes to undo`,
  );
  if (dryRun) return preview(await ledger.rollback({ run: chosen, scope: 'all', dryRun: true }));

  const others = plan.machines.filter(({ name }) => name !== machine.name);
  for (const other of others) say(`on ${other.name}: ${commandFor(planFile, other, chosen).join(' ')}`);
  const { by, from } = speaker(as);
  const refused = await orderWeek(plan.name, chosen, { by, from, reason: why });
  const taken = refused === null && (await begins(ledger, chosen));
  if (!taken)
    say(
      refused === null
        ? `The week took the order, but the worker of ${machine.name} does not begin: undone here.`
        : `Without the week (${refused}): undone here.`,
    );
  const results = await Promise.all([
    (taken ? finished : undoHere)(ledger, chosen, `${by} (${from})`),
    ...(hosts ? others.map((other) => undoThere(planFile, other, chosen)) : []),
  ]);
  return results.includes(exitCodes.failed) ? exitCodes.failed : exitCodes.done;
}

async function undoHere(ledger: Ledger, run: string, by: string): Promise<ExitCode> {
  const began = Date.now();
  return conclude(ledger, run, await ledger.emergency(run, by), began);
}

/** The worker is at it: waits until every entry has ended, however it did. */
async function finished(ledger: Ledger, run: string, by: string): Promise<ExitCode> {
  const began = Date.now();
  say('The week took the order; hubshift progress --watch follows all machines.');
  // Queues for the machine's lock behind the worker's rollback, and finds all of it done.
  return conclude(ledger, run, await ledger.emergency(run, by), began);
}

async function conclude(ledger: Ledger, run: string, undone: Undone[], began: number): Promise<ExitCode> {
  const remaining = await ledger.remaining(run);
  say(undoneTable(undone).join('\n'));
  const failed = undone.filter(({ result }) => result === 'failed');
  say(
    remaining.length === 0 && failed.length === 0
      ? `Undone and looked at after ${lasting(Date.now() - began)}: nothing of run ${run} stands here but what is named as left.`
      : `Not all of it: ${[...new Set([...failed, ...remaining].map(({ kind, target }) => `${kind} ${target}`))].join(', ')}. Mend what they name and run this again.`,
  );
  return remaining.length === 0 && failed.length === 0 ? exitCodes.done : exitCodes.failed;
}

function preview(undone: Undone[]): ExitCode {
  say(undoneTable(undone, true).join('\n'));
  const not = undone.filter(({ result }) => result === 'left' || result === 'failed');
  say(
    `${not.length === 0 ? 'All of it can be undone' : `${not.length} can't be undone: ${not.map(({ target }) => target).join(', ')}`}. Nothing was.`,
  );
  return exitCodes.done;
}

/** Whether this machine's worker has closed the run in time. */
async function begins(ledger: Ledger, run: string): Promise<boolean> {
  for (const end = Date.now() + acceptMs; Date.now() < end; await delay(50)) if (await ledger.closing(run)) return true;
  return false;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
