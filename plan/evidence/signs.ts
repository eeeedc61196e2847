// What would show a risk, as the plan names it: rows, KPIs, incidents of a level.
import type { Plan } from '../schema/plan.ts';
import { stepsOf } from '../tasks/steps.ts';
import type { Level } from '../week/incident.ts';
import { kpis } from './kpis.ts';

export interface Signs {
  /** Of rows and of KPIs. */
  ids: string[];
  levels: Level[];
}

const levels: Record<string, Level> = { 'level-1': 1, 'level-2': 2, 'level-3': 3 };

/** Nothing at all where the plan has nothing of this name. */
export function signsNamed(plan: Plan, named: string): Signs {
  const level = levels[named];
  if (level) return { ids: [], levels: [level] };
  // It is the plan that says so of rows, in the words of people.
  const [above = '', ...isBelow] = named.split(/\*$/);
  const known = [...stepsOf(plan), ...kpis].map(({ id }) => id);
  const ids = known.filter((one) => (isBelow.length > 0 ? one.startsWith(above) : one === named));
  return { ids, levels: [] };
}

export function signsOf(plan: Plan, shownBy: readonly string[]): Signs {
  const all = shownBy.map((named) => signsNamed(plan, named));
  return {
    ids: [...new Set(all.flatMap(({ ids }) => ids))],
    levels: [...new Set(all.flatMap(({ levels: of }) => of))],
  };
}
