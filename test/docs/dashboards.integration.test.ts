// Every panel has data where its metrics are: a real Prometheus with EdgeHub's rules, a reference agent, and what the control worker shows.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { startAgent } from '../../lab/agent/agent.ts';
import { parseConfig } from '../../lab/agent/config.ts';
import { createLog } from '../../lab/agent/log.ts';
import { debianBinary } from '../../lab/binaries.ts';
import { edgeRules } from '../../plan/tasks/edgehub/alerts.ts';
import { metricsView } from '../../plan/week/metrics-view.ts';
import { gaugesIn, show } from '../../workers/week-metrics.ts';
import { freePorts, startProgram } from '../activities/programs.ts';
import { plan, seenOf } from '../client/fixtures.ts';
import { good } from '../plan/evidence/good-week.ts';
import { dashboards, queriesOf, withoutData } from './dashboards.ts';

vi.setConfig({ testTimeout: 90_000 });

const chosen = { plan: plan.name, hub: 'edgehub', instance: '.+' };
const queries = dashboards.flatMap((board) => queriesOf(board, chosen));
/** Those of the Temporal SDK, which only a worker with a week has: the lab asks them. */
const ofSdk = /\btemporal_/;

let directory: string;
let hub: string;
const ending: (() => unknown)[] = [];

async function served(answer: () => Promise<string>): Promise<string> {
  const server: Server = createServer((_request, response) => void answer().then((text) => response.end(text)));
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  ending.push(() => (server.closeAllConnections(), server.close()));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hubshift-dashboards-'));
  hub = `http://127.0.0.1:${(await freePorts(1))[0]}`;
  const registry = new Registry();
  const state = good({ phase: 'soak', status: 'deciding' });
  const waits = [{ on: 'a person', step: 'gate', since: 1 }];
  show(gaugesIn(registry), [metricsView(state, seenOf(state, { running: [], waits }))]);
  const [control, central] = await Promise.all([served(() => registry.metrics()), served(async () => '')]);
  const agent = await startAgent(
    parseConfig(
      `agent: {name: tried, kind: resource_manager, listen: {host: 127.0.0.1, port: 0}}\nhub_url: ${hub}\npush_interval: 0.5\nack_log: ${directory}/acks.jsonl\n`,
      'tried.yaml',
      {},
    ),
    createLog(() => {}),
  );
  ending.push(() => agent.stop());
  const job = (job_name: string, target: string) => ({ job_name, static_configs: [{ targets: [target] }] });
  await writeFile(join(directory, 'rules.yml'), edgeRules(plan));
  await writeFile(
    join(directory, 'hub.yml'),
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yml'],
      remote_write: [{ name: 'centralhub', url: `http://${central}/api/v1/write` }],
      scrape_configs: [
        job('edgehub', new URL(hub).host),
        job('agents', `127.0.0.1:${agent.port}`),
        job('hubshift', control),
      ],
    }),
  );
  const program = await startProgram(
    await debianBinary('prometheus'),
    [
      `--config.file=${join(directory, 'hub.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${new URL(hub).host}`,
      '--web.enable-remote-write-receiver',
    ],
    `${hub}/-/ready`,
  );
  ending.unshift(() => program.stop());
}, 5 * 60_000);
afterAll(async () => {
  for (const end of ending) await end();
  await rm(directory, { recursive: true, force: true });
});

it('each query is one that promtool can read', async () => {
  const rules = queries.map(({ expr }, index) => ({ record: `panel:${index}`, expr }));
  const file = join(directory, 'panels.yml');
  await writeFile(file, stringify({ groups: [{ name: 'panels', rules }] }));
  const { exitCode, all } = await execa(await debianBinary('promtool'), ['check', 'rules', file], {
    reject: false,
    all: true,
    timeout: 30_000,
  });
  expect(exitCode, all).toBe(0);
});

it('each panel has data', async () => {
  const asked = queries.filter(({ expr }) => !ofSdk.test(expr));
  expect(queries.length - asked.length).toBe(3);
  await expect.poll(() => withoutData(hub, asked), { timeout: 60_000, interval: 2_000 }).toEqual([]);
});

it('what no hub has is named', async () => {
  expect(await withoutData(hub, [{ panel: 'none', expr: 'no_such_metric' }])).toEqual(['none: no_such_metric']);
});
