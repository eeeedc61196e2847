// What is asked of EdgeHub, and of CentralHub about it: its files, its scrapes, what it writes, and what a restart leaves of it.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { type Plan, serviceOf } from '../../../plan/schema/plan.ts';
import { agentJobNames } from '../../../plan/tasks/edgehub/agent-jobs.ts';
import { alertmanagerUrls, alertsArrive, sentAgainMs } from '../../../plan/tasks/edgehub/alertmanagers.ts';
import { ofRun, watchdogAlert } from '../../../plan/tasks/edgehub/alerts.ts';
import type { EdgeHub } from '../../../plan/tasks/edgehub/schema.ts';
import { readOnlyBinds } from '../../../plan/tasks/read-only-binds.ts';
import { configDirectory } from '../../../plan/tasks/shared/config-directory.ts';
import { hubTarget } from '../../../plan/tasks/shared/hubs.ts';
import { labelName, selector } from '../../../plan/tasks/shared/promql.ts';
import { disturbance, restarted } from '../../watch/fault-window.ts';
import type { Week } from '../../week.ts';

/** Scrape, send deadline, and five seconds of slack. */
export function remoteWriteLag(edge: EdgeHub): number {
  return edge.scrapeInterval + edge.remoteWrite.batchSendDeadline + 5_000;
}

export async function promtool(m: MachineActivities, plan: Plan, image: string) {
  const edge = serviceOf(plan, 'edge-hub');
  const { path, mount } = configDirectory(edge);
  const run = async (what: string, command: string[]) => ({
    what,
    ...(await m.runOnce({
      image,
      entrypoint: ['/bin/promtool'],
      command,
      binds: [{ host: path, container: mount, readOnly: true }, ...readOnlyBinds(plan, edge)],
      timeoutMs: 30_000,
    })),
  });
  return [
    await run('configuration', ['check', 'config', `${mount}/${edge.configFile}`]),
    await run('rules', ['check', 'rules', `${mount}/${edge.rulesFile}`]),
  ];
}

export async function scrapes(m: MachineActivities, plan: Plan) {
  const edge = serviceOf(plan, 'edge-hub');
  return {
    targets: await m.targets({ hub: hubTarget(edge), jobs: agentJobNames(plan), withinMs: edge.scrapeWithin }),
    stored: await m.query({
      hub: hubTarget(edge),
      query: `${selector('up', { job: agentJobNames(plan)[0]! })} == 1`,
      withinMs: edge.scrapeWithin,
    }),
  };
}

/** The newest timestamp of a sample that EdgeHub scraped, as CentralHub has it. */
export async function remoteWrite(on: (machine: string) => MachineActivities, plan: Plan) {
  const [edge, central] = [serviceOf(plan, 'edge-hub'), serviceOf(plan, 'central-hub')];
  const lost = () =>
    on(edge.machine).query({
      hub: hubTarget(edge),
      query: '{__name__=~"prometheus_remote_storage_samples_(failed|dropped)_total"}',
      withinMs: 20_000,
    });
  const its = selector('up', { ...edge.externalLabels, job: agentJobNames(plan)[0]! });
  const by = Object.keys(edge.externalLabels).map(labelName).join(', ');
  const before = await lost();
  // Taken from now on: for five minutes CentralHub still answers with what an EdgeHub before this one wrote.
  const since = (Date.now() - plan.limits.clockSkew) / 1000;
  const found = await on(central.machine).query({
    hub: hubTarget(central),
    query: `max by (${by}) (timestamp(${its})) > ${since}`,
    withinMs: remoteWriteLag(edge) + edge.scrapeInterval,
  });
  return { found, before: before.series, after: (await lost()).series, at: (found.series[0]?.at ?? 0) * 1000 };
}

/** The alert that always fires, as the plan's Alertmanagers have it of this run's EdgeHub; undefined where it names none, as plans of before. */
export function watchdogAt({ plan, state }: Pick<Week, 'plan' | 'state'>) {
  const edge = serviceOf(plan, 'edge-hub');
  const alertmanagers = alertmanagerUrls(edge);
  if (alertmanagers.length === 0) return undefined;
  const withinMs = edge.scrapeInterval + sentAgainMs;
  const labels = { ...edge.externalLabels, ...ofRun(state.run) };
  return {
    look: (m: MachineActivities) =>
      m.alertsAt({ hub: hubTarget(edge), alert: watchdogAlert, labels, alertmanagers, withinMs }),
    judge: alertsArrive(watchdogAlert, alertmanagers, withinMs),
  };
}

export async function restartAndCompare(week: Week, m: MachineActivities, edge: EdgeHub) {
  const { startedAt } = await m.inspectContainer({ name: edge.name });
  // A counter of its own that grows with every scrape: each sample is a number that no other has.
  const selector = 'prometheus_tsdb_head_samples_appended_total{type!="histogram"}';
  await m.query({ hub: hubTarget(edge), query: selector, withinMs: 2 * edge.scrapeInterval + 5_000 });
  const toMs = Date.now();
  const window = { hub: hubTarget(edge), selector, fromMs: toMs - 10 * 60_000, toMs };
  const before = await m.readSequences(window);
  const { begins, over } = disturbance(week, edge.name);
  let ready: Awaited<ReturnType<MachineActivities['awaitReady']>>;
  try {
    await restarted(m, edge, week.state.run, begins);
    ready = await m.awaitReady({ url: hubTarget(edge, '/-/ready'), withinMs: 60_000 });
  } finally {
    over();
  }
  const after = await m.readSequences(window);
  return {
    before,
    after,
    startedBefore: startedAt,
    startedAfter: (await m.inspectContainer({ name: edge.name })).startedAt,
    ready,
  };
}
