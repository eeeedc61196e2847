// When what the week costs is looked at again.
import { comparesBatches, type Plan } from '../../schema/plan.ts';
import type { Evaluation } from '../../week/record.ts';
import type { BeforeAndAfter } from './impact.ts';

const looksAtMost = 3;

/**
 * How long until it is looked again: where what was found is no pass, twice more at most, six times as long after as it is measured. What the
 * week costs is still so then, what a neighbour did for a while is not. Weeks that began under earlier builds look once.
 */
export function againAfter(plan: Plan, { before, again = [] }: BeforeAndAfter, evaluated: Evaluation[]): number | null {
  const stands = evaluated.some(({ verdict }) => verdict !== 'pass');
  const more = comparesBatches(plan) && Object.keys(before).length > 0 && 1 + again.length < looksAtMost;
  return stands && more ? 6 * plan.watch.baseline : null;
}
