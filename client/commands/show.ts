// hubshift show AGENT: what is going to be done to a pilot, before it is done.
import type { Command } from 'commander';
import { planId } from '../../plan/names.ts';
import type { Prepared } from '../../workflows/dry-run.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';
import { preparedLines } from '../show/prepared.ts';
import { withClient } from '../week/connect.ts';
import { describe } from '../week/look.ts';
import { pilotOf, refuseUnprepared } from '../week/prepared.ts';
import { refuseMissing, shortRun } from '../week/short-run.ts';

interface Options extends PlanChoice {
  run?: string;
  json?: boolean;
}

export function addShow(program: Command): void {
  program
    .command('show <agent>')
    .description("what is going to be done to a pilot: commands, difference of its file, its own check's word")
    .option('--run <id>', 'in this run (default: the newest)')
    .option('--json', 'as data; see docs/cli.md')
    .addOption(planOption())
    .action(async (name: string, options: Options) => {
      const { plan } = loadPlan(options);
      const { name: agent, machine } = pilotOf(plan, name);
      const { run, found } = await withClient(async (client) => {
        const run = options.run ?? (await describe(client, planId(plan))).memo.run;
        const found = await shortRun<Prepared>(client, 'showPrepared', plan, { run, agent, machine });
        return { run, found };
      });
      refuseMissing(found.missing);
      const prepared = refuseUnprepared(found, { run, agent, machine, named: options.run !== undefined });
      const text = options.json ? JSON.stringify(prepared, null, 2) : preparedLines(prepared, run).join('\n');
      process.stdout.write(`${text}\n`);
    });
}
