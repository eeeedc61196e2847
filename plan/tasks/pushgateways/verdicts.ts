// Verdicts of the Pushgateways, of the scrape jobs for them, and of both taken back.
import type { HubStatus, PrometheusActivities, Series, Target, Unseen } from '../../machine-api/prometheus.ts';
import { humanDuration } from '../../schema/duration.ts';
import type { Evaluation } from '../../week/record.ts';
import { isScrapedAt, scrapedAt } from '../shared/targets.ts';
import { inconclusive, unless, unlessSeen } from '../shared/verdict.ts';

type Reloaded = Awaited<ReturnType<PrometheusActivities['reloadHub']>>;

/**
 * The reload is seen: success flag, the wanted jobs in the running configuration, and the restart policy `restart`: that of the plan, or which
 * CentralHub had before the week. Undefined where nobody looked then.
 */
export function reloaded(
  found: { hub: string; reload: Reloaded; jobs: string[]; restartPolicy: string; restart?: string | undefined }[],
): Evaluation {
  if (found.length === 0) return inconclusive('no hub was reloaded');
  return unlessSeen(
    found.flatMap(({ hub, reload, jobs, restartPolicy, restart }) => [
      !reload.successful && !reload.unknown && `${hub} refused the configuration${whyText(reload)}`,
      ...jobs
        .filter((job) => !reload.unknown && !reload.jobs.includes(job))
        .map((job) => `${hub} does not run job ${job}`),
      restart !== undefined &&
        restartPolicy !== restart &&
        `${hub} has restart policy ${restartPolicy || 'no'}; ${restart || 'no'} is wanted`,
    ]),
    unseen(found.map(({ hub, reload }) => ({ hub, ...reload }))),
    found.map(({ hub, reload }) => `${hub} by ${reload.how} in ${reload.waitedMs} ms`).join(', '),
    Object.fromEntries(found.map(({ hub, reload }) => [hub, reload.jobs])),
  );
}

export function jobsAreUp(
  found: ({ hub: string; jobs: string[]; targets: Target[]; waitedMs?: number } & Unseen)[],
): Evaluation {
  const problems = found.flatMap(({ hub, jobs, targets, waitedMs, ...not }) =>
    jobs.flatMap((job) => {
      const mine = targets.filter((target) => target.job === job);
      if (mine.length === 0) return not.unknown ? [] : [`${hub} has no target of ${job}${whyText(not)}`];
      return mine
        .filter((target) => target.health !== 'up')
        .map(
          (target) =>
            `${hub}: ${job} is ${target.health}${afterText(waitedMs)}${target.lastError && `: ${target.lastError}`}`,
        );
    }),
  );
  if (found.every(({ jobs }) => jobs.length === 0)) return inconclusive('no job was looked for');
  return unlessSeen(
    problems,
    unseen(found),
    found.map(({ hub, jobs }) => `${jobs.join(', ')} up in ${hub}`).join('; '),
    Object.fromEntries(found.map(({ hub, jobs }) => [hub, jobs])),
  );
}

function whyText({ error }: Unseen): string {
  return error === undefined ? '' : `: ${error}`;
}

/** Hubs that refuse who asks, each once. */
function unseen(found: ({ hub: string } & Unseen)[]): string[] {
  return [...new Set(found.flatMap(({ hub, ...not }) => (not.unknown ? [`${hub} is not seen${whyText(not)}`] : [])))];
}

/** For how long it was waited, by how often the hub scrapes. */
function afterText(waitedMs?: number): string {
  return waitedMs === undefined ? '' : ` after ${humanDuration(waitedMs)}`;
}

export function pushed(value: number) {
  return ({
    probe,
    read,
  }: {
    probe: { ok: boolean; status?: number; error?: string; unknown?: true };
    read: { value: number | null };
  }): Evaluation => {
    const push = !probe.ok && `the push: ${probe.error ?? `answered ${probe.status}`}`;
    if (push && probe.unknown) return inconclusive(push);
    return unless([push, read.value !== value && `the gateway shows ${read.value}`], `${value} pushed and shown`, {
      status: probe.status ?? 0,
      value: read.value,
    });
  };
}

/** Each metric is in each hub that should scrape it, with its own labels and value. */
export function visible(
  found: ({ hub: string; metric: string; value: number; series: Series[]; waitedMs?: number } & Unseen)[],
): Evaluation {
  if (found.length === 0) return inconclusive('no metric was looked for');
  return unlessSeen(
    found
      .filter(({ value, series, unknown }) => !unknown && !series.some((one) => one.value === value))
      .map(
        ({ hub, metric, value, series, waitedMs, error = 'no series' }) =>
          `${metric} ${value} is not in ${hub}${afterText(waitedMs)} (${series.map((one) => one.value).join(', ') || error})`,
      ),
    unseen(found),
    found.map(({ hub, metric }) => `${metric} in ${hub}`).join(', '),
    Object.fromEntries(found.map(({ hub, metric, series }) => [`${metric}@${hub}`, series[0]?.value ?? null])),
  );
}

export function survived(
  found: { gateway: string; value: number; after: number | null; restarted: boolean }[],
): Evaluation {
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

/** The hubs that run have no job of the week's Pushgateways any more; but those that are `theirs`, which this run did not put there. */
export function jobsGone(jobs: string[]) {
  return (found: { hub: string; status: HubStatus; theirs?: string[] }[]): Evaluation => {
    if (found.length === 0) return inconclusive('no hub was asked');
    const names = (list: string[], of: string[] = []) => list.filter((job) => of.includes(job));
    return unless(
      found.flatMap(({ hub, status, theirs = [] }) => [
        !status.reloadSuccessful && `${hub} did not take its configuration`,
        ...names(jobs, status.jobs)
          .filter((job) => !theirs.includes(job))
          .map((job) => `${hub} still has ${job}`),
      ]),
      found
        .map(({ hub, status, theirs }) => {
          const kept = names(names(jobs, theirs), status.jobs);
          return `${hub} runs ${status.jobs.join(', ')}${kept.length > 0 ? ` (${kept.join(', ')} not of this run)` : ''}`;
        })
        .join('; '),
      Object.fromEntries(found.map(({ hub, status }) => [hub, status.jobs])),
    );
  };
}

/** Every agent is scraped by every hub that runs: each that a hub must have (`wanted`). `wasUnwell` before the week is no news. */
export function scrapesAgents(
  places: string[],
  wasUnwell: (target: Target) => boolean = () => false,
  wanted: (hub: string) => string[] = () => [],
) {
  const isAgents = (target: Target) => places.some((place) => isScrapedAt(target, place));
  return (found: ({ hub: string; targets: Target[] } & Unseen)[]): Evaluation => {
    if (found.length === 0 || places.length === 0) return inconclusive('no hub was asked');
    const missing = found.flatMap(({ hub, targets, ...not }) => {
      if (not.unknown) return [];
      const here = targets.filter(isAgents);
      if (here.length === 0) return [`${hub} scrapes no agent${whyText(not)}`];
      const gone = wanted(hub).filter((place) => !here.some((target) => isScrapedAt(target, place)));
      return [
        ...here
          .filter((target) => target.health !== 'up' && !wasUnwell(target))
          .map((target) => `${hub}: ${scrapedAt(target)} is ${target.health}`),
        ...gone.map((place) => `${hub} does not scrape ${place}`),
      ];
    });
    return unlessSeen(
      missing,
      unseen(found),
      found.map(({ hub, targets }) => `${hub} scrapes ${targets.filter(isAgents).length} agents`).join(', '),
    );
  };
}
