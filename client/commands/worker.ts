// hubshift worker: runs a machine's worker, or the control worker, until it is ended.
import { Option, type Command } from 'commander';
import { exitCodes, Failure } from '../failure.ts';
import { loadPlan, machineNamed, planOption, type PlanChoice } from '../plan-file.ts';

interface Options extends PlanChoice {
  machine?: string;
  control?: boolean;
  beside?: boolean;
}

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description("run a machine's worker on that machine, or the one control worker")
    .addOption(new Option('--machine <name>', "which of the plan's machines this is").conflicts('control'))
    .option('--control', 'run the week itself')
    .option(
      '--beside',
      'with --control: beside that of another build, for the weeks that hubshift upgrade moves to this one',
    )
    .addOption(planOption())
    .action(async (options: Options) => {
      if (!options.machine && !options.control)
        throw new Failure('Which worker? Say --machine NAME or --control.', exitCodes.usage);
      if (options.beside && !options.control) throw new Failure('--beside goes with --control.', exitCodes.usage);
      const { plan } = loadPlan(options);
      // Loaded here only: the worker's native parts are slow to load, and no other command needs them.
      if (options.machine) {
        const machine = machineNamed(plan, options.machine);
        const { runMachineWorker } = await import('../../workers/machine.ts');
        return runMachineWorker(machine, plan.site);
      }
      const { runControlWorker } = await import('../../workers/control.ts');
      return runControlWorker(plan.site, options.beside);
    });
}
