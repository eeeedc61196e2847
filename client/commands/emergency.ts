// hubshift emergency: the three levels; followed until it is over.
import { Option, type Command } from 'commander';
import type { Level } from '../../plan/week/incident.ts';
import { exitCodes, Failure } from '../failure.ts';
import { withoutOption } from '../options.ts';
import { loadPlan, machinesWithout, planOption, runOption, type PlanChoice } from '../plan-file.ts';
import { speaker } from '../week/speaker.ts';

interface Options extends PlanChoice {
  level: '1' | '2' | '3';
  component?: string;
  agent?: string;
  without?: string[];
  reason?: string;
  as?: string;
  machine?: string;
  run?: string;
  hosts?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

const onlyWithLevel3 = ['without', 'machine', 'hosts', 'dryRun', 'yes'] as const;

export function addEmergency(program: Command): void {
  program
    .command('emergency')
    .description(
      'an emergency: 1 restarts a component, 2 restores an agent, 3 undoes everything (as rollback --emergency does)',
    )
    .addOption(new Option('--level <level>', 'which').choices(['1', '2', '3']).makeOptionMandatory())
    .option('--component <name>', 'with level 1: which one (default: the one that does not answer)')
    .option('--agent <name>', 'with level 2: which one')
    .addOption(withoutOption('with level 3: '))
    .option('--reason <text>', 'goes on record')
    .option('--as <name>', 'who gives the order (default: you)')
    .option('--dry-run', 'with level 3: show what would be undone here, in order, and what can not be')
    .option('--hosts', 'with level 3: run it on the other machines too, over ssh')
    .option('--machine <name>', 'with level 3: whose ledger (default: the machine with an address of this host)')
    .option('--yes', 'with level 3: do not ask')
    .addOption(runOption())
    .addOption(planOption())
    .action(async (options: Options) => {
      const planFile = loadPlan(options);
      const level = Number(options.level) as Level;
      if (options.component && level !== 1) throw new Failure('--component goes with level 1.', exitCodes.usage);
      if (Boolean(options.agent) !== (level === 2))
        throw new Failure('Level 2 needs --agent NAME; the others take none.', exitCodes.usage);
      const { component, agent, run, reason = 'ordered without a reason' } = options;
      if (level === 3) {
        const { levelThree } = await import('../local-rollback/rollback.ts');
        const without = machinesWithout(planFile.plan, options.without);
        process.exitCode = await levelThree(planFile, { ...options, without, reason });
        return;
      }
      if (onlyWithLevel3.some((name) => options[name]))
        throw new Failure('--without, --machine, --hosts, --dry-run and --yes go with level 3.', exitCodes.usage);
      const { repair } = await import('../week/repair.ts');
      process.exitCode = await repair(planFile, { level, component, agent, reason, run, ...speaker(options.as) });
    });
}
