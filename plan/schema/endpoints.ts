// Where agents and machines of a plan are reached: by machine name. Services say it themselves (plan/tasks/services.ts).
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

/** Machine name → address, for extra hosts of containers: Docker ignores the host's own /etc/hosts. */
export function hostsOf(plan: Plan): Record<string, string> {
  return Object.fromEntries(plan.machines.map((machine) => [machine.name, machine.address]));
}
