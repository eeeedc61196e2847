// Verdicts of EdgeHub: its configuration, scraping, remote write, alerts and storage.
import { minus, type Ranges, sizeOf, spellRanges } from '../../evidence/sequence-sets.ts';
import type { DirectoryState } from '../../machine-api/files.ts';
import type { HubStatus, PrometheusActivities, Series, Target } from '../../machine-api/prometheus.ts';
import type { LogMatches } from '../../machine-api/containers.ts';
import type { Evaluation } from '../../week/record.ts';
import { promDuration, promMs } from '../../schema/duration.ts';
import { fail, inconclusive, unless, unlessSeen } from '../shared/verdict.ts';
import type { EdgeHub } from './schema.ts';
import { cut } from '../../week/cut-text.ts';

type Queried = Awaited<ReturnType<PrometheusActivities['query']>>;

type Alerts = Awaited<ReturnType<PrometheusActivities['alerts']>>;

/** The retention that was asked for is the one Prometheus runs with; what it really keeps is whole 2 h blocks. */
export function retentionIs(wantedMs: number, spelled: string) {
  return ({ retention, oldestSampleMs }: HubStatus): Evaluation => {
    if (!retention) return inconclusive('the hub did not say its retention');
    return unless(
      [promMs(retention) !== wantedMs && `the hub runs with a retention of ${retention}; ${spelled} is wanted`],
      `retention ${retention}; whole 2 h blocks are kept until they are older than that`,
      { retention, oldestSample: oldestSampleMs ? new Date(oldestSampleMs).toISOString() : null },
    );
  };
}

/** What EdgeHub runs, and not only what was written to its file. */
export function globalRuns({
  scrapeInterval,
  externalLabels,
  rulesFile,
}: Pick<EdgeHub, 'scrapeInterval' | 'externalLabels' | 'rulesFile'>) {
  return ({ scrapeInterval: interval, running }: HubStatus): Evaluation => {
    if (!running) return inconclusive('the hub did not say what it runs');
    return unless(
      [
        promMs(interval) !== scrapeInterval &&
          `it scrapes every ${interval}; ${promDuration(scrapeInterval)} is wanted`,
        ...Object.entries(externalLabels).map(
          ([label, value]) =>
            running.externalLabels[label] !== value &&
            `its external label ${label} is ${running.externalLabels[label] ?? 'missing'}; ${value} is wanted`,
        ),
        // Prometheus names it with its directory.
        !running.ruleFiles.some((file) => `/${file}`.endsWith(`/${rulesFile}`)) &&
          `it takes rules from ${running.ruleFiles.join(', ') || 'no file'}; ${rulesFile} is wanted`,
      ],
      `scrape interval ${interval}, as it runs`,
      { scrapeInterval: interval },
    );
  };
}

export function remoteWriteRuns(central: string, wanted: EdgeHub['remoteWrite']) {
  return ({ running }: HubStatus): Evaluation => {
    if (!running) return inconclusive('the hub did not say what it runs');
    const found = running.remoteWrites.find(({ url }) => url.startsWith(`${central}/`));
    const is = (key: string, milliseconds: number) =>
      promMs(String(found?.queue[key] ?? '')) !== milliseconds &&
      `its ${key} is ${found?.queue[key] ?? 'missing'}; ${promDuration(milliseconds)} is wanted`;
    const counts = (key: string, number: number) =>
      found?.queue[key] !== number && `its ${key} is ${found?.queue[key] ?? 'missing'}; ${number} is wanted`;
    return unless(
      found
        ? [
            is('min_backoff', wanted.minBackoff),
            is('max_backoff', wanted.maxBackoff),
            is('batch_send_deadline', wanted.batchSendDeadline),
            counts('capacity', wanted.capacity),
            counts('max_shards', wanted.maxShards),
          ]
        : [
            `it writes to ${running.remoteWrites.map(({ url }) => url).join(', ') || 'no other hub'}; ${central} is wanted`,
          ],
      `remote write to ${central}, as it runs`,
      { minBackoff: promDuration(wanted.minBackoff), maxBackoff: promDuration(wanted.maxBackoff) },
    );
  };
}

/** Of itself, and of each agent beside it. */
export function jobsRun(own: string, agents: string[]) {
  return ({ running }: HubStatus): Evaluation => {
    if (!running) return inconclusive('the hub did not say what it runs');
    const targets = Object.values(running.targets).flat();
    return unless(
      [
        !running.targets[own] && `it has no job ${own}, of itself`,
        ...agents.filter((agent) => !targets.includes(agent)).map((agent) => `no job of it scrapes ${agent}`),
      ],
      `scrape jobs for ${agents.length} agents, as it runs`,
      { jobs: Object.keys(running.targets) },
    );
  };
}

export function configLoaded(jobs: string[]) {
  return ({ status, log }: { status: HubStatus; log: LogMatches }): Evaluation => {
    if (log.lines === 0) return inconclusive('the container has no log');
    const missing = jobs.filter((job) => !status.jobs.includes(job));
    return unless(
      [
        !status.reloadSuccessful && 'prometheus_config_last_reload_successful is 0',
        missing.length > 0 && `jobs ${missing.join(', ')} are not in the running configuration`,
        log.matches > 0 && `the log has errors: ${log.first[0] ?? ''}`,
      ],
      `${status.jobs.length} jobs loaded, ${log.lines} log lines without an error`,
      { jobs: status.jobs, version: status.version },
    );
  };
}

/** Targets of these jobs are up, and one of their samples is stored, within the plan's time. */
export function scraping(jobs: string[], withinMs: number) {
  return ({
    targets,
    stored,
  }: {
    targets: { targets: Target[]; waitedMs: number; error?: string };
    stored: Queried;
  }): Evaluation => {
    if (targets.targets.length === 0) return inconclusive(`no targets: ${targets.error ?? 'none configured'}`);
    const seen = targets.targets.filter((target) => jobs.includes(target.job));
    const down = seen.filter((target) => target.health !== 'up');
    const waitedMs = targets.waitedMs + stored.waitedMs;
    return unlessSeen(
      [
        jobs.some((job) => !seen.some((target) => target.job === job)) && 'a job has no target',
        down.length > 0 &&
          `${down.map((target) => `${target.job} ${target.instance}: ${target.lastError || target.health}`).join(', ')}`,
        stored.series.length === 0 &&
          !stored.unknown &&
          `no sample is stored after ${waitedMs} ms${stored.error ? `: ${stored.error}` : ''}`,
        waitedMs > withinMs && !stored.unknown && `it took ${waitedMs} ms; ${withinMs} ms are allowed`,
      ],
      stored.unknown ? [`nobody sees what is stored: ${stored.error}`] : [],
      `${seen.length} targets up, first samples stored after ${(waitedMs / 1000).toFixed(1)} s`,
      { targets: seen.map((target) => `${target.job} ${target.instance}`), waitedMs },
    );
  };
}

/** A sample went through: found in CentralHub with EdgeHub's label, in time, with failed and dropped standing still. */
export function remoteWriteWorks(withinMs: number) {
  return ({
    found,
    before,
    after,
    at,
  }: {
    found: Queried;
    before: Series[];
    after: Series[];
    at: number;
  }): Evaluation => {
    const [sample] = found.series;
    if (!sample)
      return (found.unknown ? inconclusive : fail)(
        `no sample with EdgeHub's label in CentralHub after ${found.waitedMs} ms: ${found.error ?? 'no series'}`,
      );
    const total = (series: Series[]) => series.reduce((sum, { value }) => sum + value, 0);
    if (after.length === 0) return inconclusive('EdgeHub shows no remote write counters');
    const lost = total(after) - total(before);
    const lagMs = Math.max(0, at - sample.value * 1000);
    return unless(
      [
        lost > 0 && `${lost} samples failed or were dropped`,
        lagMs > withinMs && `the newest sample is ${Math.round(lagMs)} ms old; ${withinMs} ms are allowed`,
      ],
      `newest sample ${(lagMs / 1000).toFixed(1)} s old in CentralHub, none failed or dropped`,
      { lagMs: Math.round(lagMs), failedOrDropped: lost, labels: cut(JSON.stringify(sample.labels), 80) },
    );
  };
}

export function alertFires(alert: string) {
  return ({ rules, firing, waitedMs, error }: Alerts): Evaluation => {
    if (rules.length === 0) return inconclusive(`no rules are loaded: ${error ?? ''}`);
    return unless(
      [
        !rules.includes(alert) && `the rule ${alert} is not loaded`,
        !firing.includes(alert) && `${alert} does not fire after ${waitedMs} ms`,
      ],
      `${rules.length} rules loaded, ${alert} fires`,
      { rules: rules.length, firing },
    );
  };
}

/** What was stored before the restart is still there, and the container really restarted. */
export function keptItsSamples({
  before,
  after,
  startedBefore,
  startedAfter,
  ready,
}: {
  before: { sequences: Ranges; samples: number };
  after: { sequences: Ranges; samples: number };
  startedBefore: string;
  startedAfter: string;
  ready: { ok: boolean; waitedMs: number; unknown?: true; error?: string };
}): Evaluation {
  if (before.samples === 0) return inconclusive('there were no samples before the restart');
  const lost = minus(before.sequences, after.sequences);
  const notReady = `not ready ${ready.waitedMs} ms after the restart${ready.error ? `: ${ready.error}` : ''}`;
  return unlessSeen(
    [
      startedBefore === startedAfter && 'the container did not restart',
      !ready.ok && !ready.unknown && notReady,
      sizeOf(lost) > 0 && `${sizeOf(lost)} of ${before.samples} samples are gone: ${spellRanges(lost)}`,
      after.samples < before.samples && `${after.samples} samples are there; ${before.samples} were`,
    ],
    !ready.ok && ready.unknown ? [notReady] : [],
    `ready ${ready.waitedMs} ms after the restart, all ${before.samples} earlier samples there`,
    { samples: before.samples, lost: Math.max(sizeOf(lost), before.samples - after.samples), readyMs: ready.waitedMs },
  );
}

export function storageIsSound(owner: string, floorBytes: number) {
  return (found: DirectoryState): Evaluation =>
    unless(
      [
        !found.exists && `${found.path} is not there`,
        found.owner !== owner && `${found.path} belongs to ${found.owner}; ${owner} is wanted`,
        !/^[67]/.test(found.mode) && `${found.path} has mode ${found.mode}; its owner can't write`,
        found.freeBytes < floorBytes &&
          `${Math.round(found.freeBytes / 2 ** 20)} MiB free; the plan wants ${Math.round(floorBytes / 2 ** 20)} MiB`,
      ],
      `owner ${found.owner}, mode ${found.mode}, ${(found.freeBytes / 2 ** 30).toFixed(1)} GiB free`,
      { owner: found.owner, mode: found.mode, freeBytes: found.freeBytes },
    );
}
