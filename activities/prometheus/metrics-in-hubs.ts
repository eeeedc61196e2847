// Whether hubs have the same metrics of the same targets, each by its own scrape.
import pMap from 'p-map';
import type { MetricsInHub, PrometheusActivities } from '../../plan/machine-api/prometheus.ts';
import { itsOwn, selector } from '../../plan/tasks/shared/promql.ts';
import type { Reach } from '../http/reach.ts';
import { instantQuery } from './queries.ts';
import { type LookUp, scrapedAt } from './targets.ts';

type Ask = Parameters<PrometheusActivities['metricsInHubs']>[0];
type Labels = Record<string, string>;

const sideBySide = 4;
const firstKept = 3;
/** A metric that comes and goes, as that of the requests under way, is in one hub's newest scrape and not in that of the other. */
const lately = '5m';
/** What a hub makes itself, with the labels of the target: of its scrapes, a failed one too, of its alerts and recording rules. */
const ofHub = /^(up|scrape_.*|ALERTS(_FOR_STATE)?)$|:/;

export async function metricsInHubs(
  hubs: Record<string, string | Reach>,
  { targets, at, notFrom }: Pick<Ask, 'targets' | 'at' | 'notFrom'>,
  look: LookUp,
): Promise<MetricsInHub[]> {
  const reached = await Promise.all(
    Object.entries(hubs).map(async ([hub, reach]) => ({
      hub,
      reach,
      labelsOf: at ? await labelsAt(reach, at, look) : (instance: string) => [{ instance }],
    })),
  );
  const found = await pMap(
    Object.entries(targets),
    async ([target, place]) => {
      const names = await Promise.all(
        reached.map(async ({ hub, reach, labelsOf }) => {
          const labels = labelsOf(place);
          const [now, before] = ['', `[${lately}]`].map((range) => ofItsOwn(labels, notFrom, range));
          return {
            hub,
            now: await namesOf(reach, now!),
            lately: await namesOf(reach, before!),
            keeps: () => keepsAny(reach, labels),
          };
        }),
      );
      const all = new Set(names.flatMap((one) => [...one.now]));
      return Promise.all(
        names.map(async ({ hub, now: its, lately: had, keeps }): Promise<MetricsInHub> => {
          const lacks = [...all].filter((name) => !its.has(name) && !had.has(name)).sort();
          const counted = { target, hub, metrics: its.size, lacks: lacks.length, first: lacks.slice(0, firstKept) };
          return at && its.size === 0 && (await keeps()) ? { ...counted, relabelled: true } : counted;
        }),
      );
    },
    { concurrency: sideBySide },
  );
  return found.flat();
}

/** The labels of the targets at a place. A target without an instance is told from others of its job. */
async function labelsAt(hub: string | Reach, at: Ask['at'] & {}, look: LookUp): Promise<(place: string) => Labels[]> {
  const scraped = [...(await scrapedAt(hub, at, look))];
  return (place) => scraped.filter(([, its]) => its === place).map(([{ labels }]) => ({ instance: '', ...labels }));
}

/** A metric of another name would have been dropped by the hub's owner, or has other labels there (metric_relabel_configs, honor_labels). */
async function keepsAny(hub: string | Reach, labels: Labels[]): Promise<boolean> {
  const kept = labels.map((its) => `${selector('scrape_samples_post_metric_relabeling', its)} > 0`).join(' or ');
  return kept !== '' && (await instantQuery(hub, kept)).length > 0;
}

async function namesOf(hub: string | Reach, series: string): Promise<Set<string>> {
  if (series === '') return new Set();
  const found = await instantQuery(hub, `count by (__name__) (${series})`);
  return new Set(found.map(({ labels }) => labels['__name__'] ?? '').filter((name) => !ofHub.test(name)));
}

function ofItsOwn(labels: Labels[], notFrom: Labels, range: string): string {
  return labels
    .flatMap((its) => itsOwn('', its, notFrom))
    .map((way) => (range ? `last_over_time(${way}${range})` : way))
    .join(' or ');
}
