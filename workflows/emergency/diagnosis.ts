// Who is down now: asked of every component and every pilot, whatever was seen before.
import { patched } from '@temporalio/workflow';
import type { Diagnosis } from '../../plan/evidence/triage.ts';
import { type Agent, programOf } from '../../plan/schema/agent.ts';
import { agentTarget } from '../../plan/schema/endpoints.ts';
import type { Made, Plan } from '../../plan/schema/plan.ts';
import { primaryHub } from '../../plan/tasks/pilots/primary-hub.ts';
import { aliveTarget, componentsOf } from '../../plan/tasks/services.ts';
import { deployedPilots, madeSoFar } from '../../plan/tasks/steps.ts';
import type { Week } from '../week.ts';

export const answerWithinMs = 3_000;

export async function diagnose(week: Week, step: string): Promise<Diagnosis> {
  const { plan } = week;
  const pilots = deployedPilots(plan, (id) => week.settled(id));
  const [components, agents] = await Promise.all([
    namesOf(standing(week), (component) => isUp(week, step, component)),
    namesOf(pilots, (pilot) => isWell(week, step, pilot)),
  ]);
  // Without EdgeHub they are where they should be.
  if (components.includes(primaryHub(plan).name) || agents.length > 0) return { components, agents };
  return { components, agents: await namesOf(pilots, (pilot) => onPrimary(week, step, pilot)) };
}

/** What the week has not made yet, or has undone, is not down. */
export function standing(week: Week): Made[] {
  const all = componentsOf(week.plan);
  const made = madeSoFar(week.plan, (id) => week.settled(id));
  const those = all.filter(({ name }) => made.has(name));
  // In a history of before all were looked at.
  return those.length === all.length || !patched('looks-at-what-stands') ? all : those;
}

async function namesOf<T extends { name: string }>(all: T[], isSound: (one: T) => Promise<boolean>): Promise<string[]> {
  const sound = await Promise.all(all.map(isSound));
  return all.filter((_, index) => !sound[index]).map(({ name }) => name);
}

export async function isUp(week: Week, step: string, component: Made): Promise<boolean> {
  const on = week.proxy(step, component.machine);
  const [{ running }, { ok }] = await Promise.all([
    on.inspectContainer({ name: component.name }),
    on.probe({ url: aliveTarget(component), timeoutMs: answerWithinMs }),
  ]);
  return running && ok;
}

async function isWell(week: Week, step: string, pilot: Agent): Promise<boolean> {
  const on = week.proxy(step, pilot.machine);
  const [{ state }, { ok }] = await Promise.all([
    on.programStatus({ program: programOf(pilot) }),
    on.probe({ url: agentTarget(pilot), timeoutMs: answerWithinMs }),
  ]);
  return state === 'RUNNING' && ok;
}

/** A pilot may be on its fallback for as long as it takes to try the primary again. */
export async function onPrimary(week: Week, step: string, pilot: Agent): Promise<boolean> {
  const { activeHub } = week.plan.migration.contract;
  if (!activeHub) return true;
  return (
    await week.proxy(step, pilot.machine).shown({
      url: agentTarget(pilot, activeHub.path),
      pointer: activeHub.pointer,
      want: [activeHub.primary],
      withinMs: returnWithin(week.plan),
    })
  ).found;
}

/** Half-open with back-off: a first trial that came too early doubles the wait. */
export function returnWithin({ migration }: Plan): number {
  return 3 * migration.failover.recoveryTimeout + 10_000;
}
