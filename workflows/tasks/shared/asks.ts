// What several tasks ask of the machines: who answers, who is well, what an image was resolved to.
import { programOf } from '../../../plan/schema/agent.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import type { HttpTarget } from '../../../plan/machine-api/target.ts';
import { agentTarget } from '../../../plan/schema/endpoints.ts';
import { listensAt } from '../../../plan/schema/listen.ts';
import { adopts, type Made, type Plan } from '../../../plan/schema/plan.ts';
import { centralHubThere } from '../../../plan/tasks/preflight/central-hub.ts';
import type { Health } from '../../../plan/tasks/shared/health.ts';
import { portsOf } from '../../../plan/tasks/services.ts';
import { type Hub, hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import type { Bystanders } from '../../../plan/week/facts.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';

/** Whose what goes by this name may be: of this run, or anybody's where the plan adopts it. */
export function whose({ plan, state: { run } }: Week, name: string): { run: string; adopt: boolean } {
  return { run, adopt: adopts(plan, name) };
}

/** Who has what a service is to get: its ports, where it publishes them, and its name. */
export async function placeOf(m: MachineActivities, plan: Plan, service: Made) {
  const addresses = listensAt(plan, service.machine);
  return {
    holders: await m.portHolders({ ports: portsOf(service).map(({ host }) => host), ...(addresses && { addresses }) }),
    state: await m.inspectContainer({ name: service.name }),
  };
}

export function everywhere(plan: Plan): string {
  return plan.machines.map((machine) => machine.name).join(', ');
}

export async function probeFromAll(on: On, plan: Plan, ...targets: HttpTarget[]) {
  return Promise.all(
    plan.machines.flatMap((machine) =>
      targets.map(async (url) => ({
        from: machine.name,
        probe: await on(machine.name).awaitReady({ url, withinMs: 20_000 }),
      })),
    ),
  );
}

/** What a tag was resolved to at the start: the whole run uses it. */
export function imageOn(week: Week, machine: string, image: string): string {
  return week.fact(`image ${image} on ${machine}`) ?? image;
}

/** Process ids of the bystanders, when CentralHub was started, where it is there, its restart policy, and which boot of their machines it is. */
export async function bystandersOf(on: On, plan: Plan): Promise<Bystanders> {
  const bystanders = plan.agents.filter((agent) => agent.wave === undefined);
  const central = centralHubThere(plan);
  const programs = await Promise.all(
    bystanders.map(async (agent) => ({
      name: agent.name,
      machine: agent.machine,
      is: await on(agent.machine).programStatus({ program: programOf(agent) }),
    })),
  );
  const hub = central && (await on(central.machine).inspectContainer({ name: central.name }));
  const boots = programs.flatMap(({ machine, is: { boot } }) => (boot ? [[machine, boot] as const] : []));
  return {
    programs: Object.fromEntries(programs.map(({ name, is: { pid } }) => [name, pid])),
    centralStartedAt: hub?.startedAt,
    ...(hub && { centralRestart: hub.restartPolicy }),
    ...(boots.length > 0 && { boots: Object.fromEntries(boots) }),
  };
}

/** Until a hub has scraped what it has as a target: `ms`, or two of its own intervals. In a history of before nobody knows that of CentralHub. */
export function scrapedWithin(week: Week, hub: Hub, ms: number): number {
  const everyMs = 'scrapeInterval' in hub ? hub.scrapeInterval : (week.fact('centralScrapesEvery') ?? 0);
  return Math.max(ms, 2 * everyMs + 5_000);
}

/** Targets of CentralHub, where it is there, and the agents: all well that were so before, or the time is over. */
export async function healthOfWeek(week: Week, on: On, plan = week.plan): Promise<Health> {
  const central = centralHubThere(plan);
  const withinMs = 20_000;
  return healthOf(on, plan, withinMs, {
    withinMs: central ? scrapedWithin(week, central, withinMs) : withinMs,
    butFor: unwell(week),
  });
}

/** Targets of CentralHub, where it is there, and the agents: all well, or the time is over. An agent runs a moment before it answers. */
export async function healthOf(
  on: On,
  plan: Plan,
  withinMs: number,
  ofTargets: { withinMs: number; butFor?: string[] } = { withinMs },
): Promise<Health> {
  const central = centralHubThere(plan);
  const [shown, agents] = await Promise.all([
    central ? on(central.machine).targets({ hub: hubTarget(central), jobs: [], ...ofTargets }) : null,
    Promise.all(
      plan.agents.map(async (agent) => ({
        name: agent.name,
        ...(await on(agent.machine).awaitReady({ url: agentTarget(agent), withinMs })),
      })),
    ),
  ]);
  return { targets: shown && shown.targets, agents, ...(shown?.error !== undefined && { error: shown.error }) };
}

/** Who was unwell before the week, for reasons that are not the week's. */
export function unwell(week: Week): string[] {
  return week.fact('unwell') ?? [];
}
