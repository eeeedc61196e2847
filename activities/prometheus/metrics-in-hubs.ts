// Whether hubs have the same metrics of the same targets, each by its own scrape.
import pMap from 'p-map';
import type { MetricsInHub, PrometheusActivities } from '../../plan/machine-api/prometheus.ts';
import { itsOwn } from '../../plan/tasks/shared/promql.ts';
import type { Reach } from '../http/reach.ts';
import { instantQuery } from './queries.ts';

type Ask = Parameters<PrometheusActivities['metricsInHubs']>[0];

const sideBySide = 4;
const firstKept = 3;
/** A metric that comes and goes, as that of the requests under way, is in one hub's newest scrape and not in that of the other. */
const lately = '5m';
/** What a hub makes itself, with the labels of the target: of its scrapes, a failed one too, of its alerts and recording rules. */
const ofHub = /^(up|scrape_.*|ALERTS(_FOR_STATE)?)$|:/;

export async function metricsInHubs(
  hubs: Record<string, string | Reach>,
  { targets, notFrom }: Pick<Ask, 'targets' | 'notFrom'>,
): Promise<MetricsInHub[]> {
  const found = await pMap(
    Object.entries(targets),
    async ([target, instance]) => {
      const [now, before] = ['', `[${lately}]`].map((range) => ofItsOwn(instance, notFrom, range));
      const names = await Promise.all(
        Object.entries(hubs).map(async ([hub, reached]) => ({
          hub,
          now: await namesOf(reached, now!),
          lately: await namesOf(reached, before!),
        })),
      );
      const all = new Set(names.flatMap((one) => [...one.now]));
      return names.map(({ hub, now: its, lately: had }) => {
        const lacks = [...all].filter((name) => !its.has(name) && !had.has(name)).sort();
        return { target, hub, metrics: its.size, lacks: lacks.length, first: lacks.slice(0, firstKept) };
      });
    },
    { concurrency: sideBySide },
  );
  return found.flat();
}

async function namesOf(hub: string | Reach, series: string): Promise<Set<string>> {
  const found = await instantQuery(hub, `count by (__name__) (${series})`);
  return new Set(found.map(({ labels }) => labels['__name__'] ?? '').filter((name) => !ofHub.test(name)));
}

function ofItsOwn(instance: string, notFrom: Record<string, string>, range: string): string {
  return itsOwn('', { instance }, notFrom)
    .map((way) => (range ? `last_over_time(${way}${range})` : way))
    .join(' or ');
}
