// Hubs and Pushgateways, as activities. Tried with Prometheus 2.42 and 3.16; which are too old, the tasks say.
import { rangesOf } from '../../plan/evidence/sequence-sets.ts';
import type {
  AtAlertmanager,
  MetricsInHub,
  PrometheusActivities,
  Series,
  Target,
  Unseen,
} from '../../plan/machine-api/prometheus.ts';
import type { HttpTarget } from '../../plan/machine-api/target.ts';
import { isScrapedAt, scrapedAt, targetName } from '../../plan/tasks/shared/targets.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { NotSeen } from '../http/refused.ts';
import { alertsAt } from './alertmanagers.ts';
import { reload } from './hub-reload.ts';
import { hubStatus, probeReceiver } from './hub-status.ts';
import { metricsPages } from './metrics-pages.ts';
import { metricsInHubs } from './metrics-in-hubs.ts';
import { pushgatewayActivities } from './pushgateway.ts';
import { alertRules, instantQuery, rawValues } from './queries.ts';
import { lookUps, targetsAt, targetsOf } from './targets.ts';

const pollEveryMs = 500;
/** A window is read in pieces of this length, so that no answer grows without bounds. */
const chunkMs = 60 * 60_000;

export function prometheusActivities(host: Host): PrometheusActivities {
  /** Asks until it is enough; an answer that fails is data, because the hub may be on its way up, or take a new password. */
  async function poll<T extends object>(
    withinMs: number,
    none: T,
    measure: () => Promise<T>,
    enough: (found: T) => boolean,
  ): Promise<T & { waitedMs: number } & Unseen> {
    const measureOrSay = () =>
      measure().catch((error: Error): T & Unseen => ({
        ...none,
        error: `${host.machine}: ${error.message}`,
        ...(error instanceof NotSeen && { unknown: true }),
      }));
    const { value, waitedMs } = await until(
      withinMs,
      measureOrSay,
      (found) => !('error' in found) && enough(found),
      pollEveryMs,
    );
    return { ...value, waitedMs };
  }

  const reached = (hubs: Record<string, HttpTarget>) =>
    Object.fromEntries(Object.entries(hubs).map(([name, hub]) => [name, host.reach(hub)]));

  return {
    reloadHub: (ask) => reload(host, ask.reload, ask.jobs),

    query: ({ hub, query, withinMs, atLeast = 1, atMs }) =>
      poll(
        withinMs,
        { series: [] as Series[] },
        async () => ({ series: await instantQuery(host.reach(hub), query, atMs) }),
        ({ series }) => series.length >= atLeast,
      ),

    targets: ({ hub, jobs, withinMs, at, butFor = [], oneIsEnough }) => {
      const look = lookUps();
      const isFine = (target: Target) => target.health === 'up' || butFor.includes(targetName(target));
      const isSeen = (target: Target, all: Target[]) =>
        isFine(target) || (oneIsEnough && all.some((other) => isFine(other) && isScrapedAt(other, scrapedAt(target))));
      const all = () => (at ? targetsAt(host.reach(hub), at, look) : targetsOf(host.reach(hub)));
      return poll(
        withinMs,
        { targets: [] as Target[] },
        async () => ({ targets: (await all()).filter(({ job }) => jobs.length === 0 || jobs.includes(job)) }),
        ({ targets }) =>
          targets.length > 0 &&
          targets.every((target) => isSeen(target, targets)) &&
          jobs.every((job) => targets.some((target) => target.job === job)),
      );
    },

    alerts: ({ hub, alert, withinMs }) =>
      poll(
        withinMs,
        { rules: [] as string[], firing: [] as string[] },
        () => alertRules(host.reach(hub)),
        ({ firing }) => firing.includes(alert),
      ),

    alertsAt: (ask) =>
      poll(
        ask.withinMs,
        { sendsTo: [] as string[], upMs: null as number | null, at: [] as AtAlertmanager[] },
        () => alertsAt(host.reach(ask.hub), ask),
        ({ upMs, at }) =>
          at.every(({ receivedMsAgo }) => receivedMsAgo !== null && receivedMsAgo <= Math.min(upMs ?? 0, ask.withinMs)),
      ),

    metricsPages: ({ pages, withinMs }) => metricsPages(reached(pages), withinMs),

    ...pushgatewayActivities(host),

    hubStatus: ({ hub, whole }) => hubStatus(host.reach(hub), whole),
    probeReceiver: ({ hub }) => probeReceiver(host.reach(hub)),

    metricsInHubs: (ask) => {
      const look = lookUps();
      return poll(
        ask.withinMs,
        { found: [] as MetricsInHub[] },
        async () => ({ found: await metricsInHubs(reached(ask.hubs), ask, look) }),
        ({ found }) => found.every(({ metrics, lacks }) => metrics > 0 && lacks === 0),
      );
    },

    async readSequences({ hub, selector, fromMs, toMs }) {
      const values: number[] = [];
      for (let start = fromMs; start <= toMs; start += chunkMs)
        values.push(...(await rawValues(host.reach(hub), selector, start, Math.min(start + chunkMs - 1, toMs))));
      return { sequences: rangesOf(values), samples: values.length };
    },
  };
}
