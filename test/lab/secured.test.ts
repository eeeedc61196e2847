// The secured lab's plan is sound, and everything that answers by HTTP in it wants TLS and a login.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../lab/agent/config.ts';
import { labMachines } from '../../lab/layout.ts';
import { derivePlan } from '../../lab/lab.ts';
import { agentConfigText, centralHubText } from '../../lab/phase1.ts';
import { securedPlan } from '../../lab/secured.ts';
import type { Access } from '../../plan/schema/access.ts';
import { serviceOf } from '../../plan/schema/plan.ts';
import { readPlan, readWhole } from '../../plan/schema/read.ts';
import { SoundPlan } from '../../plan/schema/references.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';

const packaged = ['plan/week1.yaml', 'plan/starter.yaml', 'test/plans/renamed.yaml'];
const textOf = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
/** Of nobody. */
const weekKey = `U${'A'.repeat(55)}`;
const site = '/var/lib/hubshift-lab/site';

test.each(packaged)('%s, secured, is sound and has the rows that it had', (file) => {
  const { plan } = readWhole(securedPlan(textOf(file), weekKey), file, SoundPlan);
  expect(stepsOf(plan).map(({ id }) => id)).toEqual(stepsOf(readPlan(textOf(file), file)).map(({ id }) => id));
  const targets = [...plan.services.filter(({ kind }) => kind !== 'nats'), ...plan.agents] as Access[];
  for (const { scheme, tlsConfig, basicAuth, authorization } of targets) {
    expect({ scheme, tlsConfig }).toEqual({ scheme: 'https', tlsConfig: { caFile: `${site}/ca.pem` } });
    expect(basicAuth ?? authorization).toBeDefined();
  }
});

test('it becomes the plan of the lab with its comments', () => {
  const plan = derivePlan(securedPlan(textOf('plan/week1.yaml'), weekKey), labMachines(['MainPC', 'PC2']));
  expect(plan).toContain('# What can do harm stands first.');
  expect(readPlan(plan, 'lab').migration.access).toEqual({ via: 'yaml' });
});

test('what the plan leaves to its defaults can not be secured, and the error says what to do', () => {
  const short = 'machines: [{ name: A, address: 10.0.0.1 }, { name: B, address: 10.0.0.2 }]\n';
  const services = 'services: [{ kind: central-hub, machine: A, config: /a/prometheus.yml }]\n';
  const agents = 'agents: [{ name: one, machine: B, config: /one.yaml, log: /one.log, port: 8101, wave: 1 }]\n';
  expect(() => securedPlan(short + services + agents, weekKey)).toThrow(/name all of them/);
});

test('agents begin with TLS and a token, and are told how hub and peer are asked', () => {
  const plan = readPlan(securedPlan(textOf('plan/week1.yaml'), weekKey), 'secured');
  const agent = plan.agents[0]!;
  const config = parseConfig(agentConfigText(plan, agent, '/lab/root'), agent.name, {});
  expect(config).toMatchObject({
    hubs: [{ role: 'central', url: 'https://MainPC:9000/prometheus' }],
    guard: {
      cert_file: `${site}/agents/agents.pem`,
      key_file: `${site}/agents/agents.key`,
      credentials_file: `${site}/agents.token`,
    },
    peer: { url: 'https://MainPC:8201/peer-health' },
    access: {
      central: { ca_file: `${site}/ca.pem`, username: 'week', password_file: `${site}/centralhub.password` },
      peer: { ca_file: `${site}/ca.pem`, credentials_file: `${site}/agents.token` },
    },
  });
});

test('CentralHub scrapes itself and every agent with what it finds below filesIn', () => {
  const plan = readPlan(securedPlan(textOf('plan/week1.yaml'), weekKey), 'secured');
  const hub = serviceOf(plan, 'central-hub');
  const [itself, agents, ...others] = parse(centralHubText(plan, hub)).scrape_configs;
  expect(itself).toMatchObject({
    scheme: 'https',
    metrics_path: '/prometheus/metrics',
    tls_config: { ca_file: '/run/secrets/ca.pem', server_name: 'MainPC' },
    basic_auth: { username: 'week', password_file: '/run/secrets/centralhub.password' },
  });
  expect(agents).toMatchObject({
    job_name: 'agents',
    scheme: 'https',
    tls_config: { ca_file: '/run/secrets/ca.pem' },
    authorization: { credentials_file: '/run/secrets/agents.token' },
  });
  expect(agents.static_configs[0].targets).toHaveLength(plan.agents.length);
  expect(others).toEqual([]);
});
