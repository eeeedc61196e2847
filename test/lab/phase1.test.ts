// The state before the week is one that the agents and Prometheus accept, whatever the plan calls things.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../lab/agent/config.ts';
import { imagesOf } from '../../lab/images.ts';
import { labMachines } from '../../lab/layout.ts';
import { agentConfigText, centralHubText } from '../../lab/phase1.ts';
import { supervisorText } from '../../lab/supervisor.ts';
import { serviceOf } from '../../plan/schema/plan.ts';
import { readPlan } from '../../plan/schema/read.ts';

const text = readFileSync(join(import.meta.dirname, '../../plan/week1.yaml'), 'utf8');
const renamed = readPlan(
  text
    .replaceAll('PC2', 'Beta')
    .replaceAll('MainPC', 'Alpha')
    .replaceAll('observability.metrics.pc2', 'observability.metrics.beta')
    .replace('port: 9000', 'port: 9400')
    .replace('port: 8201', 'port: 8555'),
  'renamed',
);

test('every agent starts in Phase 1: one hub, by the plan’s names, and its peer', () => {
  for (const agent of renamed.agents) {
    const config = parseConfig(agentConfigText(renamed, agent, '/lab/root'), agent.name, {});

    expect(config).toMatchObject({
      name: agent.name,
      kind: agent.kind,
      port: agent.port,
      phase: 1,
      hubs: [{ role: 'central', url: 'http://Alpha:9400' }],
    });
    expect(config.ackLog).toBe(`/lab/root${agent.acks}`);
  }
  const pilot = renamed.agents[0]!;
  expect(parseConfig(agentConfigText(renamed, pilot, '/'), pilot.name, {}).peer?.url).toBe(
    'http://Alpha:8555/peer-health',
  );
});

test('agent configurations and that of CentralHub carry comments', () => {
  expect(agentConfigText(renamed, renamed.agents[0]!, '/')).toMatch(/^# /);
  expect(centralHubText(renamed, serviceOf(renamed, 'central-hub'))).toMatch(/^# /);
});

test('CentralHub scrapes every agent by its machine and takes samples that come late', () => {
  const config = parse(centralHubText(renamed, serviceOf(renamed, 'central-hub')));

  const agents = config.scrape_configs.find((job: { job_name: string }) => job.job_name === 'agents');
  expect(agents.static_configs[0].targets).toEqual(renamed.agents.map((agent) => `${agent.machine}:${agent.port}`));
  expect(config.storage.tsdb.out_of_order_time_window).toBe('10m');
});

test('supervisord runs each agent with its configuration and log under the root', () => {
  const machine = labMachines(['Alpha', 'Beta'])[1]!;
  const agent = renamed.agents[0]!;

  const lines = supervisorText(machine, [agent]).split('\n');

  expect(lines).toContain(`[program:${agent.program}]`);
  expect(lines).toContain(`stdout_logfile=${machine.root}${agent.log}`);
  expect(lines.find((line) => line.startsWith('command='))).toMatch(
    new RegExp(`--config ${machine.root}${agent.config}$`),
  );
});

test('supervisord has groups and numprocs as the names of its programs tell them', () => {
  const machine = labMachines(['Alpha'])[0]!;
  const [agent] = renamed.agents;
  const named = (program: string, file: string) => ({
    ...agent!,
    program,
    config: `/opt/config/${file}.yaml`,
    log: `/opt/logs/${file}.log`,
  });

  const text = supervisorText(machine, [
    named('alone', 'alone'),
    named('herd:keeper', 'keeper'),
    named('herd:guard', 'guard'),
    named('pool:pool_00', 'pool_00'),
    named('pool:pool_01', 'pool_01'),
  ]);

  expect(text.match(/^\[(program|group):.*\]$/gm)).toEqual([
    '[program:alone]',
    '[program:keeper]',
    '[program:guard]',
    '[program:pool]',
    '[group:herd]',
  ]);
  expect(text).toContain('[group:herd]\nprograms=keeper,guard\n');
  const pool = text.slice(text.indexOf('[program:pool]'), text.indexOf('[group:herd]'));
  expect(pool).toMatch(/^command=.*\/opt\/config\/pool_%\(process_num\)02d\.yaml$/m);
  expect(pool).toMatch(/^stdout_logfile=.*\/opt\/logs\/pool_%\(process_num\)02d\.log$/m);
  expect(pool).toContain('process_name=%(program_name)s_%(process_num)02d\nnumprocs=2\n');
});

test('every image of the plan is made once, under the name that the plan gives it', () => {
  const plan = readPlan(text.replaceAll('nats:latest', 'registry.example/nats:2.15'), 'images');

  expect(imagesOf(plan)).toEqual([
    { tag: 'prom/prometheus:latest', kind: 'prometheus' },
    { tag: 'prom/pushgateway:latest', kind: 'pushgateway' },
    { tag: 'registry.example/nats:2.15', kind: 'nats' },
  ]);
});
