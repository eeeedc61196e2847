// A metric that comes and goes is in both hubs, though their newest scrapes differ in it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { metricsInHubs } from '../../../activities/prometheus/metrics-in-hubs.ts';
import { lookUps } from '../../../activities/prometheus/targets.ts';

it('is lacked by a hub that has not had it lately, and by no other', async () => {
  const found = await metricsInHubs(
    {
      central: await hubWith({ now: ['a'], lately: ['a', 'requests_under_way'] }),
      edge: await hubWith({ now: ['a', 'requests_under_way'], lately: ['a', 'requests_under_way'] }),
      filtered: await hubWith({ now: ['a'], lately: ['a'] }),
      gone: await hubWith({ now: [], lately: ['a', 'requests_under_way'] }),
    },
    { targets: { pilot: 'PC2:9105' }, notFrom: {} },
    lookUps(),
  );
  expect(found).toMatchObject([
    { hub: 'central', metrics: 1, lacks: 0 },
    { hub: 'edge', metrics: 2, lacks: 0 },
    { hub: 'filtered', metrics: 1, lacks: 1, first: ['requests_under_way'] },
    { hub: 'gone', metrics: 0 },
  ]);
});

async function hubWith(names: { now: string[]; lately: string[] }): Promise<string> {
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://hub').searchParams.get('query') ?? '';
    const result = (query.includes('_over_time') ? names.lately : names.now).map((name) => ({
      metric: { __name__: name },
      value: [0, '1'],
    }));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
