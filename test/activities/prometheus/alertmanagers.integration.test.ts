// What a real Alertmanager has of a real hub's alerts, by EdgeHub's own files: from this hub, from one of before, and not at all.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { prometheusActivities } from '../../../activities/prometheus/prometheus.ts';
import { debianBinary } from '../../../lab/binaries.ts';
import { type Plan, serviceOf } from '../../../plan/schema/plan.ts';
import { alertmanagerUrls, alertsArrive } from '../../../plan/tasks/edgehub/alertmanagers.ts';
import { edgeRules, ofRun, watchdogAlert } from '../../../plan/tasks/edgehub/alerts.ts';
import { edgeConfig } from '../../../plan/tasks/edgehub/config.ts';
import { weekPlan } from '../../plan/tasks/plan.ts';
import { temporaryMachine } from '../machine.ts';
import { freePorts, startProgram, type Program } from '../programs.ts';

vi.setConfig({ testTimeout: 90_000 });

let directory: string;
let plan: Plan;
let hub: string;
let alertmanager: string;
const programs: Program[] = [];

/** EdgeHub as a plan with this one Alertmanager renders it, faster. */
async function startHub(): Promise<Program> {
  const edge = serviceOf(plan, 'edge-hub');
  await writeFile(join(directory, edge.configFile), edgeConfig(plan));
  await writeFile(join(directory, edge.rulesFile), edgeRules(plan, 'run-1'));
  const program = await startProgram(
    await debianBinary('prometheus'),
    [
      `--config.file=${join(directory, edge.configFile)}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${new URL(hub).host}`,
      // It takes an alert for resolved after four times that, and so does an Alertmanager.
      '--rules.alert.resend-delay=5s',
    ],
    `${hub}/-/ready`,
  );
  programs.push(program);
  return program;
}

async function look(alertmanagers: string[], withinMs: number, run = 'run-1') {
  const labels = { ...serviceOf(plan, 'edge-hub').externalLabels, ...ofRun(run) };
  const activities = prometheusActivities(await temporaryMachine());
  const found = await activities.alertsAt({ hub, alert: watchdogAlert, labels, alertmanagers, withinMs });
  return { found, verdict: alertsArrive(watchdogAlert, alertmanagers, withinMs)(found) };
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hubshift-alertmanager-'));
  const [hubPort, port] = await freePorts(2);
  hub = `http://127.0.0.1:${hubPort}`;
  plan = weekPlan();
  const edge = serviceOf(plan, 'edge-hub');
  edge.scrapeInterval = 1_000;
  edge.alerting = { alertmanagers: [{ target: `127.0.0.1:${port}`, scheme: 'http', path: '/am' }] };
  [alertmanager] = alertmanagerUrls(edge) as [string];
  await writeFile(join(directory, 'alertmanager.yml'), 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n');
  programs.push(
    await startProgram(
      'prometheus-alertmanager',
      [
        `--config.file=${join(directory, 'alertmanager.yml')}`,
        `--storage.path=${join(directory, 'alertmanager')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.route-prefix=/am',
        '--cluster.listen-address=',
      ],
      `${alertmanager}/-/ready`,
    ),
  );
}, 5 * 60_000);
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await rm(directory, { recursive: true, force: true });
});

it('nothing is known of a hub that does not answer', async () => {
  expect((await look([alertmanager], 300)).verdict).toMatchObject({ verdict: 'inconclusive' });
});

it('what this hub sends arrives; what one of before sent is told from it, and so is an Alertmanager to which it does not send', async () => {
  const first = await startHub();
  const arrived = await look([alertmanager], 30_000);
  expect(arrived.verdict, JSON.stringify(arrived.found)).toMatchObject({ verdict: 'pass' });
  expect(arrived.found.sendsTo).toEqual([`${alertmanager}/api/v2/alerts`]);
  // Another run's EdgeHub, with the same name and labels, has got nothing there by that.
  expect((await look([alertmanager], 300, 'run-2')).verdict).toMatchObject({
    verdict: 'fail',
    summary: expect.stringContaining('did not arrive'),
  });
  await first.stop();

  // The same rules, sent to another one: what the first one has is of the hub before.
  const got: string[] = [];
  const other = createServer((request, response) => {
    got.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/json');
    response.end('[]');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  onTestFinished(() => void (other.closeAllConnections(), other.close()));
  const { port } = other.address() as { port: number };
  const edge = serviceOf(plan, 'edge-hub');
  edge.alerting!.alertmanagers = [{ target: `127.0.0.1:${port}`, scheme: 'http', path: '/' }];
  await startHub();
  const old = (await look([alertmanager], 1)).found;
  expect(old.at[0]!.receivedMsAgo).toBeGreaterThan(old.upMs!);
  expect(alertsArrive(watchdogAlert, [alertmanager], 30_000)({ ...old, sendsTo: [`${alertmanager}/`] })).toMatchObject({
    verdict: 'fail',
    summary: expect.stringContaining('from an EdgeHub of before'),
  });
  await expect.poll(() => got, { timeout: 20_000 }).toContain('POST /api/v2/alerts');
  const [silent] = alertmanagerUrls(edge) as [string];
  expect((await look([silent, alertmanager], 1)).verdict).toMatchObject({
    verdict: 'fail',
    summary: expect.stringMatching(/did not arrive within \d+ ms; .*\/am: EdgeHub does not send there, but to http/),
  });
});

it('one that does not answer, or is another server, is named with its reason', async () => {
  const { found } = await look(['http://127.0.0.1:1', `${hub}/graph`], 300);
  expect(found.at).toMatchObject([
    { receivedMsAgo: null, error: expect.stringContaining('http://127.0.0.1:1') },
    { receivedMsAgo: null, error: expect.stringMatching(/answered 404|JSON/) },
  ]);
});
