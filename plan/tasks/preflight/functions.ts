// Functions of pilots, as far as they can be called before the week: they must answer as they must once the pilot is moved.
import type { Shown } from '../../machine-api/agents.ts';
import type { Agent } from '../../schema/agent.ts';
import type { Plan } from '../../schema/plan.ts';
import { pilotChecks } from '../pilots/rows.ts';
import { works } from '../pilots/verdicts/deployment.ts';

type Agents = Pick<Plan, 'agents'>;

/** What functions of an agent answered; undefined where nobody asked it. */
interface Called {
  agent: string;
  functions?: { name: string; is: Shown }[];
}

/** What is asked by GET changes nothing. */
export function callableFirst({ functions }: Pick<Agent, 'functions'>): Agent['functions'] {
  return functions.filter(({ method }) => method !== 'POST');
}

/** The others, of an agent that was asked for its own. */
export function uncalledFirst(plan: Agents, { agent: name, functions }: Called): string[] {
  const agent = functions && plan.agents.find((one) => one.name === name);
  const called = agent ? callableFirst(agent) : [];
  return (agent?.functions ?? []).flatMap((one) => (called.includes(one) ? [] : [`${name} ${one.name}`]));
}

/** Those that do not answer as they should. */
export function functionsOff({ agents }: Agents, { agent: name, functions }: Called): string | false {
  const agent = functions && agents.find((one) => one.name === name);
  const called = agent ? callableFirst(agent) : [];
  if (!functions || called.length === 0) return false;
  const { verdict, summary } = works(Object.fromEntries(called.map((one) => [one.name, one.matches])))(functions);
  return verdict !== 'pass' && `${name}: ${summary}`;
}

/** The rows that are asked for functions of an agent that has none in the plan. */
export function functionsMissing({ agents }: Agents, name: string): string[] {
  const agent = agents.find((one) => one.name === name);
  if (!agent || agent.functions.length > 0) return [];
  return pilotChecks(agent.kind).flatMap((row) => (row.asksFunctions ? [`${name} ${row.name}`] : []));
}
