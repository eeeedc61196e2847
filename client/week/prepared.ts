// What is prepared for a pilot: whose it can be, and why there may be none.
import type { PreparedDeployment } from '../../plan/machine-api/agents.ts';
import type { Agent } from '../../plan/schema/agent.ts';
import { type Plan, pilotsOf } from '../../plan/schema/plan.ts';
import type { Prepared } from '../../workflows/dry-run.ts';
import { exitCodes, Failure } from '../failure.ts';

/** Throws Failure for a name that is no pilot's. */
export function pilotOf(plan: Plan, name: string): Agent {
  const pilots = pilotsOf(plan);
  const found = pilots.find((pilot) => pilot.name === name);
  if (found) return found;
  const known = plan.agents.some((agent) => agent.name === name)
    ? `${name} is no pilot: it has no wave in the plan ${plan.name}, and nothing is done to it.`
    : `The plan ${plan.name} has no agent ${name}.`;
  throw new Failure(`${known} Its pilots are ${pilots.map((pilot) => pilot.name).join(', ')}.`, exitCodes.usage);
}

/** Throws Failure where nothing is known of it. `named`: people have named the run, and it may be any. */
export function refuseUnprepared(
  { prepared, tooOld }: Prepared,
  { run, agent, machine, named }: { run: string; agent: string; machine: string; named: boolean },
): PreparedDeployment {
  if (prepared) return prepared;
  throw new Failure(
    tooOld
      ? `The worker of ${machine} is of an earlier build, which does not keep what is going to be done. Start it anew with this build.`
      : named
        ? `Of run ${run} nothing is prepared for ${agent} on ${machine}: it has not come so far, it was pruned there, or there is no such run. hubshift runs lists them.`
        : `Run ${run} has prepared nothing for ${agent} on ${machine} yet. It does so before the first pilot is touched: hubshift progress shows how far it is.`,
  );
}
