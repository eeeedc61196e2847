// Whether an error of an agent would be seen in its log: shown with one in its own format. Pure.
import type { Agent } from '../schema/agent.ts';
import type { Plan } from '../schema/plan.ts';
import type { Entries } from './entries.ts';
import { errorsIn, statedLevel } from './errors.ts';
import { cut } from '../week/cut-text.ts';

export function errorPatternsOf({ migration }: Pick<Plan, 'migration'>, { errorPatterns }: Agent): string[] {
  return errorPatterns ?? migration.errorPatterns;
}

/** `line` is one of its log that states a level, as it is of `entries`, where they were counted. null: its errors are seen. */
export function whyUnseen(
  plan: Pick<Plan, 'migration'>,
  agent: Agent,
  line: string | null,
  entries?: Entries,
): string | null {
  const { errorExample } = agent;
  const example = errorExample ?? (line === null ? undefined : statedLevel(line)?.raised());
  const mend = 'give it errorExample, an error as it writes one, and errorPatterns that match it';
  if (example === undefined) return `no line of ${agent.name}'s log states a level: ${mend}`;
  if (errorExample === undefined && entries && entries.stated * 2 <= entries.all)
    return `${entries.stated} of ${entries.all} entries in ${agent.name}'s log state a level, which says nothing of the others: ${mend}`;
  return errorsIn(example.split('\n'), errorPatternsOf(plan, agent)).length > 0
    ? null
    : `an error of ${agent.name} would not be seen: give it errorPatterns that match "${cut(example, 120)}"`;
}
