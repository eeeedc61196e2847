// Which agents a hub scrapes when the week is undone. Pure.
import { type Plan, servicesOf } from '../../schema/plan.ts';
import type { Before } from '../../week/facts.ts';

/**
 * Of CentralHub those that it had as targets before (`targets`: of those that it knew by other names nothing is known); of an EdgeHub of this
 * run each beside it. A history of before does not know the targets.
 */
export function mustScrape(plan: Plan, targets?: string[], before?: Before): (hub: string) => string[] {
  const agents = plan.agents.map(({ machine, port }) => ({ machine, instance: `${machine}:${port}` }));
  const had = agents.filter(({ instance }) =>
    targets?.some((target) => target.toLowerCase().endsWith(` ${instance.toLowerCase()}`)),
  );
  const edges = servicesOf(plan, 'edge-hub').filter(({ name }) => targets && !before?.jobs[name]);
  const centrals = servicesOf(plan, 'central-hub').map(({ name }) => name);
  return (hub) => {
    const edge = edges.find(({ name }) => name === hub);
    const wanted = edge ? agents.filter(({ machine }) => machine === edge.machine) : centrals.includes(hub) ? had : [];
    return wanted.map(({ instance }) => instance);
  };
}
