// An agent in the plan: a program or a container, to be migrated or left in peace.
import { z } from 'zod';
import { access } from './access.ts';
import { programIn, type RunnerName, runnerNames } from '../machine-api/runs.ts';
import { absolutePath, derived, name, port, program, regex } from './fields.ts';

/** A functional URL: it works when the value at the pointer matches the pattern. */
const AgentFunction = z.strictObject({
  name,
  method: z.enum(['GET', 'POST']).default('GET'),
  path: z.string().startsWith('/'),
  body: z.json().optional(),
  pointer: z.string().startsWith('/'),
  matches: regex,
});

/** Pilots are migrated; the others are bystanders and must not be disturbed. */
export const Agent = z.strictObject({
  name,
  kind: derived(name).describe('what sort of agent it is; its checks go by it'),
  machine: name,
  runs: z.enum(runnerNames).default('supervisor').describe('who starts and stops it'),
  program: derived(program).optional().describe("its program under the machine's supervisor: NAME, or GROUP:NAME"),
  container: derived(name).optional().describe('its container, where docker runs it'),
  config: absolutePath,
  log: derived(absolutePath).optional(),
  acks: absolutePath.optional().describe('JSON lines, one an acknowledged batch: {seq, hub, at}'),
  port,
  ...access,
  health: z.string().startsWith('/').default('/health'),
  peer: name.optional().describe('agent to which it posts its health in Phase 1'),
  wave: z.number().int().min(1).optional().describe('pilots only: the order of migration'),
  check: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('command that loads a configuration without deploying it; {config} stands for the file'),
  functions: z.array(AgentFunction).default([]),
  errorPatterns: z.array(regex).min(1).optional().describe("for its log, in place of the migration's"),
  errorExample: z
    .string()
    .min(1)
    .optional()
    .describe('an error as it writes one, where most entries of its log state no level'),
});

export type Agent = z.infer<typeof Agent>;

/** The key by which a plan names what somebody runs. */
export const namedBy = { supervisor: 'program', docker: 'container' } as const satisfies Record<
  RunnerName,
  keyof Agent
>;

/** As a machine is asked for it. Weeks that began under earlier builds have all agents under supervisor. */
export function programOf({ runs, ...agent }: Pick<Agent, 'name' | 'program' | 'container'> & Partial<Agent>): string {
  return programIn(runs ?? 'supervisor', agent[namedBy[runs ?? 'supervisor']] ?? agent.name);
}

/** As a machine is asked for its log: a file, else what the one keeps who runs it. */
export function logOf(agent: Agent): string {
  return agent.log ?? programOf(agent);
}
