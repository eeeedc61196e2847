// Hubs and Pushgateways, against Debian's own programs on loopback.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PrometheusActivities } from '../../../plan/machine-api/prometheus.ts';
import { prometheusActivities } from '../../../activities/prometheus/prometheus.ts';
import { encodeBatch, remoteWriteHeaders } from '../../../lab/agent/remote-write.ts';
import { debianBinary } from '../../../lab/binaries.ts';
import { minus, rangesOf } from '../../../plan/evidence/sequence-sets.ts';
import { temporaryMachine } from '../machine.ts';
import { freePorts, startProgram, type Program } from '../programs.ts';

vi.setConfig({ testTimeout: 60_000 });

let directory: string;
let hub: string;
let plainHub: string;
let gateway: string;
const programs: Program[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hubshift-prometheus-'));
  const ports = await freePorts(3);
  [hub, plainHub, gateway] = ports.map((port) => `http://127.0.0.1:${port}`) as [string, string, string];
  const [prometheus, pushgateway] = await Promise.all([
    debianBinary('prometheus'),
    debianBinary('prometheus-pushgateway'),
  ]);
  await writeFile(
    join(directory, 'rules.yml'),
    'groups:\n  - name: test\n    rules:\n      - { alert: Watchdog, expr: vector(1) }\n      - { alert: Never, expr: vector(1) > 2 }\n      - { record: "instance:up", expr: up }\n',
  );
  await writeFile(
    join(directory, 'hub.yml'),
    `global: { scrape_interval: 1s, evaluation_interval: 1s }\nrule_files: [rules.yml]\nstorage: { tsdb: { out_of_order_time_window: 10m } }\n` +
      `scrape_configs:\n  - { job_name: gateway, honor_labels: true, static_configs: [{ targets: ["127.0.0.1:${ports[2]}"] }] }\n  - { job_name: broken, static_configs: [{ targets: ["127.0.0.1:1"] }] }\n`,
  );
  await writeFile(join(directory, 'plain.yml'), 'scrape_configs: []\n');
  const arguments_ = (name: string, port?: number) => [
    `--config.file=${join(directory, `${name}.yml`)}`,
    `--storage.tsdb.path=${join(directory, name)}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  programs.push(
    ...(await Promise.all([
      startProgram(
        prometheus,
        [
          ...arguments_('hub', ports[0]),
          '--web.enable-remote-write-receiver',
          '--web.enable-lifecycle',
          '--storage.tsdb.retention.time=5m',
        ],
        `${hub}/-/ready`,
      ),
      startProgram(prometheus, arguments_('plain', ports[1]), `${plainHub}/-/ready`),
      startProgram(pushgateway, [`--web.listen-address=127.0.0.1:${ports[2]}`], `${gateway}/-/ready`),
    ])),
  );
}, 5 * 60_000);
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await rm(directory, { recursive: true, force: true });
});

async function machine(): Promise<PrometheusActivities> {
  const host = await temporaryMachine();
  return prometheusActivities(host);
}

describe('a hub', () => {
  it('says what it runs: version, retention, jobs, out-of-order window', async () => {
    const status = await (await machine()).hubStatus({ hub });
    expect(status).toMatchObject({
      retention: '5m',
      jobs: ['gateway', 'broken'],
      outOfOrderWindow: '10m',
      scrapeInterval: '1s',
      reloadSuccessful: true,
    });
    expect(status.version).toMatch(/^[23]\.\d+/);
    expect(await (await machine()).hubStatus({ hub: plainHub })).toMatchObject({
      jobs: [],
      outOfOrderWindow: null,
      scrapeInterval: '1m',
      oldestSampleMs: null,
    });
  });

  it('is waited for until a job is up, or until the time is over for one that is down', async () => {
    const activities = await machine();
    const found = await activities.targets({ hub, jobs: ['gateway'], withinMs: 15_000 });
    expect(found.targets).toMatchObject([{ job: 'gateway', health: 'up', lastError: '' }]);
    const broken = await activities.targets({ hub, jobs: ['broken'], withinMs: 2_500 });
    expect(broken.targets).toMatchObject([
      { job: 'broken', health: 'down', lastError: expect.stringContaining('refused') },
    ]);
    expect((await activities.targets({ hub, jobs: ['gateway', 'absent'], withinMs: 600 })).waitedMs).toBeGreaterThan(
      400,
    );
  });

  it('tells firing alerts from rules that are only loaded', async () => {
    const { rules, firing } = await (await machine()).alerts({ hub, alert: 'Watchdog', withinMs: 15_000 });
    expect(rules).toEqual(['Watchdog', 'Never']);
    expect(firing).toEqual(['Watchdog']);
  });

  it('takes a new configuration and shows its jobs, or says why not', async () => {
    const activities = await machine();
    const reload = { container: 'hub', url: hub, lifecycle: true, withinMs: 5_000 };
    expect(await activities.reloadHub({ reload, jobs: ['gateway'] })).toMatchObject({
      how: 'http',
      successful: true,
      jobs: ['gateway', 'broken'],
    });
    expect(await activities.reloadHub({ reload: { ...reload, withinMs: 500 }, jobs: ['absent'] })).toMatchObject({
      successful: false,
    });
  });

  it('is asked for the metrics that it scrapes itself, with what has the labels of a copy left out', async () => {
    const activities = await machine();
    await activities.targets({ hub, jobs: ['gateway'], withinMs: 15_000 });
    const ask = { targets: { gateway: new URL(gateway).host }, notFrom: { hub: 'edgehub' }, withinMs: 500 };
    const [scrapes, lacks] = (await activities.metricsInHubs({ ...ask, hubs: { hub, plainHub } })).found;
    expect(scrapes).toMatchObject({ target: 'gateway', hub: 'hub', lacks: 0, first: [] });
    expect(scrapes!.metrics).toBeGreaterThan(10);
    // A copy has all of the labels: one that all series have by chance says nothing.
    const byChance = { ...ask, notFrom: { job: 'gateway', hub: 'edgehub' }, hubs: { hub } };
    expect((await activities.metricsInHubs(byChance)).found).toMatchObject([{ metrics: scrapes!.metrics }]);
    // Labels may have any value, and names that PromQL has other uses for.
    const odd = { ...ask, notFrom: { site: 'the "north"\\hall\n2 😀', by: '{a="b"}' }, hubs: { hub } };
    expect((await activities.metricsInHubs(odd)).found).toMatchObject([{ metrics: scrapes!.metrics }]);
    // Of one that does not answer a hub has what it makes of its scrapes, and of its rules on them.
    const gone = { ...ask, targets: { gone: '127.0.0.1:1' }, hubs: { hub } };
    await activities.query({ hub, query: 'instance:up{instance="127.0.0.1:1"}', withinMs: 15_000 });
    expect((await activities.metricsInHubs(gone)).found).toMatchObject([{ metrics: 0 }]);
    expect(lacks).toMatchObject({ hub: 'plainHub', metrics: 0, lacks: scrapes!.metrics });
    expect(lacks!.first).toHaveLength(3);
    const copies = { ...ask, notFrom: { job: 'gateway' }, hubs: { hub, same: hub } };
    expect((await activities.metricsInHubs(copies)).found).toMatchObject([{ metrics: 0 }, { metrics: 0 }]);
    expect(await activities.metricsInHubs({ ...ask, hubs: { hub, gone: 'http://127.0.0.1:1' } })).toMatchObject({
      found: [],
      error: expect.stringContaining('127.0.0.1:1'),
    });
  });

  it('tells a hub with a remote write receiver from one without', async () => {
    const activities = await machine();
    expect(await activities.probeReceiver({ hub })).toMatchObject({ ok: true, status: 204 });
    expect(await activities.probeReceiver({ hub: plainHub })).toMatchObject({ ok: false, status: 404 });
    expect(await activities.probeReceiver({ hub: 'http://127.0.0.1:1' })).toMatchObject({
      ok: false,
      error: expect.stringContaining('127.0.0.1:1'),
    });
  });
});

describe('query', () => {
  it('waits for a series that comes', async () => {
    const activities = await machine();
    const waiting = activities.query({ hub, query: 'late_metric', withinMs: 10_000 });
    await write('late_metric', [[Date.now(), 7]]);
    expect((await waiting).series).toMatchObject([{ labels: { __name__: 'late_metric', agent: 'a' }, value: 7 }]);
  });

  it('gives the value at a time, scalars, and no value that is not a number', async () => {
    const activities = await machine();
    await write('past_metric', [
      [Date.now() - 60_000, 1],
      [Date.now(), 2],
    ]);
    expect(
      (await activities.query({ hub, query: 'past_metric', withinMs: 5_000, atMs: Date.now() - 50_000 })).series,
    ).toMatchObject([{ value: 1 }]);
    expect((await activities.query({ hub, query: 'scalar(vector(3))', withinMs: 1_000 })).series).toMatchObject([
      { labels: {}, value: 3 },
    ]);
    expect((await activities.query({ hub, query: 'vector(0) / 0', withinMs: 300 })).series).toEqual([]);
  });

  it("gives the hub's own error, and says when there is no answer", async () => {
    const activities = await machine();
    expect(await activities.query({ hub, query: 'sum(', withinMs: 300 })).toMatchObject({
      series: [],
      error: expect.stringContaining('parse error'),
    });
    expect(await activities.query({ hub: 'http://127.0.0.1:1', query: 'up', withinMs: 300 })).toMatchObject({
      series: [],
      error: expect.stringMatching(/PC2: GET http:\/\/127\.0\.0\.1:1.* got no answer/),
    });
  });
});

describe('readSequences', () => {
  it('reads raw samples back, both ends of the window included, and shows a dropped one as loss', async () => {
    const activities = await machine();
    const start = Date.now() - 60_000;
    const acknowledged = Array.from({ length: 30 }, (_, index) => 1_000 + index);
    const stored = acknowledged.filter((number) => number !== 1_012);
    await write(
      'sequence',
      stored.map((number) => [start + (number - 1_000) * 100, number]),
    );
    const whole = await activities.readSequences({
      hub,
      selector: 'sequence{agent="a"}',
      fromMs: start,
      toMs: start + 2_900,
    });
    expect(whole.samples).toBe(29);
    expect(minus(rangesOf(acknowledged), whole.sequences)).toEqual([[1_012, 1_012]]);
    const inner = await activities.readSequences({
      hub,
      selector: 'sequence{agent="a"}',
      fromMs: start + 100,
      toMs: start + 300,
    });
    expect(inner).toEqual({ sequences: [[1_001, 1_003]], samples: 3 });
    expect(
      await activities.readSequences({ hub, selector: 'sequence{agent="b"}', fromMs: start, toMs: start + 2_900 }),
    ).toEqual({ sequences: [], samples: 0 });
  });

  it('reads a window longer than one piece', async () => {
    const activities = await machine();
    const now = Date.now();
    await write('sparse', [
      [now - 9 * 60_000, 1],
      [now, 2],
    ]);
    expect(
      await activities.readSequences({ hub, selector: 'sparse', fromMs: now - 5 * 60 * 60_000, toMs: now }),
    ).toEqual({ sequences: [[1, 2]], samples: 2 });
  });

  it.each([
    ['2, with the left end of a range', (at: number, start: number) => at >= start],
    ['3, without it', (at: number, start: number) => at > start],
  ])('reads the same from Prometheus %s', async (_, inside) => {
    const fake = createServer((asked, answer) => {
      const { searchParams } = new URL(asked.url ?? '', 'http://hub');
      const endMs = Number(searchParams.get('time')) * 1000;
      const startMs = endMs - Number(/\[(\d+)ms\]$/.exec(searchParams.get('query') ?? '')?.[1]);
      const values = [999, 1_000, 2_000, 3_000, 3_001]
        .filter((at) => inside(at, startMs) && at <= endMs)
        .map((at) => [at / 1000, String(at)]);
      answer.end(
        JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [{ metric: {}, values }] } }),
      );
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void fake.close());
    await once(fake, 'listening');
    const found = await (
      await machine()
    ).readSequences({
      hub: `http://127.0.0.1:${(fake.address() as AddressInfo).port}`,
      selector: 'x',
      fromMs: 1_000,
      toMs: 3_000,
    });
    expect(found).toEqual({
      sequences: [
        [1_000, 1_000],
        [2_000, 2_000],
        [3_000, 3_000],
      ],
      samples: 3,
    });
  });

  it('throws rather than calling no answer a loss', async () => {
    await expect(
      (await machine()).readSequences({ hub: 'http://127.0.0.1:1', selector: 'sequence', fromMs: 0, toMs: 1 }),
    ).rejects.toThrow('http://127.0.0.1:1');
  });
});

describe('a Pushgateway', () => {
  const group = { job: 'hubshift test', instance: 'PC2', metric: 'test_metric' };

  it('shows what was pushed until it is deleted, and its hub has it under its own labels', async () => {
    const activities = await machine();
    expect(await activities.readPushed({ gateway, ...group })).toEqual({ value: null });
    expect(await activities.pushMetric({ gateway, ...group, value: 41 })).toMatchObject({ ok: true, status: 200 });
    await activities.pushMetric({ gateway, ...group, value: 42.5 });
    expect(await activities.readPushed({ gateway, ...group })).toEqual({ value: 42.5 });
    expect(await activities.readPushed({ gateway, ...group, instance: 'MainPC' })).toEqual({ value: null });
    const scraped = await activities.query({ hub, query: 'test_metric == 42.5', withinMs: 10_000 });
    expect(scraped.series).toMatchObject([{ labels: { job: 'hubshift test', instance: 'PC2' } }]);
    expect(await activities.deletePushed({ gateway, ...group })).toMatchObject({ ok: true, status: 202 });
    expect(await activities.readPushed({ gateway, ...group })).toEqual({ value: null });
  });

  it('refuses what is no metric, as data', async () => {
    expect(await (await machine()).pushMetric({ gateway, ...group, metric: '9 lives', value: 1 })).toMatchObject({
      ok: false,
      status: 400,
      error: expect.stringContaining('400'),
    });
  });

  it('says which machine could not reach it', async () => {
    await expect((await machine()).readPushed({ gateway: 'http://127.0.0.1:1', ...group })).rejects.toThrow(
      /^PC2 can't read test_metric back/,
    );
  });
});

async function write(name: string, samples: [atMs: number, value: number][]): Promise<void> {
  for (const [atMs, value] of samples) {
    const answer = await fetch(`${hub}/api/v1/write`, {
      method: 'POST',
      headers: remoteWriteHeaders,
      body: encodeBatch([{ name, labels: { agent: 'a' }, value }], atMs),
    });
    if (!answer.ok) throw new Error(`${name} was not stored: ${await answer.text()}`);
  }
}
