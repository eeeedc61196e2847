// What the week costs: the same measurement before it and after.
import type { Impact, ImpactAsk } from '../../../plan/machine-api/measure.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { agentUrl } from '../../../plan/schema/endpoints.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { centralHub } from '../../../plan/tasks/preflight/central-hub.ts';
import { hubUrl } from '../../../plan/tasks/shared/hubs.ts';
import type { Week } from '../../week.ts';

/** What to measure on a machine, before and after: hubs and agents that are there all the time, and the containers that come with the week. */
export function impactAsk(plan: Plan, machine: string): ImpactAsk {
  const central = centralHub(plan);
  const agents = plan.agents.filter((agent) => agent.machine === machine);
  return {
    durationMs: Math.min(10_000, Math.max(4_000, plan.watch.sampleInterval)),
    urls: {
      [central.name]: `${hubUrl(central)}/-/ready`,
      ...Object.fromEntries(agents.slice(0, 20).map((agent) => [agent.name, agentUrl(agent)])),
    },
    containers: plan.services.filter((service) => service.machine === machine).map((service) => service.name),
    programs: agents.map((agent) => agent.program),
  };
}

/** The same measurement as the baseline, now. */
export async function beforeAndAfter(
  week: Week,
  on: (machine: string) => MachineActivities,
): Promise<{ before: Record<string, Impact>; after: Record<string, Impact> }> {
  const names = week.plan.machines.map((machine) => machine.name);
  const after = Object.fromEntries(
    await Promise.all(
      names.map(async (machine): Promise<[string, Impact]> => [
        machine,
        await on(machine).measureImpact(impactAsk(week.plan, machine)),
      ]),
    ),
  );
  return { before: week.fact('baseline') ?? {}, after };
}
