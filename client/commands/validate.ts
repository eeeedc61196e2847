// hubshift validate: is this a plan that can be used?
import type { Command } from 'commander';
import { pilotsOf } from '../../plan/schema/plan.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { loadPlan, type PlanChoice, planOption, refuseTooLarge } from '../plan-file.ts';

export function addValidate(program: Command): void {
  program
    .command('validate')
    .description('check a plan; every problem is named with its line')
    .addOption(planOption())
    .action((options: PlanChoice) => {
      const planFile = loadPlan(options);
      refuseTooLarge(planFile);
      const { file, plan } = planFile;
      const facts = [
        `${plan.machines.length} machines (${plan.machines.map(({ name, address }) => `${name} ${address}`).join(', ')})`,
        `${plan.services.length} services`,
        `${plan.agents.length} agents, ${pilotsOf(plan).length} of them pilots`,
        `${stepsOf(plan).length} steps and checks`,
      ];
      process.stdout.write(`${file} is a valid plan: ${plan.name}\n${facts.map((fact) => `  ${fact}\n`).join('')}`);
    });
}
