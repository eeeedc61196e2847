// The command line: all commands, and how they end.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { projectDirectory } from '../lab/state.ts';
import { redact } from '../plan/secrets/redact.ts';
import { exitCodes, Failure } from './failure.ts';
import { refuseEmpty } from './options.ts';

/** In the order of the help. Only the one that is asked for is loaded: in an emergency the start of the command counts. */
const commands: Record<string, () => Promise<(program: Command) => void>> = {
  init: async () => (await import('./commands/init.ts')).addInit,
  validate: async () => (await import('./commands/validate.ts')).addValidate,
  diff: async () => (await import('./commands/diff.ts')).addDiff,
  preflight: async () => (await import('./commands/preflight.ts')).addPreflight,
  start: async () => (await import('./commands/start.ts')).addStart,
  progress: async () => (await import('./commands/progress.ts')).addProgress,
  approve: async () => (await import('./commands/approve.ts')).addApprove,
  'pause resume retry accept skip release ack': async () => (await import('./commands/orders.ts')).addOrders,
  rollback: async () => (await import('./commands/rollback.ts')).addRollback,
  emergency: async () => (await import('./commands/emergency.ts')).addEmergency,
  incident: async () => (await import('./commands/incident.ts')).addIncident,
  show: async () => (await import('./commands/show.ts')).addShow,
  report: async () => (await import('./commands/report.ts')).addReport,
  runs: async () => (await import('./commands/runs.ts')).addRuns,
  ledger: async () => (await import('./commands/ledger.ts')).addLedger,
  notify: async () => (await import('./commands/notify.ts')).addNotify,
  upgrade: async () => (await import('./commands/upgrade.ts')).addUpgrade,
  worker: async () => (await import('./commands/worker.ts')).addWorker,
  lab: async () => (await import('./commands/lab.ts')).addLab,
};

/** Runs one command line; errors become one paragraph on stderr and an exit code. */
export async function run(argv: string[]): Promise<void> {
  try {
    await (await hubshift(argv[2])).parseAsync(argv);
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

async function hubshift(asked = ''): Promise<Command> {
  const { version, description } = JSON.parse(readFileSync(join(projectDirectory, 'package.json'), 'utf8')) as {
    version: string;
    description: string;
  };
  const program = new Command('hubshift')
    .description(description)
    .version(version)
    .exitOverride()
    .hook('preAction', (_, command) => refuseEmpty(command))
    .showHelpAfterError('(hubshift help COMMAND says more)');
  const one = Object.keys(commands).filter((names) => names.split(' ').includes(asked));
  for (const names of one.length > 0 ? one : Object.keys(commands)) (await commands[names]!())(program);
  return program.addHelpText('after', '\nExit codes: 0 done or pass, 1 failed, 2 usage or changes, 3 not reachable.');
}

function paragraph(error: unknown): string {
  // Our own words are safe; what others put into theirs nobody knows.
  if (error instanceof Failure && !process.env.HUBSHIFT_DEBUG) return error.message;
  if (!(error instanceof Error)) return redact(String(error));
  return redact((process.env.HUBSHIFT_DEBUG && error.stack) || error.message);
}
