// Which plan a command is about, and its text.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Option } from 'commander';
import { labPlanFile, projectDirectory } from '../lab/state.ts';
import type { Machine, Plan } from '../plan/schema/plan.ts';
import { whyNoWindow } from '../plan/calendar/keeping.ts';
import { InvalidPlan, readWhole, type WholePlan } from '../plan/schema/read.ts';
import { CheckedPlan } from '../plan/schema/references.ts';
import { whyTooLarge } from '../plan/week/size.ts';
import { exitCodes, Failure } from './failure.ts';

/** The plan of a real machine, where people look for it at night. */
const machinesPlan = '/etc/hubshift/plan.yaml';

/** The plan that comes with the product: an example, and the lab's. No week begins with it by itself. */
export const packagedPlan = join(projectDirectory, 'plan', 'week1.yaml');

/** What `init` writes, but for the machines. */
export const starterPlan = join(projectDirectory, 'plan', 'starter.yaml');

export interface PlanChoice {
  plan?: string;
}

export interface PlanFile {
  file: string;
  text: string;
  /** sha256 of the text. */
  digest: string;
  plan: Plan;
}

export function planOption(): Option {
  return new Option(
    '--plan <file>',
    "the plan; else $HUBSHIFT_PLAN, else the lab's while a lab is up, else /etc/hubshift/plan.yaml",
  );
}

export function runOption(): Option {
  return new Option('--run <id>', 'the run that is meant: wanted where it began with another text of the plan');
}

/** Throws Failure when none is named and none is where it is looked for. */
export function planPath(choice: PlanChoice): string {
  const named = choice.plan ?? planOfEnvironment();
  if (named) return resolve(named);
  const found = [labPlanFile, machinesPlan].find((file) => existsSync(file));
  if (found) return found;
  throw new Failure(
    `Which plan? No lab is up and there is no ${machinesPlan}. Name one with --plan FILE or HUBSHIFT_PLAN, or write one with hubshift init. The packaged ${packagedPlan} is an example: it is taken only where it is named.`,
    exitCodes.usage,
  );
}

/** Throws Failure when it is set to nothing: another plan would be taken than whoever has set it means. */
export function planOfEnvironment(): string | undefined {
  const named = process.env.HUBSHIFT_PLAN;
  if (named?.trim() === '')
    throw new Failure('HUBSHIFT_PLAN is set, and empty. Set it to a file, or unset it.', exitCodes.usage);
  return named;
}

/** Throws Failure: usage when there is no such file, failed with every problem when it is not a valid plan. A week begins with a `SoundPlan`. */
export function loadPlan(choice: PlanChoice, wanted = CheckedPlan): PlanFile {
  const { file, text, plan } = loadWhole(choice, wanted);
  return { file, text, digest: createHash('sha256').update(text).digest('hex'), plan };
}

/** The plan with all that it leaves out, as it would be written. */
export function loadWhole(choice: PlanChoice, wanted = CheckedPlan): WholePlan & Pick<PlanFile, 'file' | 'text'> {
  const file = planPath(choice);
  const text = readText(file);
  try {
    return { file, text, ...readWhole(text, file, wanted) };
  } catch (error) {
    if (error instanceof InvalidPlan) throw new Failure(`The plan can't be used:\n${error.message}`);
    throw error;
  }
}

/** Before a week: throws Failure when a row of it would wait for ever. */
export function refuseClosed({ file, plan }: Pick<PlanFile, 'file' | 'plan'>): void {
  const why = whyNoWindow(plan, Date.now());
  if (why) throw new Failure(`The plan can't be used:\n${file}: ${why}.`);
}

/** Before a week: throws Failure when its state could not travel. A week that runs is served whatever its plan is. */
export function refuseTooLarge({ file, plan }: Pick<PlanFile, 'file' | 'plan'>): void {
  const why = whyTooLarge(plan);
  if (why) throw new Failure(`The plan can't be used:\n${file}: ${why}.`);
}

/** The plan's machine of this name, in any case. */
export function machineNamed(plan: Plan, name: string): Machine {
  const found = plan.machines.find((machine) => machine.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  throw new Failure(
    `The plan ${plan.name} has no machine ${name}; it has ${plan.machines.map((machine) => machine.name).join(', ')}.`,
    exitCodes.usage,
  );
}

/** Those of --without, as the plan spells them. Throws Failure here already: a run that is taken up again refuses none. */
export function machinesWithout(plan: Plan, names: string[] | undefined): string[] | undefined {
  const without = names?.map((name) => machineNamed(plan, name).name);
  if (without && plan.machines.every(({ name }) => without.includes(name)))
    throw new Failure(
      'A rollback without any machine undoes nothing: name those that do not come back.',
      exitCodes.usage,
    );
  return without;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new Failure(
      `Can't read the plan ${file}: ${why}. Name one with --plan FILE or HUBSHIFT_PLAN, or write one with hubshift init.`,
      exitCodes.usage,
    );
  }
}
