// Task 2B: a Pushgateway on each machine, scraped by the hubs: 2B.*.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { shortNames } from '../../../plan/names.ts';
import { looksByDay } from '../../../plan/schema/days.ts';
import { adopts, serviceOf, servicesOf } from '../../../plan/schema/plan.ts';
import { containerSpec } from '../../../plan/tasks/container-spec.ts';
import type { Pushgateway } from '../../../plan/tasks/pushgateways/schema.ts';
import { adoptedJobs, scrapeJobs } from '../../../plan/tasks/pushgateways/scrape-jobs.ts';
import { jobsAreUp, pushed, reloaded, survived, visible } from '../../../plan/tasks/pushgateways/verdicts.ts';
import { configPath } from '../../../plan/tasks/shared/config-directory.ts';
import { itsOwn } from '../../../plan/tasks/shared/promql.ts';
import {
  allAnswered,
  asSpecified,
  freeOrOurs,
  imagesResolved,
  ownedBy,
  reachableFromAll,
} from '../../../plan/tasks/shared/container.ts';
import { written } from '../../../plan/tasks/shared/files.ts';
import { gatewayTarget } from '../../../plan/tasks/shared/gateways.ts';
import { type Hub, hubTarget, reloadSpec } from '../../../plan/tasks/shared/hubs.ts';
import { impactWithin } from '../../../plan/tasks/shared/impact.ts';
import type { Week } from '../../week.ts';
import { notAfter } from '../../windows.ts';
import { everywhere, imageOn, placeOf, probeFromAll, scrapedWithin, whose } from '../shared/asks.ts';
import { checkpoint } from '../shared/checkpoint.ts';
import { beforeAndAfter, impactLimitsNow } from '../shared/impact.ts';
import { pushgatewaysHold } from './checkpoint.ts';
import { pushTest } from './checks.ts';

export async function deployPushgateways(week: Week): Promise<void> {
  const { plan } = week;
  const gateways = servicesOf(plan, 'pushgateway');
  const keys = shortNames(gateways.map((gateway) => gateway.name));
  const machines = gateways.map((gateway) => gateway.machine).join(', ');
  const central = serviceOf(plan, 'central-hub');
  const edge = serviceOf(plan, 'edge-hub');

  await week.task('2B', async () => {
    await week.step(
      '2B.prepare.docker',
      machines,
      (on) => Promise.all(gateways.map((gateway) => on(gateway.machine).dockerVersion())),
      allAnswered,
    );
    await week.step(
      '2B.prepare.image',
      machines,
      (on) =>
        Promise.all(
          gateways.map(async ({ machine, image }) => ({
            machine,
            image,
            is: await on(machine).ensureImage({ image }),
          })),
        ),
      imagesResolved,
    );
    await week.together(...gateways.map((gateway, index) => () => deploy(week, gateway, keys[index]!)));

    await week.together(
      () => addScrapeJobs(week, '2B.scrape.central', central, central.config),
      () => addScrapeJobs(week, '2B.scrape.edge', edge, configPath(edge)),
    );
    const hubs: Hub[] = [central, edge];
    const jobsOf = (hub: Hub) => scrapeJobs(plan, hub.name).map((job) => job.job_name);
    await week.step(
      '2B.scrape.reload',
      hubs.map((hub) => hub.machine).join(', '),
      (on) => Promise.all(hubs.map((hub) => reload(week, on(hub.machine), hub, jobsOf(hub)))),
      reloaded,
    );
    await week.step(
      '2B.scrape.active',
      hubs.map((hub) => hub.machine).join(', '),
      (on) =>
        Promise.all(
          hubs.map(async (hub) => ({
            hub: hub.name,
            jobs: jobsOf(hub),
            ...(await on(hub.machine).targets({
              hub: hubTarget(hub),
              jobs: jobsOf(hub),
              withinMs: scrapedWithin(week, hub, 60_000),
            })),
          })),
        ),
      jobsAreUp,
    );

    await week.together(
      ...gateways.map(
        (gateway, index) => () =>
          week
            .on(gateway.machine)
            .check(`2B.test.push-${keys[index]}`, (m) => pushTest(m, gateway), pushed(gateway.test.value)),
      ),
    );
    await week.step(
      '2B.test.visible',
      hubs.map((hub) => hub.machine).join(', '),
      (on) => testsInHubs(week, on),
      visible,
    );
    await week.step(
      '2B.test.persistence',
      machines,
      (on) => Promise.all(gateways.map((gateway) => restartAndRead(on(gateway.machine), gateway, week.state.run))),
      survived,
    );
    const impact = impactWithin(impactLimitsNow(week));
    await week.step(
      '2B.test.impact',
      everywhere(plan),
      (on) => beforeAndAfter(week, ['2B.test.impact'], on, (found) => [impact(found)]),
      impact,
    );
    if (looksByDay(plan)) await checkpoint(week, 'checkpoint.day-2', pushgatewaysHold);
  });
}

async function deploy(week: Week, gateway: Pushgateway, key: string): Promise<void> {
  const host = week.on(gateway.machine);
  const change = (step: string) => ({ run: week.state.run, step });
  const spec = containerSpec(week.plan, gateway, imageOn(week, gateway.machine, gateway.image));
  await host.step(
    `2B.${key}.port`,
    (m) => placeOf(m, week.plan, gateway),
    freeOrOurs(gateway.name, whose(week, gateway.name)),
  );
  await host.step(
    `2B.${key}.directory`,
    (m) =>
      m.ensureDirectories({
        change: change(`2B.${key}.directory`),
        base: gateway.base,
        directories: gateway.directories,
        adopt: adopts(week.plan, gateway.name),
      }),
    ownedBy(gateway.directories),
  );
  await host.step(
    `2B.${key}.container`,
    async (m) => ({
      deployed: await m.deployContainer({
        change: change(`2B.${key}.container`),
        spec,
        adopt: adopts(week.plan, gateway.name),
        notAfterMs: notAfter(week, `2B.${key}.container`),
      }),
      state: await m.inspectContainer({ name: gateway.name }),
    }),
    asSpecified(spec),
  );
  await week.step(
    `2B.${key}.accessible`,
    everywhere(week.plan),
    (on) => probeFromAll(on, week.plan, gatewayTarget(gateway, '/-/ready')),
    reachableFromAll,
  );
}

async function addScrapeJobs(week: Week, step: string, hub: Hub, path: string): Promise<void> {
  const jobs = scrapeJobs(week.plan, hub.name);
  await week.on(hub.machine).step(
    step,
    async (m) => {
      // Before the first edit; a step that is done again finds its own, and one of a week that was set back asks the ledger.
      if (week.fact(`original ${path}`) === undefined)
        week.keep(
          `original ${path}`,
          (await m.digestFile({ path, before: { run: week.state.run, task: '2B' } })).sha256,
        );
      const { sha256 } = await m.editFile({
        change: { run: week.state.run, step },
        path,
        edit: { kind: 'scrape-jobs', jobs },
        reload: reloadSpec(hub),
        adopt: adoptedJobs(week.plan),
        container: hub.name,
      });
      return { sha256, onDisk: (await m.digestFile({ path })).sha256 };
    },
    written(`scrape jobs ${jobs.map((job) => job.job_name).join(', ')}`, { file: path }),
  );
}

async function reload(week: Week, m: MachineActivities, hub: Hub, jobs: string[]) {
  return {
    hub: hub.name,
    jobs,
    reload: await m.reloadHub({ reload: reloadSpec(hub), jobs }),
    restartPolicy: (await m.inspectContainer({ name: hub.name })).restartPolicy,
    // CentralHub's is its owner's. A history of before goes on as it began, and wants the same of both.
    restart: hub.kind === 'edge-hub' || !week.asksOfScrapes ? 'always' : week.fact('bystanders')?.centralRestart,
  };
}

/** Each test metric in each hub that scrapes its gateway. */
async function testsInHubs(week: Week, on: (machine: string) => MachineActivities) {
  const { plan } = week;
  const edge = serviceOf(plan, 'edge-hub');
  const passedOn = edge.externalLabels;
  const hubs: Record<string, Hub> = {
    [serviceOf(plan, 'central-hub').name]: serviceOf(plan, 'central-hub'),
    [edge.name]: edge,
  };
  const wanted = servicesOf(plan, 'pushgateway').flatMap((gateway) =>
    gateway.scrapedBy.map((name) => ({ hub: hubs[name]!, gateway })),
  );
  return Promise.all(
    wanted.map(async ({ hub, gateway: { name, test } }) => {
      // By the scrape job too: EdgeHub's copies reach CentralHub by remote write as well and prove nothing of its own scraping.
      const own = itsOwn(test.metric, { job: test.job, instance: test.instance }, passedOn);
      const query = own.map((way) => `${way} == ${test.value}`).join(' or ');
      const withinMs = scrapedWithin(week, hub, 60_000);
      const seen = await on(hub.machine).query({ hub: hubTarget(hub), query, withinMs });
      return { hub: hub.name, metric: test.metric, value: test.value, gateway: name, ...seen };
    }),
  );
}

/** A restart in between; afterwards the test group is deleted, so that nothing of ours stays in the gateway. */
async function restartAndRead(m: MachineActivities, gateway: Pushgateway, run: string) {
  const group = { gateway: gatewayTarget(gateway), ...gateway.test };
  await m.pushMetric(group);
  const before = await m.inspectContainer({ name: gateway.name });
  await m.restartContainer({ name: gateway.name, stopGraceMs: gateway.stopGrace, run });
  await m.awaitReady({ url: gatewayTarget(gateway, '/-/ready'), withinMs: 30_000 });
  const { value } = await m.readPushed(group);
  await m.deletePushed(group);
  return {
    gateway: gateway.name,
    value: gateway.test.value,
    after: value,
    restarted: (await m.inspectContainer({ name: gateway.name })).startedAt !== before.startedAt,
  };
}
