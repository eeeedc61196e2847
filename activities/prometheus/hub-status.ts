// What a hub runs: version, retention, configuration, and whether it receives remote writes.
import { compress } from 'snappyjs';
import { parse } from 'yaml';
import type { Probe } from '../../plan/machine-api/host.ts';
import type { HubStatus, RunningConfig } from '../../plan/machine-api/prometheus.ts';
import { below } from '../../plan/machine-api/target.ts';
import type { Reach } from '../http/reach.ts';
import { bodyOf, probed } from '../http/request.ts';
import { api } from './api.ts';

export async function hubStatus(hub: string | Reach, whole = false): Promise<HubStatus> {
  const [build, runtime, config, metrics] = await Promise.all([
    api<{ version?: string }>(hub, 'status/buildinfo'),
    api<{ storageRetention: string }>(hub, 'status/runtimeinfo'),
    api<{ yaml: string }>(hub, 'status/config'),
    bodyOf(below(hub, '/metrics')),
  ]);
  const running = parse(config.yaml, { prettyErrors: false }) as ConfigFile;
  const oldestMs = (metricOf(metrics, 'prometheus_tsdb_lowest_timestamp_seconds') ?? Infinity) * 1000;
  return {
    version: build.version ?? '',
    retention: runtime.storageRetention,
    jobs: (running.scrape_configs ?? []).map(({ job_name }) => job_name),
    outOfOrderWindow: running.storage?.tsdb?.out_of_order_time_window ?? null,
    scrapeInterval: running.global?.scrape_interval ?? '1m',
    reloadSuccessful: metricOf(metrics, 'prometheus_config_last_reload_successful') === 1,
    // A hub without samples shows the greatest possible time.
    oldestSampleMs: oldestMs <= Date.now() ? oldestMs : null,
    ...(whole ? { running: runningConfig(running) } : {}),
  };
}

export function runningConfig({ global, rule_files, remote_write, scrape_configs }: ConfigFile): RunningConfig {
  return {
    externalLabels: global?.external_labels ?? {},
    ruleFiles: rule_files ?? [],
    remoteWrites: (remote_write ?? []).map(({ url, queue_config = {} }) => ({ url, queue: queue_config })),
    targets: Object.fromEntries(
      (scrape_configs ?? []).map(({ job_name, static_configs = [] }) => [
        job_name,
        static_configs.flatMap(({ targets = [] }) => targets),
      ]),
    ),
  };
}

export interface ConfigFile {
  global?: { scrape_interval?: string; external_labels?: Record<string, string> };
  rule_files?: string[];
  remote_write?: { url: string; queue_config?: Record<string, string | number | boolean> }[];
  scrape_configs?: { job_name: string; static_configs?: { targets?: string[] }[] }[];
  storage?: { tsdb?: { out_of_order_time_window?: string } };
}

/** 400 comes from a receiver that took a look; without one the path is not there. */
const receiverAnswers = [200, 204, 400];

const emptyWrite = new Uint8Array(compress(new Uint8Array(0)));

export async function probeReceiver(hub: string | Reach): Promise<Probe> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  return probed(below(hub, '/api/v1/write'), { method: 'POST', headers, body: emptyWrite }, (status) =>
    receiverAnswers.includes(status),
  );
}

/** The value of a metric without labels on a metrics page. */
export function metricOf(page: string, name: string): number | null {
  const line = page.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}
