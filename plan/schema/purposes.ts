// What a plan says of its tasks agrees with the tasks, and each of its risks would show.
import { signsNamed } from '../evidence/signs.ts';
import { taskNames } from '../tasks/names.ts';
import { dependenciesOf } from '../tasks/purposes.ts';
import type { Plan } from './plan.ts';
import type { Refuse } from './refuse.ts';

/** Of a plan that holds together otherwise: its rows are asked for. */
export function purposes(plan: Plan, refuse: Refuse): void {
  for (const task of taskNames) {
    const { dependencies, risks = [] } = plan.tasks?.[task] ?? {};
    const has = dependenciesOf(task);
    if (dependencies && dependencies.toSorted().join() !== has.toSorted().join())
      refuse(
        ['tasks', task, 'dependencies'],
        `what ${task} stands on and no other, [${has.join(', ')}] (the key may be left out),`,
      );
    risks.forEach(({ shownBy }, index) => {
      const path = ['tasks', task, 'risks', index, 'shownBy'];
      const signs = shownBy.map((named) => signsNamed(plan, named));
      signs.forEach(({ ids, levels }, at) => {
        if (ids.length + levels.length === 0)
          refuse(
            [...path, at],
            'a row of the plan (hubshift report lists them), with ".*" at its end for all below, a KPI, or level-1, level-2, level-3',
          );
      });
      if (signs.every(({ ids }) => ids.length === 0) && signs.some(({ levels }) => levels.length > 0))
        refuse(path, 'a row or a KPI among them (that there was no incident does not show that anybody has looked)');
    });
  }
}
