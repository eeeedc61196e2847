// The command line: all commands, and how they end.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { projectDirectory } from '../lab/state.ts';
import { addApprove } from './commands/approve.ts';
import { addEmergency } from './commands/emergency.ts';
import { addIncident } from './commands/incident.ts';
import { addInit } from './commands/init.ts';
import { addLab } from './commands/lab.ts';
import { addLedger } from './commands/ledger.ts';
import { addNotify } from './commands/notify.ts';
import { addOrders } from './commands/orders.ts';
import { addPreflight } from './commands/preflight.ts';
import { addProgress } from './commands/progress.ts';
import { addReport } from './commands/report.ts';
import { addRollback } from './commands/rollback.ts';
import { addRuns } from './commands/runs.ts';
import { addStart } from './commands/start.ts';
import { addUpgrade } from './commands/upgrade.ts';
import { addValidate } from './commands/validate.ts';
import { addWorker } from './commands/worker.ts';
import { redact } from '../plan/secrets/redact.ts';
import { exitCodes, Failure } from './failure.ts';

/** Runs one command line; errors become one paragraph on stderr and an exit code. */
export async function run(argv: string[]): Promise<void> {
  try {
    await hubshift().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said what is wrong; it ends --help and --version by the same way.
      process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
      return;
    }
    process.stderr.write(`${paragraph(error)}\n`);
    process.exitCode = error instanceof Failure ? error.exitCode : exitCodes.failed;
  }
}

function hubshift(): Command {
  const { version, description } = JSON.parse(readFileSync(join(projectDirectory, 'package.json'), 'utf8')) as {
    version: string;
    description: string;
  };
  const program = new Command('hubshift')
    .description(description)
    .version(version)
    .exitOverride()
    .showHelpAfterError('(hubshift help COMMAND says more)');
  for (const add of [
    addInit,
    addValidate,
    addPreflight,
    addStart,
    addProgress,
    addApprove,
    addOrders,
    addRollback,
    addEmergency,
    addIncident,
    addReport,
    addRuns,
    addLedger,
    addNotify,
    addUpgrade,
    addWorker,
    addLab,
  ])
    add(program);
  return program.addHelpText('after', '\nExit codes: 0 done or pass, 1 failed, 2 usage or changes, 3 not reachable.');
}

function paragraph(error: unknown): string {
  // Our own words are safe; what others put into theirs nobody knows.
  if (error instanceof Failure && !process.env.HUBSHIFT_DEBUG) return error.message;
  if (!(error instanceof Error)) return redact(String(error));
  return redact((process.env.HUBSHIFT_DEBUG && error.stack) || error.message);
}
