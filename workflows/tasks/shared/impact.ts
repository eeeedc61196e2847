// What the week costs: the same measurement before it and after.
import type { Impact, ImpactAsk } from '../../../plan/machine-api/measure.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import type { Agent } from '../../../plan/schema/agent.ts';
import { agentUrl } from '../../../plan/schema/endpoints.ts';
import { comparesBatches, type Plan } from '../../../plan/schema/plan.ts';
import { centralHub } from '../../../plan/tasks/preflight/central-hub.ts';
import { hubUrl, queryPath, timesOf } from '../../../plan/tasks/shared/hubs.ts';
import type { Week } from '../../week.ts';

const agentsAtMost = 20;

/** What to measure on a machine, before and after: hubs and agents that are there all the time, and the containers that come with the week. */
export function impactAsk(plan: Plan, machine: string): ImpactAsk {
  const central = centralHub(plan);
  const agents = plan.agents.filter((agent) => agent.machine === machine);
  const asked = comparesBatches(plan)
    ? { durationMs: plan.watch.baseline, ...fromElsewhere(plan, machine, agents) }
    : {
        durationMs: Math.min(10_000, Math.max(4_000, plan.watch.sampleInterval)),
        urls: { [central.name]: `${hubUrl(central)}/-/ready`, ...urlsOf(agents) },
      };
  return {
    ...asked,
    containers: plan.services.filter((service) => service.machine === machine).map((service) => service.name),
    programs: agents.map((agent) => agent.program),
  };
}

/** CentralHub as others see it, by what it is there for: a query and a write. Its own machine asks agents alone, others' where it has none. */
function fromElsewhere(plan: Plan, machine: string, agents: Agent[]): Pick<ImpactAsk, 'urls' | 'writes'> {
  const central = centralHub(plan);
  if (machine === central.machine && plan.machines.length > 1)
    return { urls: urlsOf(agents.length > 0 ? agents : plan.agents) };
  return {
    urls: { [timesOf(central.name).query]: `${hubUrl(central)}${queryPath}`, ...urlsOf(agents) },
    writes: { [timesOf(central.name).write]: hubUrl(central) },
  };
}

function urlsOf(agents: Agent[]): Record<string, string> {
  return Object.fromEntries(agents.slice(0, agentsAtMost).map((agent) => [agent.name, agentUrl(agent)]));
}

/** What the plan allows, and whom the week leaves alone. Of one that began under an earlier build the new limits are not there. */
export function impactLimits({ limits, watch, agents }: Plan) {
  const { slower }: Partial<Plan['limits']> = limits;
  return {
    hubResponseMs: limits.hubResponse.limit,
    overheadPercent: limits.overheadPercent.limit,
    failedAtMost: watch.failedAtMost,
    bystanders: agents.filter(({ wave }) => wave === undefined).map(({ name }) => name),
    ...(slower && { slower: { percent: slower.percent, byMs: slower.by } }),
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
