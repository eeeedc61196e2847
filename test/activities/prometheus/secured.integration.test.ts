// Real hubs and a Pushgateway with TLS, logins, client certificates and a path prefix, by what a plan renders: asked, written to, scraped,
// reloaded; and what is refused, with its reason.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { hostOf, type Host } from '../../../activities/context/host.ts';
import { probe } from '../../../activities/http/probe.ts';
import { prometheusActivities } from '../../../activities/prometheus/prometheus.ts';
import { debianBinary } from '../../../lab/binaries.ts';
import type { SecuredTarget } from '../../../plan/machine-api/target.ts';
import { type Plan, serviceOf, servicesOf } from '../../../plan/schema/plan.ts';
import { edgeRules } from '../../../plan/tasks/edgehub/alerts.ts';
import { edgeConfig } from '../../../plan/tasks/edgehub/config.ts';
import { scrapeJobs } from '../../../plan/tasks/pushgateways/scrape-jobs.ts';
import { gatewayTarget } from '../../../plan/tasks/shared/gateways.ts';
import { hubTarget, reloadSpec } from '../../../plan/tasks/shared/hubs.ts';
import { webArguments } from '../../../plan/tasks/shared/web.ts';
import { applyEdit } from '../../../plan/yaml/edit.ts';
import { weekPlan } from '../../plan/tasks/plan.ts';
import { type Authority, authority } from '../certificates.ts';
import { freePorts, type Program, startProgram } from '../programs.ts';

vi.setConfig({ testTimeout: 60_000 });

/** The word of Prometheus' own guide and its hash. */
const [password, hash] = ['test', '$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay'];

let ca: Authority;
let stranger: Authority;
let host: Host;
let plan: Plan;
let centralFile: string;
const programs: Program[] = [];

beforeAll(async () => {
  [ca, stranger] = await Promise.all([authority(), authority()]);
  const directory = ca.directory;
  const [server, client] = [await ca.sign('hub.example'), await ca.sign('who-asks')];
  await writeFile(join(directory, 'password'), `${password}\n`);
  const web = async (name: string, wantsCertificate: boolean) => {
    const file = join(directory, name, 'web.yml');
    await mkdir(join(directory, name));
    await writeFile(
      file,
      `tls_server_config:\n  cert_file: ${server.certFile}\n  key_file: ${server.keyFile}\n${
        wantsCertificate ? `  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ${ca.caFile}\n` : ''
      }basic_auth_users:\n  week: ${hash}\n`,
    );
    return file;
  };
  const [centralPort, edgePort, gatewayPort] = (await freePorts(3)) as [number, number, number];
  const basicAuth = { username: 'week', passwordFile: join(directory, 'password') };
  const tlsConfig = { caFile: ca.caFile, serverName: 'hub.example' };

  plan = weekPlan();
  const [central, edge] = [serviceOf(plan, 'central-hub'), serviceOf(plan, 'edge-hub')];
  const gateway = servicesOf(plan, 'pushgateway')[0]!;
  const machine = '127.0.0.1';
  Object.assign(central, { machine, port: centralPort, scheme: 'https', pathPrefix: '/prometheus', basicAuth });
  Object.assign(central, { tlsConfig: { ...tlsConfig, ...client } });
  Object.assign(edge, {
    machine,
    port: { host: edgePort, container: edgePort },
    scheme: 'https',
    basicAuth,
    tlsConfig,
  });
  Object.assign(edge, { scrapeInterval: 1_000, webConfigFile: await web('edge', false) });
  Object.assign(gateway, { machine, port: { host: gatewayPort, container: gatewayPort }, scheme: 'https', tlsConfig });
  Object.assign(gateway, { basicAuth, pathPrefix: '/push', webConfigFile: await web('gateway', false) });
  host = hostOf({
    name: 'PC2',
    address: machine,
    root: '/',
    docker: '/d',
    supervisor: '/s',
    state: join(directory, 'state'),
  });

  centralFile = join(directory, 'central.yml');
  await writeFile(centralFile, 'global: { scrape_interval: 1s }\nscrape_configs: []\n');
  await writeFile(join(directory, 'edge.yml'), edgeConfig(plan));
  await writeFile(join(directory, edge.rulesFile), edgeRules(plan));
  const prometheus = await debianBinary('prometheus');
  const started = async (program: string, args: string[], target: ReturnType<typeof hubTarget>) =>
    programs.push(await startProgram(program, args, '', async () => (await probe(host.reach(target), 1_000)).ok));
  await started(
    prometheus,
    [
      `--config.file=${centralFile}`,
      `--storage.tsdb.path=${join(directory, 'central-data')}`,
      `--web.listen-address=${machine}:${centralPort}`,
      '--web.enable-lifecycle',
      '--web.enable-remote-write-receiver',
      ...webArguments({ ...central, webConfigFile: await web('central', true) }, 0),
    ],
    hubTarget(central, '/-/ready'),
  );
  await started(
    prometheus,
    [
      `--config.file=${join(directory, 'edge.yml')}`,
      `--storage.tsdb.path=${join(directory, 'edge-data')}`,
      `--web.listen-address=${machine}:${edgePort}`,
      ...webArguments(edge, 0),
    ],
    hubTarget(edge, '/-/ready'),
  );
  await started(
    await debianBinary('prometheus-pushgateway'),
    [`--web.listen-address=${machine}:${gatewayPort}`, ...webArguments(gateway, 0)],
    gatewayTarget(gateway, '/-/ready'),
  );
}, 5 * 60_000);

afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await Promise.all([ca, stranger].map((one) => one?.remove()));
});

const central = () => hubTarget(serviceOf(plan, 'central-hub')) as SecuredTarget;
const answer = (target: SecuredTarget) => probe(host.reach({ ...target, url: `${target.url}/-/ready` }), 2_000);

it('EdgeHub scrapes itself and writes to CentralHub, as its rendered file says', async () => {
  const hubs = prometheusActivities(host);
  const edge = serviceOf(plan, 'edge-hub');
  const own = await hubs.targets({ hub: hubTarget(edge), jobs: [edge.name], withinMs: 15_000 });
  expect(own.targets, JSON.stringify(own)).toMatchObject([{ job: edge.name, health: 'up' }]);
  const query = `up{job="${edge.name}",hub="edgehub"} == 1`;
  const found = await hubs.query({ hub: central(), query, withinMs: 20_000 });
  expect(found.series, JSON.stringify(found)).toHaveLength(1);
  expect(await hubs.probeReceiver({ hub: central() })).toMatchObject({ ok: true });
});

it('a Pushgateway takes a metric, and CentralHub scrapes it once it has been reloaded', async () => {
  const hubs = prometheusActivities(host);
  const gateway = servicesOf(plan, 'pushgateway')[0]!;
  const group = { gateway: gatewayTarget(gateway), ...gateway.test };
  expect(await hubs.pushMetric(group)).toMatchObject({ ok: true });
  expect(await hubs.readPushed(group)).toEqual({ value: gateway.test.value });
  const hub = serviceOf(plan, 'central-hub');
  const jobs = scrapeJobs({ ...plan, services: [hub, gateway] }, hub.name);
  const edit = { kind: 'scrape-jobs' as const, jobs };
  await writeFile(centralFile, applyEdit('global: { scrape_interval: 1s }\nscrape_configs:\n', edit));
  const reloaded = await hubs.reloadHub({ reload: reloadSpec(hub), jobs: [gateway.name] });
  expect(reloaded).toMatchObject({ successful: true });
  const { targets } = await hubs.targets({ hub: central(), jobs: [gateway.name], withinMs: 15_000 });
  expect(targets).toMatchObject([{ job: gateway.name, health: 'up', lastError: '' }]);
  expect(await hubs.deletePushed(group)).toMatchObject({ ok: true });
});

it.each<[string, (target: SecuredTarget) => SecuredTarget, RegExp]>([
  [
    'no login',
    (target) => ({ ...target, basicAuth: undefined }),
    /answered 401 \(it wants a login: basicAuth or authorization/,
  ],
  [
    'another user',
    (target) => ({ ...target, basicAuth: { ...target.basicAuth!, username: 'nobody' } }),
    /answered 401 \(it refuses the basicAuth of the plan: passwordFile \S+\)/,
  ],
  [
    'another authority',
    (target) => ({ ...target, tlsConfig: { ...target.tlsConfig, caFile: stranger.caFile } }),
    /certificate.*; tlsConfig\.caFile names who signed its certificate/,
  ],
  [
    'no authority',
    (target) => ({ ...target, tlsConfig: { ...target.tlsConfig, caFile: undefined } }),
    /certificate.*; tlsConfig\.caFile names who signed/,
  ],
  [
    'another name',
    (target) => ({ ...target, tlsConfig: { ...target.tlsConfig, serverName: 'other.example' } }),
    /other\.example.*hub\.example; tlsConfig\.serverName says another name/,
  ],
  [
    'no certificate of who asks',
    (target) => ({ ...target, tlsConfig: { ...target.tlsConfig, certFile: undefined, keyFile: undefined } }),
    /does it want a certificate of who asks \(tlsConfig\.certFile and keyFile\)\?/,
  ],
  [
    'a file that is not there',
    (target) => ({ ...target, basicAuth: { username: 'week', passwordFile: '/nowhere/password' } }),
    /was not asked: passwordFile \/nowhere\/password is not on this machine/,
  ],
  [
    'a variable that is not set',
    (target) => ({ ...target, basicAuth: { username: 'week', passwordEnv: 'HUBSHIFT_NOT_SET' } }),
    /was not asked: passwordEnv names HUBSHIFT_NOT_SET, which is not in the environment/,
  ],
])('is refused with its reason: %s', async (_, changed, reason) => {
  expect(await answer(central())).toMatchObject({ ok: true, status: 200 });
  const { ok, error } = await answer(changed(central()));
  expect({ ok, error }).toEqual({ ok: false, error: expect.stringMatching(reason) });
  expect(error).not.toContain(Buffer.from(`week:${password}`).toString('base64'));
});

it('http of a server that speaks https is told by it', async () => {
  const { port } = new URL(central().url);
  const plain = await probe(`http://127.0.0.1:${port}/prometheus/-/ready`, 2_000);
  expect(plain).toMatchObject({ ok: false, status: 400 });
});
