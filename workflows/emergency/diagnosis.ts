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
    found(standing(week), (component) => howIs(week, step, component)),
    found(pilots, (pilot) => howIsPilot(week, step, pilot)),
  ]);
  const diagnosis = {
    components: components.down,
    agents: agents.down,
    unknown: [...components.unknown, ...agents.unknown],
  };
  // Without EdgeHub they are where they should be.
  const isTold = components.down.includes(primaryHub(plan).name) || agents.down.length > 0;
  if (isTold || diagnosis.unknown.length > 0) return diagnosis;
  const { down, unknown } = await found(pilots, (pilot) => onPrimary(week, step, pilot));
  return { ...diagnosis, agents: down, unknown };
}

/** What the week has not made yet, or has undone, is not down. */
export function standing(week: Week): Made[] {
  const all = componentsOf(week.plan);
  const made = madeSoFar(week.plan, (id) => week.settled(id));
  const those = all.filter(({ name }) => made.has(name));
  // In a history of before all were looked at.
  return those.length === all.length || !patched('looks-at-what-stands') ? all : those;
}

/** Of one that nobody can see, why. */
type How = 'up' | 'down' | { unknown: string };

async function found<T extends { name: string }>(all: T[], look: (one: T) => Promise<How>) {
  const looks = await Promise.all(all.map(look));
  return {
    down: all.filter((_, index) => looks[index] === 'down').map(({ name }) => name),
    unknown: looks.flatMap((how, index) =>
      typeof how === 'string' ? [] : [{ name: all[index]!.name, why: how.unknown }],
    ),
  };
}

/** In a history of before, who asked and was refused took it for down. */
function seen({ refusedIsUnknown }: Week, ok: boolean, answer: { unknown?: true; error?: string }): How {
  if (answer.unknown && refusedIsUnknown) return { unknown: answer.error ?? '' };
  return ok ? 'up' : 'down';
}

export async function howIs(week: Week, step: string, component: Made): Promise<How> {
  const on = week.proxy(step, component.machine);
  const [{ running }, answer] = await Promise.all([
    on.inspectContainer({ name: component.name }),
    on.probe({ url: aliveTarget(component), timeoutMs: answerWithinMs }),
  ]);
  return running ? seen(week, answer.ok, answer) : 'down';
}

async function howIsPilot(week: Week, step: string, pilot: Agent): Promise<How> {
  const on = week.proxy(step, pilot.machine);
  const [{ state }, answer] = await Promise.all([
    on.programStatus({ program: programOf(pilot) }),
    on.probe({ url: agentTarget(pilot), timeoutMs: answerWithinMs }),
  ]);
  return state === 'RUNNING' ? seen(week, answer.ok, answer) : 'down';
}

/** A pilot may be on its fallback for as long as it takes to try the primary again. */
export async function onPrimary(week: Week, step: string, pilot: Agent): Promise<How> {
  const { activeHub } = week.plan.migration.contract;
  if (!activeHub) return 'up';
  const shown = await week.proxy(step, pilot.machine).shown({
    url: agentTarget(pilot, activeHub.path),
    pointer: activeHub.pointer,
    want: [activeHub.primary],
    withinMs: returnWithin(week.plan),
  });
  return seen(week, shown.found, shown);
}

/** Half-open with back-off: a first trial that came too early doubles the wait. */
export function returnWithin({ migration }: Plan): number {
  return 3 * migration.failover.recoveryTimeout + 10_000;
}
