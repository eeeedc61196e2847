// The last day: soak, and every task looked at afresh: 2D.soak, `week.*`, checkpoint.*.
import { patched } from '@temporalio/workflow';
import type { Agent } from '../../plan/schema/agent.ts';
import { pilotsOf, type Plan, serviceOf, servicesOf } from '../../plan/schema/plan.ts';
import { watchdogAlert } from '../../plan/tasks/edgehub/alerts.ts';
import { alertFires, remoteWriteWorks, scraping } from '../../plan/tasks/edgehub/verdicts.ts';
import { crossed, jetstreamRuns, oneCluster } from '../../plan/tasks/messaging/verdicts/cluster.ts';
import { agrees } from '../../plan/tasks/messaging/verdicts/resilience.ts';
import { complete, replicated } from '../../plan/tasks/messaging/verdicts/streams.ts';
import { dualHub } from '../../plan/tasks/pilots/verdicts/deployment.ts';
import { redundant } from '../../plan/tasks/pilots/verdicts/redundancy.ts';
import { inBothHubs } from '../../plan/tasks/pilots/verdicts/visibility.ts';
import { scrapeJobs } from '../../plan/tasks/pushgateways/scrape-jobs.ts';
import { jobsAreUp, pushed } from '../../plan/tasks/pushgateways/verdicts.ts';
import { healthUrl } from '../../plan/tasks/services.ts';
import { reachableFromAll } from '../../plan/tasks/shared/container.ts';
import { gatewayUrl } from '../../plan/tasks/shared/gateways.ts';
import { noWorse, undisturbed } from '../../plan/tasks/shared/health.ts';
import { hubUrl } from '../../plan/tasks/shared/hubs.ts';
import { every } from '../../plan/tasks/shared/verdict.ts';
import { heldUp } from '../../plan/tasks/shared/watched.ts';
import { programsRun } from '../../plan/tasks/soak/verdicts.ts';
import { forgetWindow, watch } from '../watch/window.ts';
import type { Week } from '../week.ts';
import type { On } from './contract.ts';
import { remoteWrite, remoteWriteLag, scrapes } from './edgehub/checks.ts';
import { clusterViews, crossings } from './messaging/cluster.ts';
import { sidesOf } from './messaging/machines.ts';
import { sendAndRead } from './messaging/messages.ts';
import { streamsEverywhere } from './messaging/streams.ts';
import { hubsShown, metricOf } from './pilots/checks.ts';
import { asksFor } from './pilots/observe.ts';
import { upInHubs } from './pilots/validation.ts';
import { pushTest } from './pushgateways/deploy.ts';
import { bystandersOf, everywhere, healthOf, probeFromAll, unwell } from './shared/asks.ts';
import { lossOf } from './shared/loss.ts';

const agreementLooks = 5;

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
      await week.step('week.redundancy', all, (on) => metricsInHubs(on, plan, pilots), redundant);
    else
      await week.step(
        'week.redundancy',
        all,
        (on) => upInHubs(on, plan, pilots, (agent) => metricOf(plan, agent)),
        inBothHubs,
      );
    await week.step(
      'week.health',
      all,
      (on) => probeFromAll(on, plan, ...plan.services.map(healthUrl)),
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
function metricsInHubs(on: On, plan: Plan, pilots: Agent[]) {
  const [edge, central] = [serviceOf(plan, 'edge-hub'), serviceOf(plan, 'central-hub')];
  return on(central.machine).metricsInHubs({
    hubs: { [edge.name]: hubUrl(edge), [central.name]: hubUrl(central) },
    targets: Object.fromEntries(pilots.map(({ name, machine, port }) => [name, `${machine}:${port}`])),
    notFrom: edge.externalLabels,
    withinMs: plan.migration.freshWithin,
  });
}

/** Each day's checkpoint, measured again now: what passed on Monday may not hold on Sunday. */
async function checkpoints(week: Week): Promise<void> {
  const all = everywhere(week.plan);
  await week.step(
    'checkpoint.day-1',
    all,
    (on) => edgeHubHolds(week, on),
    (found) => found,
  );
  await week.step(
    'checkpoint.day-2',
    all,
    (on) => pushgatewaysHold(week, on),
    (found) => found,
  );
  await week.step(
    'checkpoint.day-3',
    all,
    (on) => clusterHolds(week, on),
    (found) => found,
  );
  await week.step(
    'checkpoint.day-4',
    all,
    (on) => streamsHold(week, on),
    (found) => found,
  );
  await week.step(
    'checkpoint.day-7',
    all,
    (on) => pilotsHold(week, on),
    (found) => found,
  );
}

async function edgeHubHolds(week: Week, on: On) {
  const { plan } = week;
  const edge = serviceOf(plan, 'edge-hub');
  const [m, url] = [on(edge.machine), hubUrl(edge)];
  return every(
    {
      reachable: reachableFromAll(await probeFromAll(on, plan, `${url}/-/ready`)),
      scraping: scraping(['agents'], edge.scrapeWithin)(await scrapes(m, edge)),
      'remote write': remoteWriteWorks(remoteWriteLag(edge))(await remoteWrite(on, plan)),
      alerts: alertFires(watchdogAlert)(await m.alerts({ hub: url, alert: watchdogAlert, withinMs: 30_000 })),
      impact: noWorse(unwell(week), week.fact('targets'))(await healthOf(on, plan)),
    },
    'EdgeHub operational, scraping, writing to CentralHub, alerting',
  );
}

async function pushgatewaysHold({ plan }: Week, on: On) {
  const gateways = servicesOf(plan, 'pushgateway');
  const hubs = [serviceOf(plan, 'central-hub'), serviceOf(plan, 'edge-hub')];
  const pushes = await Promise.all(
    gateways.map(async (gateway) => {
      const evaluated = pushed(gateway.test.value)(await pushTest(on(gateway.machine), gateway));
      await on(gateway.machine).deletePushed({ gateway: gatewayUrl(gateway), ...gateway.test });
      return [`push to ${gateway.name}`, evaluated] as const;
    }),
  );
  const jobs = await Promise.all(
    hubs.map(async (hub) => ({
      hub: hub.name,
      jobs: scrapeJobs(plan, hub.name).map((job) => job.job_name),
      targets: (
        await on(hub.machine).targets({
          hub: hubUrl(hub),
          jobs: scrapeJobs(plan, hub.name).map((job) => job.job_name),
          withinMs: 30_000,
        })
      ).targets,
    })),
  );
  return every(
    { ...Object.fromEntries(pushes), 'scrape jobs': jobsAreUp(jobs) },
    `${gateways.length} Pushgateways take pushes and are scraped`,
  );
}

async function clusterHolds(week: Week, on: On) {
  const { plan } = week;
  const servers = servicesOf(plan, 'nats');
  const names = servers.map((server) => server.name);
  const views = await clusterViews(on, plan);
  return every(
    {
      cluster: oneCluster(plan.messaging.cluster, names)(views),
      jetstream: jetstreamRuns(names)(views),
      messaging: crossed(await crossings(on, servers, week.state.run)),
    },
    `${names.length} nodes in one cluster, messages cross`,
  );
}

async function streamsHold(week: Week, on: On) {
  const { plan } = week;
  const streams = await streamsEverywhere(on, plan);
  const { stay, goes } = sidesOf(plan);
  const sent = [];
  for (const stream of plan.messaging.streams)
    sent.push(await sendAndRead(week, on, `checkpoint.day-4.${stream.name}`, stream, stay, goes));
  const messages = complete(sent, 'any', lossOf());
  // What was lost is a loss here too; in a history of before it was a failure like another.
  const lost = week.findingsStay ? messages.evidence['lost'] : undefined;
  return every(
    {
      replicas: replicated(Object.fromEntries(plan.messaging.streams.map((stream) => [stream.name, stream.replicas])))(
        streams.map(({ state }) => state),
      ),
      messages,
      leaders: await agreement(week, on),
    },
    `${plan.messaging.streams.length} streams replicated, messages cross and are stored`,
    lost === undefined ? {} : { lost },
  );
}

/** The pilots publish meanwhile, so the servers are asked until they are caught at the same message. */
async function agreement(week: Week, on: On) {
  for (let look = 1; ; look += 1) {
    const evaluated = agrees({
      views: await clusterViews(on, week.plan),
      streams: await streamsEverywhere(on, week.plan),
    });
    if (evaluated.verdict === 'pass' || look === agreementLooks) return evaluated;
    await week.sleep(1_000, 'checkpoint.day-4', everywhere(week.plan));
  }
}

async function pilotsHold({ plan }: Week, on: On) {
  const pilots = pilotsOf(plan);
  const programs = await Promise.all(
    pilots.map(async (pilot) => ({
      agent: pilot.name,
      ...(await on(pilot.machine).programStatus({ program: pilot.program })),
    })),
  );
  const hubs = await Promise.all(
    pilots.map(async (pilot) => [pilot.name, dualHub(await hubsShown(on(pilot.machine), plan, pilot))] as const),
  );
  return every(
    {
      programs: programsRun(programs),
      ...Object.fromEntries(hubs),
      visibility: inBothHubs(await upInHubs(on, plan, pilots)),
    },
    `${pilots.length} pilots on both hubs`,
  );
}
