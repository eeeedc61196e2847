// Whether hubs have the same metrics of the same targets, each by its own scrape.
import pMap from 'p-map';
import type { MetricsInHub, PrometheusActivities } from '../../plan/machine-api/prometheus.ts';
import { instantQuery } from './queries.ts';

type Ask = Parameters<PrometheusActivities['metricsInHubs']>[0];

const sideBySide = 4;
const firstKept = 3;

export async function metricsInHubs({ hubs, targets, notFrom }: Omit<Ask, 'withinMs'>): Promise<MetricsInHub[]> {
  const direct = Object.entries(notFrom).map(([label, value]) => `${label}!=${JSON.stringify(value)}`);
  const found = await pMap(
    Object.entries(targets),
    async ([target, instance]) => {
      const query = `count by (__name__) ({${[`instance=${JSON.stringify(instance)}`, ...direct].join(',')}})`;
      const names = await Promise.all(
        Object.entries(hubs).map(async ([hub, url]) => ({
          hub,
          names: new Set((await instantQuery(url, query)).map(({ labels }) => labels['__name__'] ?? '')),
        })),
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
