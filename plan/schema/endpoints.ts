// Where agents and machines of a plan are reached: by machine name. Services say it themselves (plan/tasks/services.ts).
import type { Agent } from './agent.ts';
import type { Plan } from './plan.ts';

export function agentUrl(agent: Agent, path = agent.health): string {
  return `http://${agent.machine}:${agent.port}${path}`;
}

/** Machine name → address, for extra hosts of containers: Docker ignores the host's own /etc/hosts. */
export function hostsOf(plan: Plan): Record<string, string> {
  return Object.fromEntries(plan.machines.map((machine) => [machine.name, machine.address]));
}
