// A wave of pilots under observation, and what is sampled while agents are watched.
import { namesOfAgent } from '../../../plan/evidence/target-names.ts';
import type { Watched } from '../../../plan/evidence/watched.ts';
import type { Agent } from '../../../plan/schema/agent.ts';
import { isMade } from '../../../plan/schema/plan.ts';
import { healthTarget, taskOfKind } from '../../../plan/tasks/services.ts';
import { heldUp } from '../../../plan/tasks/shared/watched.ts';
import { askOfAgent } from '../../watch/ask-of-agent.ts';
import type { Asks } from '../../watch/slice.ts';
import { forgetWindow, watch } from '../../watch/window.ts';
import type { Week } from '../../week.ts';

/** Watches the wave and every component of the week. */
export async function observe(week: Week, wave: Agent[]): Promise<void> {
  const { plan, state } = week;
  const ids = wave.map((pilot) => `2D.deploy.${pilot.name}.observation`);
  const [first = ''] = ids;
  await week.group(
    ids,
    [...new Set(wave.map((pilot) => pilot.machine))].join(', '),
    async () => {
      const watched = await watch(week, {
        id: first,
        wantedMs: plan.watch.observation,
        asks: asksFor(week, wave),
        restartsAtMost: 0,
      });
      forgetWindow(week, first);
      return watched;
    },
    (watched) =>
      Object.fromEntries(
        wave.map((pilot, index) => {
          const evaluated = heldUp(plan.watch.observation, plan.watch)(only(watched, wave, pilot));
          return [
            ids[index]!,
            { ...evaluated, evidence: { ...evaluated.evidence, plannedMs: state.planned.observationMs } },
          ];
        }),
      ),
  );
}

/** One pilot's part of a wave's window: the components' and its own targets. */
function only(watched: Watched, wave: Agent[], pilot: Agent): Watched {
  const others = new Set(wave.filter((other) => other !== pilot).flatMap(namesOfAgent));
  const isOthers = (target: string) => others.has(target);
  return {
    ...watched,
    targets: Object.fromEntries(Object.entries(watched.targets).filter(([target]) => !isOthers(target))),
    restarted: watched.restarted.filter((name) => !isOthers(name)),
  };
}

/** What to sample while agents are watched: their health, program and active hub, and every service that is there by now. */
export function asksFor(week: Week, agents: Agent[]): Asks {
  const { plan } = week;
  const asks: Asks = {};
  const on = (machine: string) => (asks[machine] ??= { urls: {}, programs: [], containers: [], values: {} });
  for (const agent of agents) askOfAgent(plan, agent, on(agent.machine));
  const there = plan.services.filter((service) => !isMade(service) || week.isDone(taskOfKind(service.kind)));
  for (const service of there) {
    const ask = on(service.machine);
    ask.urls[service.name] = healthTarget(service);
    ask.containers.push(service.name);
  }
  return asks;
}
