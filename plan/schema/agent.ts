// An agent in the plan: a supervised program, to be migrated or left in peace.
import { z } from 'zod';
import { access } from './access.ts';
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

/** A supervised program. Pilots are migrated; the others are bystanders and must not be disturbed. */
export const Agent = z.strictObject({
  name,
  kind: derived(name).describe('what sort of agent it is; its checks go by it'),
  machine: name,
  program: derived(program).describe("its program under the machine's supervisor: NAME, or GROUP:NAME"),
  config: absolutePath,
  log: derived(absolutePath),
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
