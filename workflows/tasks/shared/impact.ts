// What the week costs: the same measurement before it and after.
import type { Impact, ImpactAsk } from '../../../plan/machine-api/measure.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import type { HttpTarget } from '../../../plan/machine-api/target.ts';
import { type Agent, programOf } from '../../../plan/schema/agent.ts';
import { agentTarget } from '../../../plan/schema/endpoints.ts';
import { comparesBatches, isMade, type Plan } from '../../../plan/schema/plan.ts';
import type { Evaluation } from '../../../plan/week/record.ts';
import type { BeforeAndAfter } from '../../../plan/tasks/shared/impact.ts';
import { againAfter } from '../../../plan/tasks/shared/impact-looks.ts';
import { madeSoFar } from '../../../plan/tasks/steps.ts';
import { centralHub } from '../../../plan/tasks/preflight/central-hub.ts';
import { hubTarget, queryPath, timesOf } from '../../../plan/tasks/shared/hubs.ts';
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
        urls: { [central.name]: hubTarget(central, '/-/ready'), ...urlsOf(agents) },
      };
  return {
    ...asked,
    containers: plan.services.filter((service) => service.machine === machine).map((service) => service.name),
    programs: agents.map(programOf),
  };
}

/** CentralHub as others see it, by what it is there for: a query and a write. Its own machine asks agents alone, others' where it has none. */
function fromElsewhere(plan: Plan, machine: string, agents: Agent[]): Pick<ImpactAsk, 'urls' | 'writes'> {
  const central = centralHub(plan);
  if (machine === central.machine && plan.machines.length > 1)
    return { urls: urlsOf(agents.length > 0 ? agents : plan.agents) };
  return {
    urls: { [timesOf(central.name).query]: hubTarget(central, queryPath), ...urlsOf(agents) },
    writes: { [timesOf(central.name).write]: hubTarget(central) },
  };
}

function urlsOf(agents: Agent[]): Record<string, HttpTarget> {
  return Object.fromEntries(agents.slice(0, agentsAtMost).map((agent) => [agent.name, agentTarget(agent)]));
}

/**
 * What the plan allows, and whom the week leaves alone. Of one that began under an earlier build the new limits are not there, and with
 * `ofBefore` a hub is held against bystanders of the machine that asks it.
 */
export function impactLimits(plan: Plan, ofBefore = false) {
  const { limits, watch, agents } = plan;
  const { slower }: Partial<Plan['limits']> = limits;
  const central = centralHub(plan);
  const { query, write } = timesOf(central.name);
  return {
    hubResponseMs: limits.hubResponse.limit,
    overheadPercent: limits.overheadPercent.limit,
    failedAtMost: watch.failedAtMost,
    bystanders: agents.filter(({ wave }) => wave === undefined).map(({ name }) => name),
    ...(slower && { slower: { percent: slower.percent, byMs: slower.by } }),
    ...(!ofBefore && { answersOn: { [query]: central.machine, [write]: central.machine } }),
  };
}

/** The same with what must be seen: the hub of before, and what the week has made by now. */
export function impactLimitsNow({ plan, state: { records }, hubsBesideTheirs }: Week) {
  const made = madeSoFar(plan, (id) => records[id]?.verdict === 'pass');
  const there = plan.services.filter((service) => !isMade(service) || made.has(service.name));
  const names = plan.machines.map(({ name }) => name);
  const on = (machine: string) => there.filter((one) => one.machine === machine).map(({ name }) => name);
  return {
    ...impactLimits(plan, !hubsBesideTheirs),
    containers: Object.fromEntries(names.map((name) => [name, on(name)])),
  };
}

/** The same measurement as the baseline, now; and later, where that is no pass. */
export async function beforeAndAfter(
  week: Week,
  ids: string[],
  on: (machine: string) => MachineActivities,
  evaluate: (found: BeforeAndAfter) => Evaluation[],
): Promise<BeforeAndAfter> {
  const { plan } = week;
  const names = plan.machines.map((machine) => machine.name);
  const look = async () =>
    Object.fromEntries(
      await Promise.all(
        names.map(async (machine): Promise<[string, Impact]> => [
          machine,
          await on(machine).measureImpact(impactAsk(plan, machine)),
        ]),
      ),
    );
  const before = week.fact('baseline') ?? {};
  const again: Record<string, Impact>[] = [];
  const found: BeforeAndAfter = { before, after: await look(), again };
  for (;;) {
    const waitMs = againAfter(plan, found, evaluate(found));
    if (waitMs === null) return found;
    await week.sleep(waitMs, ids.join(', '), names.join(', '));
    week.stopIfOrdered();
    again.push(await look());
  }
}
