// What works, and people should know before it does not.
import { pilotsOf, type Plan } from '../schema/plan.ts';

const named = 4;

export function warningsOf(plan: Plan): string[] {
  const unchecked = pilotsOf(plan).flatMap(({ name, check }) => (check ? [] : [name]));
  return unchecked.length > 0 ? [uncheckedText(unchecked)] : [];
}

/** Of agents without a check of their own. */
export function uncheckedText(agents: string[]): string {
  const more = agents.length > named ? ` and ${agents.length - named} more` : '';
  const have = agents.length === 1 ? 'has' : 'have';
  return `${agents.slice(0, named).join(', ')}${more} ${have} no check of their own: whether a new file loads is not known before the deployment`;
}
