// Where agents and machines of a plan are reached: by machine name. Services say it themselves (plan/tasks/services.ts).
import type { Places } from '../machine-api/prometheus.ts';
import { targetOf, type HttpTarget } from '../machine-api/target.ts';
import type { Access } from './access.ts';
import type { Agent } from './agent.ts';
import type { Plan } from './plan.ts';

/** By machine name, as the plan writes URLs: http://PC2:9100. */
export function urlAt(
  { scheme = 'http', pathPrefix = '', machine }: Access & { machine: string },
  port: number,
): string {
  return `${scheme}://${machine}:${port}${pathPrefix}`;
}

export function agentTarget(agent: Agent, path = agent.health): HttpTarget {
  return targetOf(agent, `${urlAt(agent, agent.port)}${path}`);
}

/** Where it is scraped, as the plan has it. */
export function placeOf({ machine, port }: Agent): string {
  return `${machine}:${port}`;
}

/** The places of agents, each with the address of its machine. */
export function placesOf(plan: Plan, agents: Agent[]): Places {
  const hosts = hostsOf(plan);
  return Object.fromEntries(agents.map((agent) => [placeOf(agent), hosts[agent.machine]!]));
}

/** Machine name → address, for extra hosts of containers: Docker ignores the host's own /etc/hosts. */
export function hostsOf(plan: Plan): Record<string, string> {
  return Object.fromEntries(plan.machines.map((machine) => [machine.name, machine.address]));
}
