// The jobs with which EdgeHub scrapes the agents beside it: one for all that are asked alike.
import type { Agent } from '../../schema/agent.ts';
import { type Plan, serviceOf } from '../../schema/plan.ts';
import { type Scraped, scrapedWith } from '../shared/scraped.ts';

export interface AgentJob {
  name: string;
  with: Scraped;
  agents: Agent[];
}

export function agentJobs(plan: Plan): AgentJob[] {
  const { machine } = serviceOf(plan, 'edge-hub');
  const alike = new Map<string, AgentJob>();
  for (const agent of plan.agents) {
    if (agent.machine !== machine) continue;
    const access = scrapedWith(agent);
    const key = JSON.stringify(access);
    const job = alike.get(key) ?? {
      name: alike.size === 0 ? first : `${first}-${alike.size + 1}`,
      with: access,
      agents: [],
    };
    job.agents.push(agent);
    alike.set(key, job);
  }
  return [...alike.values()];
}

const first = 'agents';

/** Its first job alone, where there is no agent at all: then nobody finds it. */
export function agentJobNames(plan: Plan): string[] {
  const names = agentJobs(plan).map(({ name }) => name);
  return names.length > 0 ? names : [first];
}
