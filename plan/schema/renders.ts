// Everything that the week renders of a plan is rendered: what fails is found before anything begins.
import { containerSpec } from '../tasks/container-spec.ts';
import { tasks } from '../tasks/index.ts';
import { filesOf } from '../tasks/services.ts';
import { isMade, type Plan } from './plan.ts';
import type { Refuse } from './refuse.ts';

export function renders(plan: Plan, refuse: Refuse): void {
  const tried = (path: (string | number)[], render: () => unknown) => {
    try {
      render();
    } catch (error) {
      refuse(path, `what its files can be made of (${(error as Error).message})`);
    }
  };
  plan.services.forEach((service, index) => {
    if (!isMade(service)) return;
    tried(['services', index], () => filesOf(plan, service));
    tried(['services', index], () => containerSpec(plan, service, service.image));
  });
  for (const task of tasks) tried([], () => task.renders?.(plan));
}
