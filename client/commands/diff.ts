// hubshift diff: what differs between two plans as they will run. It ends as diff(1) does.
import type { Command } from 'commander';
import { changesBetween, type PlanChange } from '../../plan/schema/changes.ts';
import { redactJson } from '../../plan/secrets/redact.ts';
import { exitCodes, Failure } from '../failure.ts';
import { loadWhole } from '../plan-file.ts';
import { say } from '../say.ts';

export function addDiff(program: Command): void {
  program
    .command('diff')
    .description('what differs between two plans as they will run: exit 0 nothing, 1 something, 2 one can not be used')
    .argument('<plan>', 'the one')
    .argument('<other>', 'the other')
    .option('--json', 'as JSON')
    .action((one: string, other: string, { json }: { json?: boolean }) => {
      const changes = changesBetween(wholeOrUsage(one), wholeOrUsage(other));
      if (json) say([JSON.stringify({ same: changes.length === 0, changes: changes.map(withoutSecrets) }, null, 2)]);
      else say(changes.length === 0 ? [] : [`--- ${one}`, `+++ ${other}`, ...changes.map(lineOf)]);
      process.exitCode = changes.length === 0 ? exitCodes.done : exitCodes.failed;
    });
}

/** 1 is for plans that differ. */
function wholeOrUsage(plan: string) {
  try {
    return loadWhole({ plan });
  } catch (error) {
    if (error instanceof Failure) throw new Failure(error.message, exitCodes.usage);
    throw error;
  }
}

function lineOf(planChange: PlanChange): string {
  const { path, change, from, to } = withoutSecrets(planChange);
  if (change === 'added') return `+ ${path}: ${JSON.stringify(to)}`;
  if (change === 'removed') return `- ${path}: ${JSON.stringify(from)}`;
  return `~ ${path}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`;
}

/** A request's body, or a command, may have one. A channel's secret is the name of a variable. */
function withoutSecrets({ path, key, change, from, to }: PlanChange) {
  const told = (value: unknown) => (path.startsWith('notify') ? value : redactJson(value, key));
  return { path, change, from: told(from), to: told(to) };
}
