// Pages of metrics are asked for as a Prometheus does, and what it would not take of them is told.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { metricsPages } from '../../../activities/prometheus/metrics-pages.ts';
import { scrapable } from '../../../plan/tasks/preflight/scrapable.ts';

const text =
  '# HELP up whether\n# TYPE up gauge\nup 1\nlatency_bucket{le="+Inf",path="/a b#c"} 3 1700000000\nodd NaN\n\n';
const plain = 'text/plain; version=0.0.4; charset=utf-8';
const answers: Record<string, (response: ServerResponse) => void> = {
  '/plain': (response) => response.setHeader('content-type', plain).end(text),
  '/open': (response) => response.setHeader('content-type', 'application/openmetrics-text').end(`${text}# EOF\n`),
  '/untyped': (response) => response.end(text),
  '/page': (response) => response.setHeader('content-type', 'text/html').end('<h1>up 1</h1>'),
  '/json': (response) => response.setHeader('content-type', plain).end('{"up": 1}'),
  '/as-html': (response) => response.setHeader('content-type', 'text/html').end(text),
  '/created': (response) => response.writeHead(201, { 'content-type': plain }).end(text),
  '/gone': (response) => response.writeHead(404).end('no page'),
};

async function looked(path: string) {
  const server = createServer((request, response) => answers[request.url!]!(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return (await metricsPages({ agent: url }, 2_000))['agent']!;
}

it('samples are counted, and comments are none', async () => {
  expect(await looked('/plain')).toMatchObject({ status: 200, contentType: plain, samples: 3 });
});

it.each(['/plain', '/open'])('%s is scraped', async (path) => {
  expect(scrapable(await looked(path))).toEqual({});
});

it.each([
  ['/untyped', /has no Content-Type, without which Prometheus 3 takes nothing/],
  ['/as-html', /has the Content-Type text\/html, which Prometheus 3 does not take/],
])('%s is scraped by a Prometheus of before alone', async (path, strictly) => {
  expect(scrapable(await looked(path))).toEqual({ strictly: expect.stringMatching(strictly) });
});

it.each([
  ['/page', /has no sample in Prometheus' text format/],
  ['/json', /has no sample in Prometheus' text format/],
  ['/created', /answers 201; 200 is wanted/],
  ['/gone', /answers 404; 200 is wanted/],
])('%s is scraped by none', async (path, not) => {
  expect(scrapable(await looked(path))).toEqual({ not: expect.stringMatching(not) });
});

it('no answer is told as what it is', async () => {
  const { agent } = await metricsPages({ agent: 'http://127.0.0.1:1/metrics' }, 2_000);
  expect(agent).toMatchObject({ status: null, error: expect.stringContaining('127.0.0.1:1') });
  expect(scrapable(agent!)).toEqual({ not: expect.stringContaining('got no answer') });
});
