// The whole week on two real machines, seen by others than ourselves, and back again.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { debianBinary } from '../../../lab/binaries.ts';
import { control, killWorker, startWorker } from '../../../lab/workers.ts';
import { workOf } from '../../../plan/report/report.ts';
import { freePorts, startProgram } from '../../activities/programs.ts';
import { boardNamed, queriesOf, withoutData } from '../../docs/dashboards.ts';
import { differences, fingerprint } from './fingerprint.ts';
import { natsRequest } from './foreign-nats.ts';
import { follow, hubshift, isStatus, must, notPassed, progress, report } from './lab.ts';
import { useLab } from './use-lab.ts';

const lab = useLab();

test('the preflight passes and changes nothing', async () => {
  await must('preflight');
  expect(differences(lab.phase1, await fingerprint(lab.machines))).toEqual([]);
});

test('a dry run shows the changes and makes none', async () => {
  const { exitCode, stdout } = await hubshift('start', '--dry-run');
  expect(exitCode).toBe(2);
  expect(stdout).toContain('edgehub');
  expect(differences(lab.phase1, await fingerprint(lab.machines))).toEqual([]);
});

test('every step and check of the week passes', async () => {
  await must('start', '--yes', '--rehearsal', '10000');
  await follow(isStatus('deciding'), 12 * 60_000);
  const seen = await report();
  expect(notPassed(seen)).toEqual([]);
  expect(seen.requirements.length).toBeGreaterThan(130);
});

test('the command line says how the week stands and what was found', async () => {
  const { glance } = JSON.parse(await must('progress', '--json'));
  expect(glance).toMatchObject({ status: 'deciding', tasks: (await progress())!.glance.tasks });
  expect(workOf(JSON.parse(await must('report', '--json')))).toEqual(workOf(await report()));
});

test('a second start is refused with the id of the running week', async () => {
  const { run } = await report();
  const { exitCode, stderr } = await hubshift('start');
  expect(exitCode).toBe(1);
  expect(stderr).toContain(run);
});

test('a decision is refused with its reason', async () => {
  const { exitCode, stderr } = await hubshift('approve', 'go', '--confidence', '80', '--reason', 'fairly sure');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('confidence');
});

test('docker shows the containers with their published ports', async () => {
  const format = '{{.Names}} {{.Ports}}';
  const main = await lab.docker('MainPC', 'ps', '--format', format);
  const pc2 = await lab.docker('PC2', 'ps', '--format', format);
  expect(pc2).toMatch(/^edgehub .*:9100->9090/m);
  expect(main).toMatch(/^pushgateway-main .*:9091->9091/m);
  expect(pc2).toMatch(/^pushgateway-pc2 .*:9091->9091/m);
  for (const port of ['4222->4222', '8222->8222', '6222->6222'])
    expect(main).toMatch(new RegExp(`^nats-main .*:${port}`, 'm'));
  for (const port of ['4223->4222', '8223->8222', '6223->6222'])
    expect(pc2).toMatch(new RegExp(`^nats-pc2 .*:${port}`, 'm'));
});

test('a foreign NATS client finds every stream with its replicas current', async () => {
  for (const [stream, maxAgeH] of [
    ['observability-metrics', 24],
    ['observability-health', 24],
    ['observability-alerts', 168],
  ] as const) {
    const info = (await natsRequest(lab.machine('MainPC').address, 4222, `$JS.API.STREAM.INFO.${stream}`)) as {
      config: { num_replicas: number; max_age: number };
      cluster: { leader: string; replicas: { name: string; current: boolean }[] };
    };
    expect(info.config).toMatchObject({ num_replicas: 2, max_age: maxAgeH * 3600 * 1e9 });
    expect([info.cluster.leader, ...info.cluster.replicas.map(({ name }) => name)].sort()).toEqual([
      'nats-main',
      'nats-pc2',
    ]);
    expect(info.cluster.replicas.every(({ current }) => current)).toBe(true);
  }
});

test('promtool finds the pilots in both hubs', async () => {
  const promtool = await debianBinary('promtool');
  for (const hub of [`http://${lab.machine('PC2').address}:9100`, `http://${lab.machine('MainPC').address}:9000`]) {
    for (const agent of ['observability_hub', 'resource_manager', 'unified_utils_agent']) {
      const { stdout } = await execa(promtool, ['query', 'instant', hub, `agent_pushed_sequence{agent="${agent}"}`], {
        timeout: 10_000,
      });
      expect(stdout, `${agent} in ${hub}`).toContain('=> ');
    }
  }
});

test('each panel of the dashboards has data', async () => {
  const central = `http://${lab.machine('MainPC').address}:9000`;
  const [shownAt, port] = await freePorts(2);
  const directory = mkdtempSync(join(tmpdir(), 'hubshift-panels-'));
  // Nothing of the lab scrapes the control worker, and it shows itself only where it is told to.
  process.env.HUBSHIFT_METRICS_ADDRESS = `127.0.0.1:${shownAt}`;
  onTestFinished(() => void delete process.env.HUBSHIFT_METRICS_ADDRESS);
  await killWorker(control);
  await startWorker(control);
  const job = { job_name: 'hubshift', static_configs: [{ targets: [`127.0.0.1:${shownAt}`] }] };
  writeFileSync(join(directory, 'own.yml'), stringify({ global: { scrape_interval: '2s' }, scrape_configs: [job] }));
  const own = `http://127.0.0.1:${port}`;
  const program = await startProgram(
    await debianBinary('prometheus'),
    [
      `--config.file=${join(directory, 'own.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    `${own}/-/ready`,
  );
  onTestFinished(async () => {
    await program.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const chosen = { plan: (await progress())!.glance.plan, hub: 'edgehub', instance: '.+' };
  const asked = (...files: string[]) => files.flatMap((file) => queriesOf(boardNamed(file), chosen));
  const empty = async () => {
    // So that it has something to do, of which the panels tell.
    await hubshift('notify', 'test');
    return [
      ...(await withoutData(central, asked('edgehub.json', 'agents.json'))),
      ...(await withoutData(own, asked('hubshift.json', 'nats.json'))),
    ];
  };
  await expect.poll(empty, { timeout: 90_000, interval: 3_000 }).toEqual([]);
});

test('a rollback at the gate leaves Phase 1 as it was', async () => {
  await must('rollback', '--reason', 'the test is over');
  expect(await lab.changes()).toEqual([]);
});
