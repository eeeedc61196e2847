// Task 2A: EdgeHub on its machine: 2A.*.
import { patched } from '@temporalio/workflow';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { promDuration } from '../../../plan/schema/duration.ts';
import { looksByDay } from '../../../plan/schema/days.ts';
import { adopts, serviceOf } from '../../../plan/schema/plan.ts';
import { containerSpec } from '../../../plan/tasks/container-spec.ts';
import { agentJobNames } from '../../../plan/tasks/edgehub/agent-jobs.ts';
import { edgeRules, watchdogAlert } from '../../../plan/tasks/edgehub/alerts.ts';
import { edgeConfig } from '../../../plan/tasks/edgehub/config.ts';
import {
  alertFires,
  configLoaded,
  globalRuns,
  jobsRun,
  keptItsSamples,
  remoteWriteRuns,
  remoteWriteWorks,
  retentionIs,
  scraping,
  storageIsSound,
} from '../../../plan/tasks/edgehub/verdicts.ts';
import { storageDirectory } from '../../../plan/tasks/edgehub/storage.ts';
import { configDirectory } from '../../../plan/tasks/shared/config-directory.ts';
import {
  answered,
  asSpecified,
  configIsValid,
  freeOrOurs,
  ownedBy,
  reachableFromAll,
  runningAndReady,
  sameImage,
} from '../../../plan/tasks/shared/container.ts';
import { written } from '../../../plan/tasks/shared/files.ts';
import { noWorse } from '../../../plan/tasks/shared/health.ts';
import { hubTarget, hubUrl } from '../../../plan/tasks/shared/hubs.ts';
import type { Week } from '../../week.ts';
import { notAfter } from '../../windows.ts';
import { everywhere, healthOfWeek, imageOn, placeOf, probeFromAll, unwell, whose } from '../shared/asks.ts';
import { checkpoint } from '../shared/checkpoint.ts';
import { edgeHubHolds } from './checkpoint.ts';
import { promtool, remoteWrite, remoteWriteLag, restartAndCompare, scrapes, watchdogAt } from './checks.ts';

/** Errors in Prometheus' own log format, of 2.x and 3.x. */
const logErrors = ['level=(error|ERROR)', '"level":"error"', 'Error loading config'];
/** With TLS it logs as an error of its own what is one of who asks: a port that is only looked at, an authority that is not trusted. */
const ofClients = 'http: TLS handshake error';

export async function deployEdgeHub(week: Week): Promise<void> {
  const { plan } = week;
  const edge = serviceOf(plan, 'edge-hub');
  const central = serviceOf(plan, 'central-hub');
  const host = week.on(edge.machine);
  const change = (step: string) => ({ run: week.state.run, step });
  const config = configDirectory(edge);
  const configPath = `${config.path}/${edge.configFile}`;
  const image = imageOn(week, edge.machine, edge.image);
  const spec = containerSpec(plan, edge, image);
  const watchdog = watchdogAt(week);
  const samples = storageDirectory(edge) ?? edge.directories[0]!;

  await week.task('2A', async () => {
    await week.together(
      () => host.step('2A.prepare.docker', (m) => m.dockerVersion(), answered),
      () => host.step('2A.prepare.port', (m) => placeOf(m, plan, edge), freeOrOurs(edge.name, whose(week, edge.name))),
    );
    await host.step(
      '2A.prepare.directories',
      (m) =>
        m.ensureDirectories({
          change: change('2A.prepare.directories'),
          base: edge.base,
          directories: edge.directories,
          adopt: adopts(plan, edge.name),
        }),
      ownedBy(edge.directories),
    );

    const put = (step: string, path: string, content: string) => async (m: MachineActivities) => {
      const { sha256 } = await m.writeFile({ change: change(step), path, content, owner: config.owner });
      return { sha256, onDisk: (await m.digestFile({ path })).sha256 };
    };
    const configuration = edgeConfig(plan);
    const files = ['2A.config.global', '2A.config.remote-write', '2A.config.scrape'];
    // In a history of before, the file is all that is looked at.
    const looksAtRunning = patched('rows-can-fail');
    const agents = plan.agents.filter((agent) => agent.machine === edge.machine);
    if (!looksAtRunning)
      await week.group(
        files,
        edge.machine,
        (on) => put('2A.config.global', configPath, configuration)(on(edge.machine)),
        (found) => ({
          '2A.config.global': written(`scrape interval ${promDuration(edge.scrapeInterval)}`, { file: configPath })(
            found,
          ),
          '2A.config.remote-write': written(`remote write to ${hubUrl(central)}`, {
            minBackoff: promDuration(edge.remoteWrite.minBackoff),
            maxBackoff: promDuration(edge.remoteWrite.maxBackoff),
          })(found),
          '2A.config.scrape': written(`scrape jobs for ${agents.length} agents`)(found),
        }),
      );
    const rules = put('2A.config.alerts', `${config.path}/${edge.rulesFile}`, edgeRules(plan, week.state.run));
    await host.step(
      '2A.config.alerts',
      async (m) => {
        // In the name of the row that is under way: those of the files are looked at when EdgeHub runs.
        if (looksAtRunning && !files.every((id) => week.settled(id)))
          await put('2A.config.alerts', configPath, configuration)(m);
        return rules(m);
      },
      written('alerting rules', { file: edge.rulesFile }),
    );
    await host.check('2A.config.valid', (m) => promtool(m, plan, image), configIsValid);

    await host.step(
      '2A.deploy.image',
      (m) => m.ensureImage({ image: edge.image }),
      sameImage(week.fact(`image ${edge.image} on ${edge.machine}`)),
    );
    await host.step(
      '2A.deploy.container',
      async (m) => ({
        deployed: await m.deployContainer({
          change: change('2A.deploy.container'),
          spec,
          adopt: adopts(plan, edge.name),
          notAfterMs: notAfter(week, '2A.deploy.container'),
        }),
        state: await m.inspectContainer({ name: edge.name }),
      }),
      asSpecified(spec),
    );
    await host.check(
      '2A.deploy.healthy',
      async (m) => ({
        ready: await m.awaitReady({ url: hubTarget(edge, '/-/ready'), withinMs: 60_000 }),
        state: await m.inspectContainer({ name: edge.name }),
      }),
      runningAndReady,
    );
    if (looksAtRunning)
      await week.group(
        files,
        edge.machine,
        (on) => on(edge.machine).hubStatus({ hub: hubTarget(edge), whole: true }),
        (found) => ({
          '2A.config.global': globalRuns(edge)(found),
          '2A.config.remote-write': remoteWriteRuns(hubUrl(central), edge.remoteWrite)(found),
          '2A.config.scrape': jobsRun(
            edge.name,
            agents.map(({ machine, port }) => `${machine}:${port}`),
          )(found),
        }),
      );
    // Asked for in the command, but only the running Prometheus says what it really gives.
    await host.step(
      '2A.config.retention',
      (m) => m.hubStatus({ hub: hubTarget(edge) }),
      retentionIs(edge.retention, promDuration(edge.retention)),
    );

    await week.together(
      () =>
        week.step(
          '2A.check.accessible',
          everywhere(plan),
          (on) => probeFromAll(on, plan, hubTarget(edge, '/metrics')),
          reachableFromAll,
        ),
      () =>
        host.check(
          '2A.check.config-loaded',
          async (m) => ({
            status: await m.hubStatus({ hub: hubTarget(edge) }),
            log: await m.containerLog({
              name: edge.name,
              sinceMs: 0,
              patterns: logErrors,
              ...(edge.webConfigFile && { except: [ofClients] }),
            }),
          }),
          configLoaded(agentJobNames(plan)),
        ),
      () => host.check('2A.check.scraping', (m) => scrapes(m, plan), scraping(agentJobNames(plan), edge.scrapeWithin)),
      () =>
        host.check(
          '2A.check.storage',
          (m) => m.directoryState({ path: samples.path }),
          storageIsSound(samples.owner, edge.freeSpaceFloor),
        ),
      () =>
        week.step(
          '2A.check.remote-write',
          central.machine,
          (on) => remoteWrite(on, plan),
          remoteWriteWorks(remoteWriteLag(edge)),
        ),
      () =>
        host.check(
          '2A.check.alert',
          (m) => m.alerts({ hub: hubTarget(edge), alert: watchdogAlert, withinMs: 60_000 }),
          alertFires(watchdogAlert),
        ),
      ...(watchdog ? [() => host.check('2A.check.alertmanagers', watchdog.look, watchdog.judge)] : []),
    );
    await host.check('2A.check.restart', (m) => restartAndCompare(week, m, edge), keptItsSamples);
    await week.step(
      '2A.check.no-impact',
      central.machine,
      (on) => healthOfWeek(week, on),
      noWorse(unwell(week), week.fact('targets')),
    );
    if (looksByDay(plan)) await checkpoint(week, 'checkpoint.day-1', edgeHubHolds);
  });
}
