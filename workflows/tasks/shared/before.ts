// What is in use before the first change of a run: an undo gives that back.
import type { Agent } from '../../../plan/schema/agent.ts';
import { agentTarget } from '../../../plan/schema/endpoints.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { pilotsOf, type Plan } from '../../../plan/schema/plan.ts';
import { healthTarget, isHub } from '../../../plan/tasks/services.ts';
import { hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import type { AgentBefore, Before } from '../../../plan/week/facts.ts';
import { failureType } from '../../machine/failures.ts';
import type { On } from '../contract.ts';
import { peersHear } from './undone.ts';

const shownWithinMs = 3_000;

/** Undefined where this run has changed something already, as after a reset of its workflow: then it is too late to look. */
export async function inUseBefore(on: On, plan: Plan, run: string): Promise<Before | undefined> {
  const begun = await Promise.all(plan.machines.map(({ name }) => mayHaveBegun(on(name), run)));
  if (begun.some(Boolean)) return undefined;
  const [pilots, jobs] = await Promise.all([pilotsOn(on, plan), jobsOf(on, plan)]);
  return { pilots, jobs };
}

/** A worker of an older build can't be asked. */
async function mayHaveBegun(m: MachineActivities, run: string): Promise<boolean> {
  try {
    return (await m.newestEntries({ run, atMost: 1 })).length > 0;
  } catch (error) {
    if (failureType(error) === 'NotFoundError') return true;
    throw error;
  }
}

async function pilotsOn(on: On, plan: Plan): Promise<Before['pilots']> {
  const since = Date.now();
  const pilots = pilotsOf(plan);
  const [heard, shown] = await Promise.all([
    peersHear(on, plan, since),
    Promise.all(pilots.map((pilot) => hubsOf(on, plan, pilot))),
  ]);
  const alike = new Map<string, Before['pilots'][number]>();
  for (const [index, { name }] of pilots.entries()) {
    const peer = heard.find(({ agent }) => agent === name);
    const is: AgentBefore = { ...shown[index]!, posts: peer ? peer.seen !== null && peer.seen >= since : null };
    const key = JSON.stringify(is);
    alike.set(key, { ...is, names: [...(alike.get(key)?.names ?? []), name] });
  }
  return [...alike.values()];
}

async function hubsOf(on: On, plan: Plan, pilot: Agent): Promise<Pick<AgentBefore, 'hub' | 'hubs'>> {
  const { activeHub, hubs } = plan.migration.contract;
  const [hub, list] = await Promise.all(
    [activeHub, hubs].map(async (asked) => {
      if (!asked) return undefined;
      const url = agentTarget(pilot, asked.path);
      return (await on(pilot.machine).shown({ url, pointer: asked.pointer, withinMs: shownWithinMs })).value;
    }),
  );
  const known = activeHub && [activeHub.central, activeHub.primary, activeHub.fallback].find((one) => one === hub);
  return { hub: known ?? null, hubs: Array.isArray(list) ? list.length : null };
}

/** One that does not answer says nothing. */
async function jobsOf(on: On, { services }: Plan): Promise<Before['jobs']> {
  const found = await Promise.all(
    services.filter(isHub).map(async (hub) => {
      const m = on(hub.machine);
      if (!(await m.inspectContainer({ name: hub.name })).running) return [];
      if (!(await m.probe({ url: healthTarget(hub), timeoutMs: shownWithinMs })).ok) return [];
      const { jobs } = await m.hubStatus({ hub: hubTarget(hub) });
      return [[hub.name, jobs.filter((job) => services.some(({ name }) => name === job))] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}
