// The verdict of programs that must run at the end of the week.
import type { ProgramStatus } from '../../machine-api/agents.ts';
import type { Agent } from '../../schema/agent.ts';
import type { Evaluation } from '../../week/record.ts';
import { inconclusive, unless } from '../shared/verdict.ts';

export function programsRun(found: (ProgramStatus & { agent: Agent['name'] })[]): Evaluation {
  if (found.length === 0) return inconclusive('no program was looked at');
  return unless(
    found.map(({ agent, state }) => state !== 'RUNNING' && `${agent} is ${state}`),
    `${found.length} programs run`,
    { programs: found.length },
  );
}
