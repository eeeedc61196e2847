// Judges of hubs and Pushgateways: tasks 2A and 2B.
import type { HubStatus, Impact, LogMatches, Prometheus, Series, Target } from '../../machine-api/index.ts';
import { sizeOf, spellRanges, minus, type Ranges } from '../../evidence/sequence-sets.ts';
import type { Judgement } from '../../week/record.ts';
import { fail, inconclusive, unless } from '../shared/verdict.ts';

type Queried = Awaited<ReturnType<Prometheus['query']>>;
type Reloaded = Awaited<ReturnType<Prometheus['reloadHub']>>;
type Alerts = Awaited<ReturnType<Prometheus['alerts']>>;

/** The file on the machine is the one that the plan renders. */
export function written(what: string, evidence: Judgement['evidence'] = {}) {
  return ({ sha256, onDisk }: { sha256: string; onDisk: string | null }): Judgement =>
    unless(
      [
        sha256 !== onDisk &&
          `the file's digest is ${onDisk?.slice(0, 12) ?? 'missing'}; ${sha256.slice(0, 12)} was written`,
      ],
      what,
      { ...evidence, sha256: sha256.slice(0, 16) },
    );
}

/** The retention that was asked for is the one Prometheus runs with; what it really keeps is whole 2 h blocks. */
export function retentionIs(wantedMs: number, spelled: string) {
  return ({ retention, oldestSampleMs }: HubStatus): Judgement => {
    if (!retention) return inconclusive('the hub did not say its retention');
    return unless(
      [promMs(retention) !== wantedMs && `the hub runs with a retention of ${retention}; ${spelled} is wanted`],
      `retention ${retention}; whole 2 h blocks are kept until they are older than that`,
      { retention, oldestSample: oldestSampleMs ? new Date(oldestSampleMs).toISOString() : null },
    );
  };
}

/** "5m", "1h30m", "15d" → ms. */
function promMs(text: string): number {
  const units: Record<string, number> = {
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
    w: 604_800_000,
    y: 31_536_000_000,
  };
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  );
}

export function configLoaded(jobs: string[]) {
  return ({ status, log }: { status: HubStatus; log: LogMatches }): Judgement => {
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
  }): Judgement => {
    if (targets.targets.length === 0) return inconclusive(`no targets: ${targets.error ?? 'none configured'}`);
    const seen = targets.targets.filter((target) => jobs.includes(target.job));
    const down = seen.filter((target) => target.health !== 'up');
    const waitedMs = targets.waitedMs + stored.waitedMs;
    return unless(
      [
        jobs.some((job) => !seen.some((target) => target.job === job)) && 'a job has no target',
        down.length > 0 &&
          `${down.map((target) => `${target.job} ${target.instance}: ${target.lastError || target.health}`).join(', ')}`,
        stored.series.length === 0 && `no sample is stored after ${waitedMs} ms`,
        waitedMs > withinMs && `it took ${waitedMs} ms; ${withinMs} ms are allowed`,
      ],
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
  }): Judgement => {
    const [sample] = found.series;
    if (!sample)
      return fail(
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
      { lagMs: Math.round(lagMs), failedOrDropped: lost, labels: JSON.stringify(sample.labels).slice(0, 80) },
    );
  };
}

export function alertFires(alert: string) {
  return ({ rules, firing, waitedMs, error }: Alerts): Judgement => {
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
  ready: { ok: boolean; waitedMs: number };
}): Judgement {
  if (before.samples === 0) return inconclusive('there were no samples before the restart');
  const lost = minus(before.sequences, after.sequences);
  return unless(
    [
      startedBefore === startedAfter && 'the container did not restart',
      !ready.ok && `not ready ${ready.waitedMs} ms after the restart`,
      sizeOf(lost) > 0 && `${sizeOf(lost)} of ${before.samples} samples are gone: ${spellRanges(lost)}`,
      after.samples < before.samples && `${after.samples} samples are there; ${before.samples} were`,
    ],
    `ready ${ready.waitedMs} ms after the restart, all ${before.samples} earlier samples there`,
    { samples: before.samples, lost: sizeOf(lost), readyMs: ready.waitedMs },
  );
}

/** Targets of CentralHub, and agents asked directly. */
export interface Health {
  targets: Target[];
  agents: { name: string; ok: boolean; error?: string }[];
}

/** Names of targets that are not up and of agents that are not healthy. */
export function whoIsUnwell({ targets, agents }: Health): string[] {
  return [
    ...targets.filter(({ health }) => health !== 'up').map(nameOf),
    ...agents.filter(({ ok }) => !ok).map(({ name }) => `agent ${name}`),
  ];
}

/** Nobody who was well before is unwell now; `before` are the unwell of then. */
export function noWorse(before: string[]) {
  return (found: Health): Judgement => {
    const { targets, agents } = found;
    if (targets.length === 0 || agents.length === 0) return inconclusive('no targets or no agents were looked at');
    const stillUnwell = whoIsUnwell(found).filter((name) => before.includes(name));
    return unless(
      [
        ...targets
          .filter((target) => target.health !== 'up' && !before.includes(nameOf(target)))
          .map((target) => `${nameOf(target)} is ${target.health}`),
        ...agents
          .filter(({ name, ok }) => !ok && !before.includes(`agent ${name}`))
          .map(({ name, error }) => `agent ${name}: ${error ?? 'not healthy'}`),
      ],
      `${targets.length} targets up, ${agents.length} agents healthy${stillUnwell.length > 0 ? `, but who was not before the week: ${stillUnwell.slice(0, 4).join(', ')}` : ''}`,
      { targets: targets.length, agents: agents.length, unwell: stillUnwell.length },
    );
  };
}

function nameOf({ job, instance }: Target): string {
  return `target ${job} ${instance}`;
}

/** The reload is seen: success flag, the wanted jobs in the running configuration, and the restart policy still on. */
export function reloaded(found: { hub: string; reload: Reloaded; jobs: string[]; restartPolicy: string }[]): Judgement {
  if (found.length === 0) return inconclusive('no hub was reloaded');
  return unless(
    found.flatMap(({ hub, reload, jobs, restartPolicy }) => [
      !reload.successful && `${hub} refused the configuration`,
      ...jobs.filter((job) => !reload.jobs.includes(job)).map((job) => `${hub} does not run job ${job}`),
      restartPolicy !== 'always' && `${hub} has restart policy ${restartPolicy}`,
    ]),
    found.map(({ hub, reload }) => `${hub} by ${reload.how} in ${reload.waitedMs} ms`).join(', '),
    Object.fromEntries(found.map(({ hub, reload }) => [hub, reload.jobs])),
  );
}

export function jobsAreUp(found: { hub: string; jobs: string[]; targets: Target[] }[]): Judgement {
  const problems = found.flatMap(({ hub, jobs, targets }) =>
    jobs.flatMap((job) => {
      const mine = targets.filter((target) => target.job === job);
      if (mine.length === 0) return [`${hub} has no target of ${job}`];
      return mine
        .filter((target) => target.health !== 'up')
        .map((target) => `${hub}: ${job} is ${target.health} ${target.lastError}`);
    }),
  );
  if (found.every(({ jobs }) => jobs.length === 0)) return inconclusive('no job was looked for');
  return unless(
    problems,
    found.map(({ hub, jobs }) => `${jobs.join(', ')} up in ${hub}`).join('; '),
    Object.fromEntries(found.map(({ hub, jobs }) => [hub, jobs])),
  );
}

export function pushed(value: number) {
  return ({
    probe,
    read,
  }: {
    probe: { ok: boolean; status?: number; error?: string };
    read: { value: number | null };
  }): Judgement =>
    unless(
      [
        !probe.ok && `the push was answered ${probe.status ?? probe.error}`,
        read.value !== value && `the gateway shows ${read.value}`,
      ],
      `${value} pushed and shown`,
      { status: probe.status ?? 0, value: read.value },
    );
}

/** Each metric is in each hub that should scrape it, with its own labels and value. */
export function visible(found: { hub: string; metric: string; value: number; series: Series[] }[]): Judgement {
  if (found.length === 0) return inconclusive('no metric was looked for');
  return unless(
    found
      .filter(({ value, series }) => !series.some((one) => one.value === value))
      .map(
        ({ hub, metric, value, series }) =>
          `${metric} ${value} is not in ${hub} (${series.map((one) => one.value).join(', ') || 'no series'})`,
      ),
    found.map(({ hub, metric }) => `${metric} in ${hub}`).join(', '),
    Object.fromEntries(found.map(({ hub, metric, series }) => [`${metric}@${hub}`, series[0]?.value ?? null])),
  );
}

export function survived(
  found: { gateway: string; value: number; after: number | null; restarted: boolean }[],
): Judgement {
  if (found.length === 0) return inconclusive('no gateway was restarted');
  return unless(
    found.flatMap(({ gateway, value, after, restarted }) => [
      !restarted && `${gateway} did not restart`,
      after !== value && `${gateway} shows ${after} after the restart; ${value} was pushed`,
    ]),
    `pushed values survived a restart of ${found.map(({ gateway }) => gateway).join(' and ')}`,
    Object.fromEntries(found.map(({ gateway, after }) => [gateway, after])),
  );
}

/** Response times stay under the hub's limit, and CPU and memory within the allowed share of the machine, against the baseline. */
export function impactWithin(
  limits: { hubResponseMs: number; overheadPercent: number },
  measures: ('response' | 'resources' | 'network')[] = ['response', 'resources'],
) {
  return ({ before, after }: { before: Record<string, Impact>; after: Record<string, Impact> }): Judgement => {
    const machines = Object.keys(after);
    const unknown = machines.filter((machine) => !before[machine]);
    if (machines.length === 0 || unknown.length > 0)
      return inconclusive(
        `there is no baseline to compare with${unknown.map((machine) => ` on ${machine}`).join(',')}`,
      );
    const problems: string[] = [];
    const evidence: Judgement['evidence'] = {};
    for (const machine of machines) {
      const [was, is] = [before[machine]!, after[machine]!];
      if (measures.includes('response')) {
        if (Object.keys(is.responseMs).length === 0)
          return inconclusive(`no response times were measured on ${machine}`);
        for (const [name, response] of Object.entries(is.responseMs)) {
          if (response.samples === 0) return inconclusive(`${name} gave no response times`);
          if (response.failed > 0) problems.push(`${name}: ${response.failed} requests failed`);
          if (response.p95 > limits.hubResponseMs)
            problems.push(`${name} p95 ${Math.round(response.p95)} ms; at most ${limits.hubResponseMs} ms`);
        }
        const slowest = Math.max(...Object.values(is.responseMs).map((response) => response.p95));
        evidence[`${machine} p95 ms`] = [
          Math.round(Math.max(...Object.values(was.responseMs).map((response) => response.p95))),
          Math.round(slowest),
        ];
      }
      if (measures.includes('resources')) {
        const unseen = [...namesIn(was)].filter((name) => !namesIn(is).has(name));
        if (unseen.length > 0)
          return inconclusive(`${unseen.join(', ')} on ${machine} was measured before the week and is not now`);
        const [cpu, memory] = [cpuShare(is) - cpuShare(was), memoryShare(is) - memoryShare(was)];
        if (cpu > limits.overheadPercent)
          problems.push(`${machine} CPU +${cpu.toFixed(1)} %; at most ${limits.overheadPercent} %`);
        if (memory > limits.overheadPercent)
          problems.push(`${machine} memory +${memory.toFixed(1)} %; at most ${limits.overheadPercent} %`);
        evidence[`${machine} cpu +%`] = Number(cpu.toFixed(1));
        evidence[`${machine} memory +%`] = Number(memory.toFixed(1));
      }
      if (measures.includes('network')) {
        if (is.machine.receivedBytesPerS + is.machine.sentBytesPerS <= 0)
          return inconclusive(`${machine} shows no network traffic at all`);
        evidence[`${machine} rx B/s`] = [
          Math.round(was.machine.receivedBytesPerS),
          Math.round(is.machine.receivedBytesPerS),
        ];
        evidence[`${machine} tx B/s`] = [Math.round(was.machine.sentBytesPerS), Math.round(is.machine.sentBytesPerS)];
      }
    }
    return unless(problems, `${measures.join(' and ')} on ${machines.join(', ')} within the limits`, evidence);
  };
}

function namesIn({ containers, programs }: Impact): Set<string> {
  return new Set([...Object.keys(containers), ...Object.keys(programs)]);
}

/** What hubs, week's containers and agents take of the machine's CPU, in percent: other load of the machine is not the week's. */
function cpuShare({ containers, programs, machine }: Impact): number {
  return usages(containers, programs).reduce((sum, usage) => sum + usage.cpuPercent, 0) / Math.max(1, machine.cores);
}

/** The same of its memory. */
function memoryShare({ containers, programs, machine }: Impact): number {
  const totalBytes = (machine.memoryBytes / Math.max(0.001, machine.memoryPercent)) * 100;
  return (usages(containers, programs).reduce((sum, usage) => sum + usage.memoryBytes, 0) / totalBytes) * 100;
}

function usages(...groups: Impact['containers'][]): Impact['containers'][string][] {
  return groups.flatMap((group) => Object.values(group));
}
