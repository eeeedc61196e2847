// hubshift validate: is this a plan that can be used?
import type { Command } from 'commander';
import { planId } from '../../plan/names.ts';
import { effectiveText } from '../../plan/schema/effective.ts';
import { imageAdvice } from '../../plan/schema/images.ts';
import { isMade, pilotsOf, type Plan } from '../../plan/schema/plan.ts';
import { SoundPlan } from '../../plan/schema/references.ts';
import { publishingWarnings } from '../../plan/tasks/publishing.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { loadWhole, type PlanChoice, planOption, refuseClosed, refuseTooLarge } from '../plan-file.ts';

export function addValidate(program: Command): void {
  program
    .command('validate')
    .description('check a plan; every problem is named with its line')
    .addOption(planOption())
    .option(
      '--effective',
      'print the plan with all that it leaves out, and where each value comes from: valid YAML again',
    )
    .action((options: PlanChoice & { effective?: boolean }) => {
      const whole = loadWhole(options, SoundPlan);
      refuseTooLarge(whole);
      refuseClosed(whole);
      const { file, plan } = whole;
      if (options.effective) {
        process.stdout.write(effectiveText(whole, file));
        return;
      }
      const facts = [
        `${plan.machines.length} machines (${plan.machines.map(({ name, address }) => `${name} ${address}`).join(', ')})`,
        `${plan.services.length} services`,
        `${plan.agents.length} agents, ${pilotsOf(plan).length} of them pilots`,
        `${stepsOf(plan).length} steps and checks`,
        ...harmOf(plan),
        ...imageAdvice(plan.services.filter(isMade).map(({ image }) => image)),
        ...publishingWarnings(plan).map((warning) => `warning: ${warning}`),
      ];
      process.stdout.write(`${file} is a valid plan: ${planId(plan)}\n${facts.map((fact) => `  ${fact}\n`).join('')}`);
    });
}

/** What people should have agreed on. */
function harmOf({ faults, emergency, failure, calendar, machines }: Plan): string[] {
  return [
    `breaks on purpose: ${faults.allowed.join(', ') || 'nothing'} (faults.allowed)`,
    `what fails while it is watched: ${emergency.automatic ? 'it is mended at once' : 'people are asked'} (emergency.automatic)`,
    `when nobody answers: ${emergency.atDeadline} in an emergency, ${failure.atDeadline} where a row does not pass (atDeadline)`,
    ...(calendar || machines.some((machine) => machine.calendar)
      ? []
      : ['no calendar: what stops, restarts or cuts off something may begin at any hour']),
  ];
}
