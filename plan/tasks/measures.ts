// What a machine measures all along: its services and agents, and the messages to other machines.
import type { MeasureAsk } from '../machine-api/measure.ts';
import { agentUrl } from '../schema/endpoints.ts';
import { comparesBatches, isMade, type Plan } from '../schema/plan.ts';
import { tasks } from './index.ts';
import { aliveUrl, isHub } from './services.ts';
import { hubUrl, queryPath } from './shared/hubs.ts';

export function measuresOf(
  plan: Plan,
  machine: string,
  run: string,
): Pick<MeasureAsk, 'urls' | 'timed' | 'programs' | 'containers' | 'link' | 'messages'> {
  const services = plan.services.filter((service) => service.machine === machine);
  const agents = plan.agents.filter((agent) => agent.machine === machine);
  const [messages] = tasks.flatMap((task) => task.messages?.(plan, machine, run) ?? []);
  return {
    urls: Object.fromEntries([
      ...services.map(
        (service) =>
          [service.name, { url: aliveUrl(service), timed: isHub(service) && !comparesBatches(plan) }] as const,
      ),
      ...agents.map((agent) => [agent.name, { url: agentUrl(agent), timed: false }] as const),
    ]),
    ...(comparesBatches(plan) && { timed: hubsOfTheNext(plan, machine) }),
    programs: Object.fromEntries(agents.map((agent) => [agent.name, agent.program])),
    // CentralHub takes all the writes.
    containers: services.filter((service) => comparesBatches(plan) || isMade(service)).map(({ name }) => name),
    ...(comparesBatches(plan) && { link: true }),
    messages: messages ?? { server: '', answers: '', to: {}, run },
  };
}

/** Each hub is asked what it is there for, a query and a write, by one other machine: the one before its own. */
function hubsOfTheNext({ machines, services }: Plan, machine: string): NonNullable<MeasureAsk['timed']> {
  const next = machines[(machines.findIndex(({ name }) => name === machine) + 1) % machines.length]!.name;
  const hubs = services.filter(isHub).filter((hub) => hub.machine === next);
  return {
    urls: Object.fromEntries(hubs.map((hub) => [`${hub.name} query`, `${hubUrl(hub)}${queryPath}`])),
    writes: Object.fromEntries(hubs.map((hub) => [`${hub.name} write`, hubUrl(hub)])),
  };
}
