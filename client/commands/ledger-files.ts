// hubshift ledger export, import and prune: this machine's ledger as one file, back from one, and without what is over for long. Needs no Temporal.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { exportLedger, importLedger } from '../../activities/ledger/export.ts';
import { type Ended, pruneLedger } from '../../activities/ledger/prune.ts';
import type { Machine } from '../../plan/schema/plan.ts';
import { Failure } from '../failure.ts';
import { days } from '../options.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';
import { columns, utc } from '../show/text.ts';
import { thisMachine } from '../this-machine.ts';

interface Options extends PlanChoice {
  machine?: string;
}

interface PruneOptions extends Options {
  olderThan: number;
  yes?: boolean;
}

const dayMs = 86_400_000;
const ofWhom = 'whose ledger (default: the machine with an address of this host)';

export function addLedgerFiles(ledger: Command): void {
  ledger
    .command('export <file>')
    .description('all of it in one file, with copies of configurations: for a backup')
    .option('--machine <name>', ofWhom)
    .addOption(planOption())
    .action(async (file: string, _, command: Command) => {
      const machine = machineOf(command);
      const { files, sha256 } = await explained(exportLedger(machine.state, machine.name, resolve(file)));
      say(`The ledger of ${machine.name} is in ${resolve(file)}: ${files} files, sha256 ${sha256}`);
      say('It holds copies of configurations: only its owner may read it.');
    });
  ledger
    .command('import <file>')
    .description('an export, where this machine has no ledger that is in use')
    .option('--machine <name>', ofWhom)
    .addOption(planOption())
    .action(async (file: string, _, command: Command) => {
      const machine = machineOf(command);
      const found = await explained(importLedger(machine.state, machine.name, resolve(file)));
      say(
        `The ledger of ${machine.name} is as it was ${utc(found.at)}: ${found.entries} changes, of which ${found.live} stand, of ${found.runs.join(', ') || 'no run'}.`,
      );
      for (const path of found.aside) say(`What was there before is in ${path}.`);
      say('What was changed after that time is not in it. Look at it (hubshift ledger) before anything is undone.');
    });
  ledger
    .command('prune')
    .description('show the runs that were undone, or kept by a GO, long ago; with --yes take them out')
    .option('--older-than <days>', 'how long ago', days, 90)
    .option('--yes', 'take them out')
    .option('--machine <name>', ofWhom)
    .addOption(planOption())
    .action(async (_, command: Command) => {
      const { olderThan, yes = false } = command.opts<PruneOptions>();
      const machine = machineOf(command);
      const ended = await explained(pruneLedger(machine.state, Date.now() - olderThan * dayMs, !yes));
      if (ended.length === 0)
        return say(`No run in the ledger of ${machine.name} ended more than ${olderThan} days ago.`);
      for (const line of columns(ended.map(rowOf))) say(line);
      say(
        yes
          ? `${ended.length} runs are taken out of the ledger of ${machine.name}.`
          : `Nothing was taken out. With --yes these runs go, and with them what undoes those that a GO kept; hubshift ledger export FILE keeps a copy.`,
      );
    });
}

/** The command above it has the same options, and takes what is given. */
function machineOf(command: Command): Machine {
  const options = command.optsWithGlobals<Options>();
  return thisMachine(loadPlan(options).plan, options.machine);
}

function rowOf({ run, plan, how, at, entries, left }: Ended): string[] {
  return [
    `  ${run}`,
    plan ?? '',
    how === 'kept' ? `kept by a GO ${utc(at)}` : `undone ${utc(at)}`,
    `${entries} changes${left > 0 ? `, ${left} of them left as somebody had changed them: their copies go too` : ''}`,
  ];
}

/** What the file system says has its reason in the code; who can mend it is told. */
async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new Failure(`${message}: it is there already; name another file.`);
    if (code === 'EACCES' || code === 'EPERM')
      throw new Failure(`${message}: run this as the user of the machine's worker, which is root.`);
    throw new Failure(`${message}.`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
