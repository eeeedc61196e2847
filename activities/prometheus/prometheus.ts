// Hubs: what a Prometheus server runs, scrapes, fires and has stored, over its HTTP API. Works with 2.42 and later and with 3.x.
import { compress } from 'snappyjs';
import { parse } from 'yaml';
import { rangesOf } from '../../plan/evidence/sequence-sets.ts';
import type { HubStatus, PrometheusActivities, Series, Target } from '../../plan/machine-api/prometheus.ts';
import type { Probe } from '../../plan/machine-api/host.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { reload } from './hub-reload.ts';
import { bodyOf, firstLine, probed, request } from '../http/request.ts';

type Hubs = Omit<PrometheusActivities, 'pushMetric' | 'readPushed' | 'deletePushed'>;
type Sample = [unixSeconds: number, value: string];

const pollEveryMs = 500;
const readTimeoutMs = 30_000;
/** A window is read in pieces of this length, so that no answer grows without bounds. */
const chunkMs = 60 * 60_000;

export function prometheusActivities(host: Host): Hubs {
  /** Asks until it is enough; an answer that fails is data, because the hub may be on its way up. */
  async function poll<T extends object>(
    withinMs: number,
    none: T,
    measure: () => Promise<T>,
    enough: (found: T) => boolean,
  ): Promise<T & { waitedMs: number; error?: string }> {
    const measureOrSay = () =>
      measure().catch((error: Error): T & { error: string } => ({
        ...none,
        error: `${host.machine}: ${error.message}`,
      }));
    const { value, waitedMs } = await until(
      withinMs,
      measureOrSay,
      (found) => !('error' in found) && enough(found),
      pollEveryMs,
    );
    return { ...value, waitedMs };
  }

  return {
    reloadHub: (ask) => reload(host, ask.reload, ask.jobs),

    query: ({ hub, query, withinMs, atLeast = 1, atMs }) =>
      poll(
        withinMs,
        { series: [] as Series[] },
        async () => ({ series: await instantQuery(hub, query, atMs) }),
        ({ series }) => series.length >= atLeast,
      ),

    targets: ({ hub, jobs, withinMs }) =>
      poll(
        withinMs,
        { targets: [] as Target[] },
        async () => ({
          targets: (await activeTargets(hub)).filter(({ job }) => jobs.length === 0 || jobs.includes(job)),
        }),
        ({ targets }) =>
          targets.length > 0 &&
          targets.every(({ health }) => health === 'up') &&
          jobs.every((job) => targets.some((target) => target.job === job)),
      ),

    alerts: ({ hub, alert, withinMs }) =>
      poll(
        withinMs,
        { rules: [] as string[], firing: [] as string[] },
        () => alertRules(hub),
        ({ firing }) => firing.includes(alert),
      ),

    hubStatus: ({ hub }) => hubStatus(hub),
    probeReceiver: ({ hub }) => probeReceiver(hub),

    async readSequences({ hub, selector, fromMs, toMs }) {
      const values: number[] = [];
      for (let start = fromMs; start <= toMs; start += chunkMs)
        values.push(...(await rawValues(hub, selector, start, Math.min(start + chunkMs - 1, toMs))));
      return { sequences: rangesOf(values), samples: values.length };
    },
  };
}

/** Values that are not finite (0/0) can't travel as JSON and are left out. */
async function instantQuery(hub: string, query: string, atMs?: number): Promise<Series[]> {
  const data = await api<{ resultType: string; result: unknown }>(hub, 'query', {
    query,
    ...(atMs === undefined ? {} : { time: seconds(atMs) }),
  });
  const found =
    data.resultType === 'scalar'
      ? [{ metric: {}, value: data.result as Sample }]
      : (data.result as { metric: Record<string, string>; value: Sample }[]);
  return found
    .map(({ metric, value: [at, value] }) => ({ labels: metric, value: Number(value), at }))
    .filter(({ value }) => Number.isFinite(value));
}

/** Raw samples with fromMs <= time <= toMs of every series that matches. */
async function rawValues(hub: string, selector: string, fromMs: number, toMs: number): Promise<number[]> {
  // A range leaves out its left end in Prometheus 3 and holds it in 2: one millisecond more, then cut by time.
  const query = `${selector}[${toMs - fromMs + 1}ms]`;
  const { result } = await api<{ result: { values: Sample[] }[] }>(
    hub,
    'query',
    { query, time: seconds(toMs) },
    readTimeoutMs,
  );
  return result.flatMap(({ values }) =>
    values.filter(([at]) => Math.round(at * 1000) >= fromMs).map(([, value]) => Number(value)),
  );
}

async function activeTargets(hub: string): Promise<Target[]> {
  const { activeTargets } = await api<{
    activeTargets: { labels: Record<string, string>; scrapePool: string; health: string; lastError: string }[];
  }>(hub, 'targets', { state: 'active' });
  return activeTargets.map(({ labels, scrapePool, health, lastError }) => ({
    job: labels.job ?? scrapePool,
    instance: labels.instance ?? '',
    health,
    lastError,
  }));
}

async function alertRules(hub: string): Promise<{ rules: string[]; firing: string[] }> {
  const { groups } = await api<{ groups: { rules: { name: string; state: string }[] }[] }>(hub, 'rules', {
    type: 'alert',
  });
  const rules = groups.flatMap((group) => group.rules);
  return {
    rules: rules.map(({ name }) => name),
    firing: rules.filter(({ state }) => state === 'firing').map(({ name }) => name),
  };
}

async function hubStatus(hub: string): Promise<HubStatus> {
  const [build, runtime, config, metrics] = await Promise.all([
    api<{ version: string }>(hub, 'status/buildinfo'),
    api<{ storageRetention: string }>(hub, 'status/runtimeinfo'),
    api<{ yaml: string }>(hub, 'status/config'),
    bodyOf(`${base(hub)}/metrics`),
  ]);
  const running = parse(config.yaml) as RunningConfig;
  const oldestMs = (metricOf(metrics, 'prometheus_tsdb_lowest_timestamp_seconds') ?? Infinity) * 1000;
  return {
    version: build.version,
    retention: runtime.storageRetention,
    jobs: (running.scrape_configs ?? []).map(({ job_name }) => job_name),
    outOfOrderWindow: running.storage?.tsdb?.out_of_order_time_window ?? null,
    scrapeInterval: running.global?.scrape_interval ?? '1m',
    reloadSuccessful: metricOf(metrics, 'prometheus_config_last_reload_successful') === 1,
    // A hub without samples shows the greatest possible time.
    oldestSampleMs: oldestMs <= Date.now() ? oldestMs : null,
  };
}

interface RunningConfig {
  global?: { scrape_interval?: string };
  scrape_configs?: { job_name: string }[];
  storage?: { tsdb?: { out_of_order_time_window?: string } };
}

/** 400 comes from a receiver that took a look; without one the path is not there. */
const receiverAnswers = [200, 204, 400];
const emptyWrite = new Uint8Array(compress(new Uint8Array(0)));

async function probeReceiver(hub: string): Promise<Probe> {
  const url = `${base(hub)}/api/v1/write`;
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  return probed(url, { method: 'POST', headers, body: emptyWrite }, (status) => receiverAnswers.includes(status));
}

/** The `data` of an API answer. Throws with the server's own error. */
async function api<T>(
  hub: string,
  path: string,
  parameters: Record<string, string> = {},
  timeoutMs?: number,
): Promise<T> {
  const url = `${base(hub)}/api/v1/${path}`;
  const { status, text } = await request(
    `${url}?${new URLSearchParams(parameters)}`,
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  const answer = readJson(text) as { status?: string; data?: T; error?: string } | null;
  if (answer?.status !== 'success')
    throw new Error(
      `${url} answered ${status}: ${answer?.error ?? firstLine(text)}${parameters.query ? ` (query ${parameters.query})` : ''}`,
    );
  return answer.data as T;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The value of a metric without labels on a metrics page. */
function metricOf(page: string, name: string): number | null {
  const line = page.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? null : Number(line.slice(name.length + 1));
}

function base(hub: string): string {
  return hub.replace(/\/+$/, '');
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
