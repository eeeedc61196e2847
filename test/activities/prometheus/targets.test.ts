// What a hub scrapes is found by where it is scraped, whatever labels its owner gives it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { metricsInHubs } from '../../../activities/prometheus/metrics-in-hubs.ts';
import { prometheusActivities } from '../../../activities/prometheus/prometheus.ts';
import { type ActiveTarget, targetsAt, targetsOf } from '../../../activities/prometheus/targets.ts';
import { isScrapedAt } from '../../../plan/tasks/shared/targets.ts';
import { temporaryMachine } from '../machine.ts';

const at = { 'PC2:8101': '10.77.0.2', 'MainPC:8201': '10.77.0.1', 'v6:8101': '2001:db8::1', 'PC2:443': '10.77.0.2' };
const names: Record<string, string[]> = { 'pc2.example.net': ['10.77.0.2'], 'six.example.net': ['2001:DB8:0::1'] };
const look = (host: string) => Promise.resolve(names[host] ?? []);

const target = (scrapeUrl: string, more: Partial<ActiveTarget> = {}): ActiveTarget => ({
  scrapeUrl,
  labels: { job: 'agents', instance: 'hub-agent' },
  discoveredLabels: {},
  scrapePool: 'agents',
  health: 'up',
  lastError: '',
  ...more,
});

describe('a target is found', () => {
  it.each([
    ['by the name of the machine', 'http://PC2:8101/metrics', 'PC2:8101'],
    ['whatever the case of that', 'http://pc2:8101/metrics', 'PC2:8101'],
    ['by its address, below a path, over TLS', 'https://10.77.0.2:8101/agents/metrics', 'PC2:8101'],
    ['by an address of IPv6, however that is written', 'http://[2001:db8:0:0::1]:8101/metrics', 'v6:8101'],
    ['by another name that leads there', 'http://pc2.example.net:8101/metrics', 'PC2:8101'],
    ['by one that leads to an address of IPv6', 'http://six.example.net:8101/metrics', 'v6:8101'],
    ['at the port that its scheme has', 'https://PC2/metrics', 'PC2:443'],
  ])('%s', async (_, scrapeUrl, place) => {
    expect(await targetsAt(await hubWith([target(scrapeUrl)]), at, look)).toEqual([
      { job: 'agents', instance: 'hub-agent', health: 'up', lastError: '', address: place },
    ]);
  });

  it('with an instance that is its place but for the case, which says it', async () => {
    const lower = target('http://pc2:8101/metrics', { labels: { job: 'agents', instance: 'pc2:8101' } });
    const [found] = await targetsAt(await hubWith([lower]), at, look);
    expect(isScrapedAt(found!, 'PC2:8101')).toBe(true);
  });

  it('behind a proxy, by what the hub was told to scrape', async () => {
    const behind = target('http://proxy:80/agents/one/metrics', { discoveredLabels: { __address__: 'pc2:8101' } });
    expect(await targetsAt(await hubWith([behind]), at, look)).toMatchObject([{ address: 'PC2:8101' }]);
  });

  it('and by no loopback address, but where the hub is on the machine of the target', async () => {
    const itself = target('http://localhost:8201/metrics');
    const hub = await hubWith([itself]);
    expect(await targetsAt(hub, at, look)).toEqual([]);
    expect(await targetsAt(hub, { '127.0.0.1:8201': '127.0.0.1' }, look)).toHaveLength(1);
  });
});

describe('a target is not found', () => {
  it.each([
    ['at another port', target('http://PC2:8102/metrics')],
    ['on another machine with its labels', target('http://PC3:8101/metrics', { labels: { instance: 'PC2:8101' } })],
    ['at an address like it', target('http://10.77.0.21:8101/metrics')],
    [
      'in the answer of an exporter that is asked about it',
      target('http://blackbox:9115/probe?module=http_2xx&target=PC2%3A8101', {
        labels: { job: 'probes', instance: 'PC2:8101' },
        discoveredLabels: { __address__: 'PC2:8101' },
      }),
    ],
  ])('%s', async (_, other) => {
    expect(await targetsAt(await hubWith([other]), at, look)).toEqual([]);
  });
});

it('is asked for all that a hub scrapes, with the place where that is not the instance, and how often', async () => {
  const hub = await hubWith([
    target('http://PC2:8101/metrics', { labels: { job: 'agents', instance: 'PC2:8101' }, scrapeInterval: '1m30s' }),
    target('http://10.0.0.9:9100/metrics', { labels: { instance: 'nine' }, scrapePool: 'nodes' }),
  ]);
  expect(await targetsOf(hub)).toEqual([
    { job: 'agents', instance: 'PC2:8101', health: 'up', lastError: '', everyMs: 90_000 },
    { job: 'nodes', instance: 'nine', health: 'up', lastError: '', address: '10.0.0.9:9100' },
  ]);
});

it('that is known to be down is waited for by nobody', async () => {
  const hub = await hubWith([
    target('http://PC2:8101/metrics', { labels: { job: 'agents', instance: 'PC2:8101' } }),
    target('http://PC9:1/metrics', { labels: { job: 'old', instance: 'PC9:1' }, health: 'down' }),
  ]);
  const activities = prometheusActivities(await temporaryMachine());
  const ask = { hub, jobs: [], withinMs: 1_200 };
  expect((await activities.targets({ ...ask, butFor: ['target old PC9:1'] })).waitedMs).toBeLessThan(500);
  expect((await activities.targets(ask)).waitedMs).toBeGreaterThan(400);
});

it('that is down is waited for, but where another at its place is up and one is enough', async () => {
  const hub = await hubWith([
    target('http://PC2:8101/metrics', { labels: { job: 'agents', instance: 'PC2:8101' } }),
    target('http://10.77.0.2:8101/old', { labels: { job: 'old', instance: 'one' }, health: 'down' }),
  ]);
  const activities = prometheusActivities(await temporaryMachine());
  const ask = { hub, jobs: [], withinMs: 1_200, at: { 'PC2:8101': '10.77.0.2' } };
  const { targets, waitedMs } = await activities.targets({ ...ask, oneIsEnough: true });
  expect(waitedMs).toBeLessThan(500);
  expect(targets).toHaveLength(2);
  expect((await activities.targets(ask)).waitedMs).toBeGreaterThan(400);
  const other = await hubWith([
    target('http://PC2:8101/metrics', { health: 'down' }),
    target('http://MainPC:8201/metrics'),
  ]);
  const both = { ...ask, hub: other, at, oneIsEnough: true as const };
  expect((await activities.targets(both)).waitedMs).toBeGreaterThan(400);
});

it('of a hub that refuses who asks are unknown; of one that is down there are none', async () => {
  const server = createServer((_, response) => response.writeHead(401).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const activities = prometheusActivities(await temporaryMachine());
  const refused = { error: expect.stringMatching(/answered 401.*it wants a login/), unknown: true };
  expect(await activities.targets({ hub, jobs: [], withinMs: 0 })).toMatchObject({ targets: [], ...refused });
  expect(await activities.query({ hub, query: 'up', withinMs: 0 })).toMatchObject({ series: [], ...refused });
  await new Promise((resolve) => server.close(resolve));
  expect(await activities.targets({ hub, jobs: [], withinMs: 0 })).not.toHaveProperty('unknown');
});

describe('metrics of a target', () => {
  const asked: string[] = [];
  const pilots = { targets: { pilot: 'PC2:8101' }, at, notFrom: { hub: 'edgehub' } };
  const metrics = (targets: ActiveTarget[], answers: Record<string, string[]>) =>
    hubWith(targets, (query) => {
      asked.push(query);
      return Object.entries(answers).find(([part]) => query.includes(part))?.[1] ?? [];
    });

  it('are those with the labels that the target has in each hub', async () => {
    const central = await metrics([target('http://10.77.0.2:8101/metrics')], { 'instance="hub-agent"': ['a', 'up'] });
    const its = { job: 'agents', instance: 'PC2:8101' };
    const edge = await metrics([target('http://PC2:8101/metrics', { labels: its })], { 'instance="PC2:8101"': ['a'] });
    expect(await metricsInHubs({ central, edge }, pilots, look)).toEqual([
      { target: 'pilot', hub: 'central', metrics: 1, lacks: 0, first: [] },
      { target: 'pilot', hub: 'edge', metrics: 1, lacks: 0, first: [] },
    ]);
    expect(asked).toContain('count by (__name__) ({instance="hub-agent",job="agents",hub!="edgehub"})');
  });

  it('are none where the hub scrapes nothing there, whatever another sends it with the labels', async () => {
    const central = await metrics([], { 'instance="PC2:8101"': ['a'] });
    expect(await metricsInHubs({ central }, pilots, look)).toMatchObject([{ metrics: 0 }]);
  });

  it('are not told from those of others where the hub keeps them under other labels', async () => {
    const kept = { scrape_samples_post_metric_relabeling: ['kept'] };
    const central = await metrics([target('http://PC2:8101/metrics')], kept);
    expect(await metricsInHubs({ central }, pilots, look)).toMatchObject([{ metrics: 0, relabelled: true }]);
  });
});

async function hubWith(activeTargets: ActiveTarget[], names: (query: string) => string[] = () => []): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://hub');
    const result = names(searchParams.get('query') ?? '').map((name) => ({
      metric: { __name__: name },
      value: [0, '1'],
    }));
    const data = pathname.endsWith('/targets') ? { activeTargets } : { resultType: 'vector', result };
    response.end(JSON.stringify({ status: 'success', data }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
