// hubshift rollback: back to where the week began, or a part of it; with a preview, and without Temporal in an emergency.
import { Option, type Command } from 'commander';
import type { TaskName } from '../../plan/tasks/names.ts';
import { undoable } from '../../plan/tasks/steps.ts';
import type { Scope } from '../../plan/week/undo.ts';
import { withoutOption } from '../options.ts';
import { loadPlan, machinesWithout, type PlanChoice, planOption } from '../plan-file.ts';
import { speaker } from '../week/speaker.ts';

interface Options extends PlanChoice {
  preview?: boolean;
  task?: TaskName;
  agent?: string;
  without?: string[];
  reason?: string;
  as?: string;
  emergency?: boolean;
  dryRun?: boolean;
  hosts?: boolean;
  machine?: string;
  run?: string;
  yes?: boolean;
}

export function addRollback(program: Command): void {
  program
    .command('rollback')
    .description('undo the week, newest change first, and follow it to the end')
    .option('--preview', 'show what would be undone, and undo nothing')
    .addOption(new Option('--task <task>', 'undo one task only').choices([...undoable].reverse()).conflicts('agent'))
    .option('--agent <name>', 'undo one agent only')
    .addOption(withoutOption().conflicts(['preview', 'task', 'agent']))
    .option('--reason <text>', 'goes on record')
    .option('--as <name>', 'who gives the order (default: you)')
    .addOption(
      new Option('--emergency', "level 3: everything, now; without the week, this machine's part of it").conflicts([
        'preview',
        'task',
        'agent',
      ]),
    )
    .option('--dry-run', 'with --emergency: show what would be undone here, in order, and what can not be')
    .option('--hosts', 'with --emergency: run it on the other machines too, over ssh')
    .option('--machine <name>', 'with --emergency: whose ledger (default: the machine with an address of this host)')
    .option('--run <id>', 'which run: wanted where it began with another text of the plan, or is over')
    .option('--yes', 'do not ask')
    .addOption(planOption())
    .action(async (options: Options) => {
      const planFile = loadPlan(options);
      const { run, as, yes, reason = 'ordered without a reason' } = options;
      const without = machinesWithout(planFile.plan, options.without);
      // Each is loaded when it is wanted: what drives a machine, and what talks to Temporal, are slow to load.
      if (options.emergency) {
        const { levelThree } = await import('../local-rollback/rollback.ts');
        process.exitCode = await levelThree(planFile, { ...options, without, reason });
        return;
      }
      const scope: Scope = options.task ? { task: options.task } : options.agent ? { agent: options.agent } : 'all';
      const [{ withClient }, { preview, rollBack }] = await Promise.all([
        import('../week/connect.ts'),
        import('../week/roll-back.ts'),
      ]);
      process.exitCode = await withClient((client) =>
        options.preview
          ? preview(client, planFile, scope)
          : rollBack(client, planFile, { ...speaker(as), scope, reason, without, run, yes }),
      );
    });
}
