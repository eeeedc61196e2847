// What is sampled of an agent while it is watched.
import type { Asked } from '../../plan/evidence/target-names.ts';
import { type Agent, programOf } from '../../plan/schema/agent.ts';
import { agentTarget } from '../../plan/schema/endpoints.ts';
import type { Plan } from '../../plan/schema/plan.ts';

/** Its health, its program, and of a pilot its active hub. */
export function askOfAgent({ migration }: Plan, agent: Agent, ask: Asked): void {
  const { activeHub } = migration.contract;
  ask.urls[agent.name] = agentTarget(agent);
  ask.programs.push(programOf(agent));
  if (activeHub && agent.wave !== undefined)
    ask.values[`${agent.name} hub`] = {
      url: agentTarget(agent, activeHub.path),
      pointer: activeHub.pointer,
      want: activeHub.primary,
    };
}
