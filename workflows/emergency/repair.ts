// Emergency levels 1 and 2: mend one thing, look whether it is well, and leave an incident: `emergency.1.component`, `emergency.2.agent`.
import { programOf } from '../../plan/schema/agent.ts';
import { isCancellation } from '@temporalio/workflow';
import { type Diagnosis, unknownText } from '../../plan/evidence/triage.ts';
import { type Made, pilotsOf, type Plan } from '../../plan/schema/plan.ts';
import { aliveTarget, componentsOf } from '../../plan/tasks/services.ts';
import { beforeOf } from '../../plan/tasks/shared/own-changes.ts';
import { centralOnly } from '../../plan/tasks/shared/undone.ts';
import { deployedPilots } from '../../plan/tasks/steps.ts';
import { type Action, type Incident, limitOf } from '../../plan/week/incident.ts';
import { failureText } from '../machine/failures.ts';
import { HistoryIsLong } from '../orders/interruptions.ts';
import type { Repair } from '../../plan/week/order.ts';
import { forgetLives } from '../watch/window.ts';
import { taskRuns } from '../tasks/index.ts';
import { hubsAfter } from '../tasks/shared/undone.ts';
import type { Week } from '../week.ts';
import { diagnose, howIs, onPrimary } from './diagnosis.ts';
import { announceIncident, leaveIncident } from './incidents.ts';
import { undoAgent } from './rollback.ts';
import { cut } from '../../plan/week/cut-text.ts';

/** By the names of a window: of a component its container, of a pilot its program. */
export function isMended({ agents }: Plan, named: string | null): (target: string) => boolean {
  const names = named?.split(', ') ?? [];
  const programs = agents.filter(({ name }) => names.includes(name)).map((agent) => `program ${programOf(agent)}`);
  const targets = [...programs, ...names.map((name) => `container ${name}`)];
  return (target) => targets.includes(target);
}

type Mended = Pick<Incident, 'result' | 'actions' | 'target'>;

/** Carries it out and gives the incident. Only a rollback interrupts it. */
export async function repair(week: Week, order: Repair): Promise<Incident> {
  const { level, trigger, at } = order;
  const target = level === 1 ? (order.component ?? null) : order.agent;
  let mended: Mended = { result: 'interrupted', actions: [], target };
  const step = `emergency.${level}`;
  announceIncident(week, level, target, trigger);
  await week.repairing(step, target ?? 'the week', async () => {
    mended = level === 1 ? await restart(week, step, order.component) : await restore(week, step, order.agent);
  });
  forgetLives(week.state, isMended(week.plan, mended.target));
  const over = leaveIncident(week, { level, trigger, startedAt: at, ...mended });
  if (over.result === 'recovered' && level === 1) await pilotsReturn(week, step);
  return over;
}

/** Level 1: finds the failing components when none is named, restarts them, and looks at all of them. */
async function restart(week: Week, step: string, named: string | undefined): Promise<Mended> {
  const { plan } = week;
  const actions: Action[] = [];
  let unwell: string[] = [];
  const down = named
    ? [named]
    : await timed(actions, 'probe all components', 'all', async () => {
        const { components, agents, unknown } = await diagnose(week, step);
        unwell = [...agents, ...unknown.map(({ name }) => name)];
        return { value: components, result: resultOf(components, unknown) };
      });
  const failing = componentsOf(plan).filter(({ name }) => down?.includes(name));
  await Promise.all(failing.map((component) => restartOne(week, step, component, actions)));
  // All of it was looked at, and is well. A look that did not come about has no answer.
  if (down?.length === 0 && unwell.length === 0 && week.findingsStay)
    return { result: 'false alarm', actions, target: null };
  const well =
    failing.length > 0 &&
    (await timed(actions, 'look at all components', 'all', async () => {
      const { components, unknown } = await diagnose(week, step);
      const unseen = unknown.filter(({ name }) => componentsOf(plan).some((one) => one.name === name));
      return { value: components.length + unseen.length === 0, result: resultOf(components, unseen) };
    }));
  return {
    result: well ? 'recovered' : 'failed',
    actions,
    target: named ?? (failing.map(({ name }) => name).join(', ') || null),
  };
}

function resultOf(down: string[], unknown: Diagnosis['unknown']): string {
  const said = [
    ...(down.length > 0 ? [`${down.join(', ')} down`] : []),
    ...(unknown.length > 0 ? [`nobody can tell how ${unknownText(unknown)}`] : []),
  ];
  return said.join('; ') || 'all of them answer';
}

async function restartOne(week: Week, step: string, component: Made, actions: Action[]): Promise<void> {
  const { name, machine, stopGrace } = component;
  const on = week.proxy(step, machine);
  await timed(actions, `restart ${name}`, machine, async () => {
    const { startedAt } = await on.restartContainer({ name, stopGraceMs: stopGrace, run: week.state.run });
    return { value: undefined, result: `started ${startedAt}` };
  });
  await timed(actions, `await ${name}`, machine, async () => {
    const { ok, status, error, waitedMs } = await on.awaitReady({
      url: aliveTarget(component),
      withinMs: limitOf(week.plan, 1) / 2,
    });
    for (const { restarted } of Object.values(taskRuns)) {
      // Nothing is awaited that is not asked: where two components come back at once the order of commands is theirs.
      const more = restarted?.(on, week.plan, component);
      if (more) await more;
    }
    const up = ok && (await howIs(week, step, component)) === 'up';
    return { value: undefined, result: up ? `well after ${waitedMs} ms` : (error ?? `answers ${status}`) };
  });
}

/** Level 2: the agent goes back to its original configuration, on CentralHub only; the week may migrate it again afterwards. */
async function restore(week: Week, step: string, agent: string): Promise<Mended> {
  const { plan } = week;
  const pilot = pilotsOf(plan).find(({ name }) => name === agent)!;
  const actions: Action[] = [];
  const restored = await timed(actions, 'stop, restore, start', pilot.machine, async () => {
    const undone = await undoAgent(week, step, pilot);
    const failed = undone.find(({ result }) => result === 'failed' || result === 'left');
    return {
      value: undone.length > 0 && !failed,
      result:
        undone.length === 0
          ? 'it was not migrated: nothing to restore'
          : failed
            ? `${failed.result}: ${failed.detail ?? ''}`
            : 'restored',
    };
  });
  const central = await timed(actions, 'verify CentralHub only', pilot.machine, async () => {
    const evaluated = centralOnly(plan.migration.contract.activeHub?.central ?? '')([
      await hubsAfter(week.proxy(step, pilot.machine), plan, pilot, beforeOf(week.fact('before'), pilot.name)),
    ]);
    return { value: evaluated.verdict !== 'fail', result: evaluated.summary };
  });
  return { result: restored && central ? 'recovered' : 'failed', actions, target: agent };
}

/** While EdgeHub was away they went to the fallback, where they stay for a while. */
async function pilotsReturn(week: Week, step: string): Promise<void> {
  const migrated = deployedPilots(week.plan, (id) => week.settled(id));
  await Promise.all(migrated.map((pilot) => onPrimary(week, step, pilot).catch(() => 'down')));
}

/** Does one action; what goes wrong in it is its result. */
async function timed<T>(
  actions: Action[],
  what: string,
  machine: string,
  act: () => Promise<{ value: T; result: string }>,
): Promise<T | undefined> {
  const began = Date.now();
  const done = (result: string) => actions.push({ what, machine, result: cut(result, 160), ms: Date.now() - began });
  try {
    const { value, result } = await act();
    done(result);
    return value;
  } catch (error) {
    if (isCancellation(error) || error instanceof HistoryIsLong) throw error;
    done(failureText(error));
    return undefined;
  }
}
