// What a machine measures all along: its services and agents, those of other machines from outside, and the messages to other machines.
import { programOf } from '../schema/agent.ts';
import type { MeasureAsk } from '../machine-api/measure.ts';
import type { HttpTarget } from '../machine-api/target.ts';
import { agentTarget } from '../schema/endpoints.ts';
import { comparesBatches, isMade, type Plan } from '../schema/plan.ts';
import { tasks } from './index.ts';
import { aliveTarget, isHub } from './services.ts';
import { hubTarget, queryPath, timesOf } from './shared/hubs.ts';

/** From so many other machines something is looked at. */
const lookersAtMost = 3;

export function measuresOf(
  plan: Plan,
  machine: string,
  run: string,
): Pick<MeasureAsk, 'urls' | 'timed' | 'outside' | 'programs' | 'clusters' | 'containers' | 'link' | 'messages'> {
  const services = plan.services.filter((service) => service.machine === machine);
  const agents = plan.agents.filter((agent) => agent.machine === machine);
  const [messages] = tasks.flatMap((task) => task.messages?.(plan, machine, run) ?? []);
  const clusters = tasks.flatMap((task) => task.clusters?.(plan) ?? []);
  return {
    urls: Object.fromEntries([
      ...services.map(
        (service) =>
          [service.name, { url: aliveTarget(service), timed: isHub(service) && !comparesBatches(plan) }] as const,
      ),
      ...agents.map((agent) => [agent.name, { url: agentTarget(agent), timed: false }] as const),
    ]),
    ...(comparesBatches(plan) && { timed: hubsOfTheNext(plan, machine) }),
    outside: outsideOf(plan, machine),
    programs: Object.fromEntries(agents.map((agent) => [agent.name, programOf(agent)])),
    clusters: Object.fromEntries(
      clusters.flatMap(({ target, asks }) => (asks[machine] ? [[target, asks[machine]] as const] : [])),
    ),
    // CentralHub takes all the writes.
    containers: services.filter((service) => comparesBatches(plan) || isMade(service)).map(({ name }) => name),
    ...(comparesBatches(plan) && { link: true }),
    messages: messages ?? { server: '', answers: '', to: {}, run },
  };
}

/** What goes with these: the clusters that they are members of, and themselves. */
export function withClusters(plan: Plan, names: string[]): string[] {
  const clusters = tasks.flatMap((task) => task.clusters?.(plan) ?? []);
  return [
    ...names,
    ...clusters.filter(({ members }) => members.some((one) => names.includes(one))).map(({ target }) => target),
  ];
}

function outsideOf(plan: Plan, machine: string): Record<string, HttpTarget> {
  const seen = new Set(machinesSeenFrom(plan, machine));
  return Object.fromEntries([
    ...plan.services
      .filter((service) => seen.has(service.machine))
      .map((service) => [service.name, aliveTarget(service)] as const),
    ...plan.agents.filter((agent) => seen.has(agent.machine)).map((agent) => [agent.name, agentTarget(agent)] as const),
  ]);
}

/** Each machine is seen from the next in the plan, around. */
function machinesSeenFrom({ machines }: Plan, machine: string): string[] {
  const names = machines.map(({ name }) => name);
  const at = names.indexOf(machine);
  const back = Array.from({ length: Math.min(lookersAtMost, names.length - 1) }, (_, index) => at - 1 - index);
  return back.map((index) => names.at(index)!);
}

/** Each hub is asked what it is there for, a query and a write, by one other machine: the one before its own. */
function hubsOfTheNext({ machines, services }: Plan, machine: string): NonNullable<MeasureAsk['timed']> {
  const next = machines[(machines.findIndex(({ name }) => name === machine) + 1) % machines.length]!.name;
  const hubs = services.filter(isHub).filter((hub) => hub.machine === next);
  return {
    urls: Object.fromEntries(hubs.map((hub) => [timesOf(hub.name).query, hubTarget(hub, queryPath)])),
    writes: Object.fromEntries(hubs.map((hub) => [timesOf(hub.name).write, hubTarget(hub)])),
  };
}
