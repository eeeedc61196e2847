// Renders EdgeHub's prometheus-edge.yml: 2A.config.*.
import { Document } from 'yaml';
import { promDuration } from '../../schema/duration.ts';
import { type Access, asPrometheus } from '../../schema/access.ts';
import { type Plan, serviceOf } from '../../schema/plan.ts';
import { hubUrl } from '../shared/hubs.ts';
import { scrapedWith } from '../shared/scraped.ts';
import { agentJobs } from './agent-jobs.ts';
import { alertingConfig } from './alertmanagers.ts';
import type { EdgeHub } from './schema.ts';

const outOfOrderWindow = '10m';
const lateBatches = ` Agents send what they buffered while EdgeHub was away. Batches up to ${outOfOrderWindow} late are taken instead of
 dropped: the retention twice over, and longer than any fault lasts.`;

/** The whole of prometheus-edge.yml. Scrape jobs of Pushgateways are added later, by the task that deploys them. */
export function edgeConfig(plan: Plan): string {
  const hub = serviceOf(plan, 'edge-hub');
  const central = serviceOf(plan, 'central-hub');
  const { remoteWrite } = hub;
  const config = new Document({
    global: {
      scrape_interval: promDuration(hub.scrapeInterval),
      evaluation_interval: promDuration(hub.scrapeInterval),
      external_labels: hub.externalLabels,
    },
    rule_files: [hub.rulesFile],
    ...(hub.alerting && { alerting: alertingConfig(hub.alerting) }),
    storage: { tsdb: { out_of_order_time_window: outOfOrderWindow } },
    remote_write: [
      {
        name: central.name,
        url: `${hubUrl(central)}/api/v1/write`,
        remote_timeout: promDuration(remoteWrite.timeout),
        ...asPrometheus(central),
        queue_config: {
          capacity: remoteWrite.capacity,
          max_shards: remoteWrite.maxShards,
          batch_send_deadline: promDuration(remoteWrite.batchSendDeadline),
          min_backoff: promDuration(remoteWrite.minBackoff),
          max_backoff: promDuration(remoteWrite.maxBackoff),
          retry_on_http_429: true,
        },
      },
    ],
    scrape_configs: [
      {
        job_name: hub.name,
        ...scrapedWith(asItself(hub)),
        static_configs: [{ targets: [`localhost:${hub.port.container}`] }],
      },
      ...agentJobs(plan).map(({ name, with: access, agents }) => ({
        job_name: name,
        metrics_path: '/metrics',
        ...access,
        static_configs: [{ targets: agents.map(({ machine, port }) => `${machine}:${port}`) }],
      })),
    ],
  });
  config.commentBefore = ` ${hub.name} on ${hub.machine}. Local retention (${promDuration(hub.retention)}) is an argument of the container.`;
  const storage = config.getIn(['storage', 'tsdb'], true) as { commentBefore?: string };
  storage.commentBefore = lateBatches;
  return config.toString({ lineWidth: 0 });
}

/** It asks itself by another name than its certificate has. */
function asItself(hub: EdgeHub): Access {
  return hub.scheme === 'https' ? { ...hub, tlsConfig: { serverName: hub.machine, ...hub.tlsConfig } } : hub;
}
