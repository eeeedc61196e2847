// The last day: soak, and every task looked at afresh: 2D.soak, `week.*`, checkpoint.day-7.
import { patched } from '@temporalio/workflow';
import type { Agent } from '../../plan/schema/agent.ts';
import { placeOf, placesOf } from '../../plan/schema/endpoints.ts';
import { pilotsOf, serviceOf } from '../../plan/schema/plan.ts';
import { redundant } from '../../plan/tasks/pilots/verdicts/redundancy.ts';
import { inBothHubs } from '../../plan/tasks/pilots/verdicts/visibility.ts';
import { healthTarget } from '../../plan/tasks/services.ts';
import { reachableFromAll } from '../../plan/tasks/shared/container.ts';
import { undisturbed } from '../../plan/tasks/shared/health.ts';
import { hubTarget } from '../../plan/tasks/shared/hubs.ts';
import { heldUp } from '../../plan/tasks/shared/watched.ts';
import { lastLook } from '../../plan/tasks/soak/last-looks.ts';
import { forgetWindow, watch } from '../watch/window.ts';
import type { Week } from '../week.ts';
import type { On } from './contract.ts';
import { edgeHubHolds } from './edgehub/checkpoint.ts';
import { clusterHolds, streamsHold } from './messaging/checkpoints.ts';
import { metricOf } from './pilots/checks.ts';
import { pilotsHold } from './pilots/checkpoint.ts';
import { asksFor } from './pilots/observe.ts';
import { storedInHubs } from './pilots/validation.ts';
import { pushgatewaysHold } from './pushgateways/checkpoint.ts';
import { bystandersOf, everywhere, probeFromAll, scrapedWithin } from './shared/asks.ts';
import { checkpoint } from './shared/checkpoint.ts';

export async function soak(week: Week): Promise<void> {
  const { plan, state } = week;
  const all = everywhere(plan);
  const pilots = pilotsOf(plan);
  await week.task('soak', async () => {
    await week.step(
      '2D.soak',
      all,
      async () => {
        const watched = await watch(week, {
          id: '2D.soak',
          wantedMs: plan.watch.soak,
          asks: asksFor(week, plan.agents),
          restartsAtMost: plan.watch.soakOnIssue === 'restart' ? plan.watch.soakRestartsAtMost : 0,
        });
        forgetWindow(week, '2D.soak');
        return watched;
      },
      (watched) => {
        const evaluated = heldUp(plan.watch.soak, plan.watch)(watched);
        return { ...evaluated, evidence: { ...evaluated.evidence, plannedMs: state.planned.soakMs } };
      },
    );
    if (patched('each-hub-by-its-own-way'))
      await week.step('week.redundancy', all, (on) => metricsInHubs(week, on, pilots), redundant);
    else
      await week.step(
        'week.redundancy',
        all,
        (on) => storedInHubs(on, plan, pilots, (agent) => metricOf(plan, agent)),
        inBothHubs,
      );
    await week.step(
      'week.health',
      all,
      (on) => probeFromAll(on, plan, ...plan.services.map(healthTarget)),
      reachableFromAll,
    );
    await week.step(
      'week.stability',
      all,
      async (on) => ({ before: week.fact('bystanders'), after: await bystandersOf(on, plan) }),
      (found) => undisturbed(found, patched('rows-can-fail')),
    );
    await checkpoints(week);
  });
}

/** What each hub scrapes of the pilots itself, with what EdgeHub passes on to CentralHub left out. */
function metricsInHubs(week: Week, on: On, pilots: Agent[]) {
  const { plan } = week;
  const [edge, central] = [serviceOf(plan, 'edge-hub'), serviceOf(plan, 'central-hub')];
  return on(central.machine).metricsInHubs({
    hubs: { [edge.name]: hubTarget(edge), [central.name]: hubTarget(central) },
    targets: Object.fromEntries(pilots.map((pilot) => [pilot.name, placeOf(pilot)])),
    at: placesOf(plan, pilots),
    notFrom: edge.externalLabels,
    withinMs: scrapedWithin(week, central, plan.migration.freshWithin),
  });
}

/** Each day's checkpoint, measured again now: what passed on Monday may not hold on Sunday. */
async function checkpoints(week: Week): Promise<void> {
  const { plan } = week;
  await checkpoint(week, lastLook(plan, 1), edgeHubHolds);
  await checkpoint(week, lastLook(plan, 2), pushgatewaysHold);
  await checkpoint(week, lastLook(plan, 3), clusterHolds);
  await checkpoint(week, lastLook(plan, 4), streamsHold);
  await checkpoint(week, 'checkpoint.day-7', pilotsHold);
}
