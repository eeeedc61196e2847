// Whether hubs have the same metrics of the same targets, each by its own scrape.
import pMap from 'p-map';
import type { MetricsInHub, PrometheusActivities } from '../../plan/machine-api/prometheus.ts';
import { instantQuery } from './queries.ts';

type Ask = Parameters<PrometheusActivities['metricsInHubs']>[0];

const sideBySide = 4;
const firstKept = 3;
/** What a hub makes itself, with the labels of the target: of its scrapes, a failed one too, of its alerts and recording rules. */
const ofHub = /^(up|scrape_.*|ALERTS(_FOR_STATE)?)$|:/;

export async function metricsInHubs({ hubs, targets, notFrom }: Omit<Ask, 'withinMs'>): Promise<MetricsInHub[]> {
  const found = await pMap(
    Object.entries(targets),
    async ([target, instance]) => {
      const query = `count by (__name__) (${ofItsOwn(instance, notFrom)})`;
      const names = await Promise.all(
        Object.entries(hubs).map(async ([hub, url]) => {
          const all = (await instantQuery(url, query)).map(({ labels }) => labels['__name__'] ?? '');
          return { hub, names: new Set(all.filter((name) => !ofHub.test(name))) };
        }),
      );
      const all = new Set(names.flatMap((one) => [...one.names]));
      return names.map(({ hub, names: its }) => {
        const lacks = [...all].filter((name) => !its.has(name)).sort();
        return { target, hub, metrics: its.size, lacks: lacks.length, first: lacks.slice(0, firstKept) };
      });
    },
    { concurrency: sideBySide },
  );
  return found.flat();
}

/** What was passed on has all of these labels: a series that has some of them may as well be the hub's own. */
function ofItsOwn(instance: string, notFrom: Record<string, string>): string {
  const its = `instance=${JSON.stringify(instance)}`;
  const ways = Object.entries(notFrom).map(([label, value]) => `{${its},${label}!=${JSON.stringify(value)}}`);
  return ways.length === 0 ? `{${its}}` : ways.join(' or ');
}
