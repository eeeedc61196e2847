// What a Prometheus says of the configuration that it runs is what EdgeHub's verdicts want of it, in its own spelling.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { prometheusActivities } from '../../../../activities/prometheus/prometheus.ts';
import { debianBinary } from '../../../../lab/binaries.ts';
import { serviceOf } from '../../../../plan/schema/plan.ts';
import { edgeRules } from '../../../../plan/tasks/edgehub/alerts.ts';
import { edgeConfig } from '../../../../plan/tasks/edgehub/config.ts';
import { globalRuns, jobsRun, remoteWriteRuns } from '../../../../plan/tasks/edgehub/verdicts.ts';
import { temporaryMachine } from '../../../activities/machine.ts';
import { freePorts, startProgram, type Program } from '../../../activities/programs.ts';
import { weekPlan } from '../plan.ts';

vi.setConfig({ testTimeout: 60_000 });

const directory = await mkdtemp(join(tmpdir(), 'hubshift-running-'));
let program: Program | undefined;
afterAll(async () => {
  await program?.stop();
  await rm(directory, { recursive: true, force: true });
});

it('its rules, its queue and its jobs', async () => {
  const plan = weekPlan();
  const edge = serviceOf(plan, 'edge-hub');
  const [port] = await freePorts(1);
  const hub = `http://127.0.0.1:${port}`;
  await writeFile(join(directory, edge.configFile), edgeConfig(plan));
  await writeFile(join(directory, edge.rulesFile), edgeRules(plan));
  program = await startProgram(
    await debianBinary('prometheus'),
    [
      `--config.file=${join(directory, edge.configFile)}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    `${hub}/-/ready`,
  );
  const status = await prometheusActivities(await temporaryMachine()).hubStatus({ hub, whole: true });
  const agents = plan.agents.filter(({ machine }) => machine === edge.machine);
  expect(globalRuns(edge)(status)).toMatchObject({ verdict: 'pass' });
  expect(remoteWriteRuns('http://MainPC:9000', edge.remoteWrite)(status)).toMatchObject({ verdict: 'pass' });
  expect(
    jobsRun(
      edge.name,
      agents.map(({ machine, port: at }) => `${machine}:${at}`),
    )(status),
  ).toMatchObject({ verdict: 'pass' });
  expect(globalRuns({ ...edge, rulesFile: 'others.yml' })(status)).toMatchObject({ verdict: 'fail' });
});
