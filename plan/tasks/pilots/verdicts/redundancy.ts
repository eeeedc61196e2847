// The verdict of metrics that must be in every hub, whatever becomes of the others.
import type { MetricsInHub } from '../../../machine-api/prometheus.ts';
import type { Evaluation } from '../../../week/record.ts';
import { inconclusive, unless } from '../../shared/verdict.ts';

/** Each metric of each pilot is in each hub by that hub's own scrape: a copy that one passes on is gone with it. */
export function redundant({ found, error }: { found: MetricsInHub[]; error?: string }): Evaluation {
  if (found.length === 0) return inconclusive(error ?? 'no pilot was looked for');
  const hubs = [...new Set(found.map(({ hub }) => hub))];
  const pilots = [...new Set(found.map(({ target }) => target))];
  const metrics = Math.min(...found.map((one) => one.metrics));
  const untold = found.filter(({ relabelled }) => relabelled);
  const evaluated = unless(
    [
      hubs.length < 2 && 'only one hub was asked',
      ...found
        .filter((one) => !one.relabelled && (one.metrics === 0 || one.lacks > 0))
        .slice(0, 4)
        .map(({ target, hub, metrics: its, lacks, first }) =>
          its === 0
            ? `${hub} scrapes nothing of ${target}`
            : `${hub} lacks ${lacks} metrics of ${target}: ${first.join(', ')}`,
        ),
    ],
    `${pilots.length} pilots, ${metrics} metrics of each or more, in ${hubs.join(' and ')} by their own scrapes`,
    { agents: pilots.slice(0, 8), metrics },
  );
  return evaluated.verdict === 'pass' && untold.length > 0
    ? inconclusive(
        `${untold
          .slice(0, 4)
          .map(({ hub, target }) => `${hub} scrapes ${target}, and gives its metrics other labels than the target has`)
          .join('; ')} (honor_labels, metric_relabel_configs): which are its own can't be told`,
      )
    : evaluated;
}
