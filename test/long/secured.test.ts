// Some nine minutes. The demo with TLS and a login on everything: it passes as the plain one does, refuses strangers, and leaves its secrets nowhere.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nkeys } from 'nats';
import { withClient } from '../../client/week/connect.ts';
import { newWeek } from '../../client/week/start.ts';
import { loadPlan } from '../../client/plan-file.ts';
import { hostAddress, siteDirectory } from '../../lab/layout.ts';
import { markedProcesses } from '../../lab/process.ts';
import { labDirectory, projectDirectory, reportsDirectory } from '../../lab/state.ts';
import type { Access } from '../../plan/schema/access.ts';
import { servicesOf } from '../../plan/schema/plan.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { hubshift, labDown, labStatus, type LabStatus, report, weekPlan } from '../lab/week/lab.ts';
import { workOf } from '../../plan/report/report.ts';
import { leaksIn, readableByOthers, type Secret, secretsIn, type Text, textsBelow } from './secrets.ts';
import { knock, knockAtClients, knockAtRoutes } from './strangers.ts';

/** The library has no type of it. */
interface Pair {
  getPublicKey(): string;
  sign(bytes: Uint8Array): Uint8Array;
}

const minute = 60_000;
const demo = (...args: string[]) =>
  execa('npm', ['run', 'demo', '--', ...args], {
    cwd: projectDirectory,
    stdin: 'ignore',
    all: true,
    reject: false,
    timeout: 20 * minute,
  });

let ended: Awaited<ReturnType<typeof demo>>;
let tookMs: number;
let machines: LabStatus['machines'];
let secrets: Secret[];
const siteOf = ({ root }: { root: string }) => join(root, siteDirectory);

beforeAll(async () => {
  await labDown({ report: () => undefined });
  const began = Date.now();
  ended = await demo('--secured');
  tookMs = Date.now() - began;
  console.log(`the secured demo took ${Math.round(tookMs / 1000)} s`);
  machines = (await labStatus()).machines;
  secrets = [...machines.flatMap((machine) => secretsIn(siteOf(machine))), ...secretsIn(join(labDirectory, 'ca'))];
});
afterAll(async () => {
  await demo('--down');
});

test('the demo ends well, within eight minutes', () => {
  expect(ended.exitCode, ended.all?.slice(-3_000)).toBe(0);
  expect(tookMs).toBeLessThan(8 * minute);
});

test('its rows are those of the plain week, and each has passed', async () => {
  const rows = workOf(await report()).map(({ id, verdict }) => `${id}: ${verdict}`);
  const plain = stepsOf(newWeek(loadPlan({ plan: weekPlan }), 10_000).plan);
  expect(rows).toEqual(plain.map(({ id }) => `${id}: pass`));
});

describe('a stranger, from an address that no machine of the plan has,', () => {
  const site = () => siteOf(machines[0]!);
  const content = (path: string) => readFileSync(join(site(), path.slice(siteDirectory.length)), 'utf8').trim();

  test('is refused by hubs, Pushgateways and agents, which answer who has what the plan names', async () => {
    const { plan } = loadPlan({});
    const targets = [...plan.services.filter((service) => 'port' in service), ...plan.agents];
    const found: Record<string, unknown> = {};
    for (const target of targets) {
      const { address } = machines.find(({ name }) => name === target.machine)!;
      const { basicAuth, authorization, tlsConfig, pathPrefix = '' } = target as Access;
      const port = typeof target.port === 'number' ? target.port : target.port.host;
      const path = 'health' in target ? target.health : `${pathPrefix}/-/ready`;
      const login = basicAuth
        ? `Basic ${Buffer.from(`${basicAuth.username}:${content(basicAuth.passwordFile!)}`).toString('base64')}`
        : `Bearer ${content(authorization!.credentialsFile!)}`;
      const url = `https://${address}:${port}${path}`;
      found[target.name] = {
        without: await knock(url, hostAddress),
        plainly: await knock(url.replace('https:', 'http:'), hostAddress),
        with: await knock(url, hostAddress, { ca: content(tlsConfig!.caFile!), headers: { authorization: login } }),
      };
    }
    const refused = { without: 401, plainly: expect.toSatisfy((answer) => answer === 400 || answer === 'ECONNRESET') };
    expect(found).toEqual(Object.fromEntries(targets.map(({ name }) => [name, { ...refused, with: 200 }])));
  });

  test('is refused by NATS, at the port of clients and at that of routes, which answer who shows what they want', async () => {
    const { plan } = loadPlan({});
    const { tls, users } = plan.messaging;
    const ca = content(tls!.caFile);
    const pair = nkeys.fromSeed(Buffer.from(content(users!.week.nkey!.seedFile!))) as Pair;
    const byKey = (nonce: string) => ({
      nkey: pair.getPublicKey(),
      sig: Buffer.from(pair.sign(Buffer.from(nonce))).toString('base64url'),
    });
    const { username: user, passwordFile } = users!.agents.basicAuth!;
    const byPassword = (pass: string) => () => ({ user, pass });
    const shown = { cert: content(tls!.certFile), key: content(tls!.keyFile) };
    for (const { name, machine, ports } of servicesOf(plan, 'nats')) {
      const { address: host } = machines.find((one) => one.name === machine)!;
      const clients = { host, port: ports.client.host, from: hostAddress };
      const routes = { host, port: ports.cluster.host, from: hostAddress };
      expect(
        {
          nobody: await knockAtClients(clients),
          'a wrong password': await knockAtClients(clients, { ca, tell: byPassword('guessed') }),
          agents: await knockAtClients(clients, { ca, tell: byPassword(content(passwordFile!)) }),
          week: await knockAtClients(clients, { ca, tell: byKey }),
          'a server without a certificate': await knockAtRoutes(routes),
          'a server with one': await knockAtRoutes(routes, shown),
        },
        name,
      ).toEqual({
        nobody: "-ERR 'Authorization Violation'",
        'a wrong password': "-ERR 'Authorization Violation'",
        agents: 'PONG',
        week: 'PONG',
        'a server without a certificate': 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
        'a server with one': 'answers',
      });
    }
  });
});

describe('of the secrets of the lab', () => {
  test('there are some: of each password, token and key', () => {
    const kinds = secrets.map(({ of }) => of.replace(/.*\//, ''));
    expect(kinds).toEqual(
      expect.arrayContaining([
        'centralhub.password',
        'edgehub.password',
        'agents.token',
        'nats-week.seed',
        'nats-agents.password',
        'secrets.conf',
        'server.key',
        'web.yml',
        'ca.key',
      ]),
    );
  });

  test('none is in a history', async () => {
    const { histories, leaks } = await scanHistories();
    expect(histories).toBeGreaterThan(2);
    expect(leaks).toEqual([]);
  });

  test('none is in a file: ledgers, logs, reports, configurations, what Docker and Temporal store', async () => {
    const leaks = leaksIn([...textsBelow(labDirectory, isLeft)], secrets);
    expect(leaks).toEqual([]);
    const { run } = await report();
    expect(readdirSync(reportsDirectory).filter((file) => file.startsWith(run))).not.toEqual([]);
    expect(leaksIn([...textsBelow(reportsDirectory, () => false)], secrets)).toEqual([]);
  });

  test('none is in what commands say, in what Docker tells of its containers, in arguments or in the environment of a process', async () => {
    const said: Text[] = [{ where: 'the demo', text: Buffer.from(ended.all ?? '') }];
    for (const args of [
      ['progress', '--json'],
      ['report', '--json'],
      ['report', '--format', 'md'],
      ['validate', '--effective'],
    ]) {
      const { stdout, stderr } = await hubshift(...args);
      expect(stdout.length).toBeGreaterThan(100);
      said.push({ where: args.join(' '), text: Buffer.from(stdout + stderr) });
    }
    for (const { name, dockerSocket } of machines) {
      const docker = async (...args: string[]) =>
        (await execa('docker', ['-H', `unix://${dockerSocket}`, ...args], { all: true, timeout: minute })).all;
      const ids = (await docker('ps', '--all', '--quiet')).split('\n');
      said.push({ where: `docker inspect on ${name}`, text: Buffer.from(await docker('inspect', ...ids)) });
      for (const id of ids)
        said.push({ where: `docker logs ${id} on ${name}`, text: Buffer.from(await docker('logs', id)) });
    }
    const commands = textsBelow('/proc', (path) => !/^\/proc\/\d+(?:\/cmdline)?$/.test(path));
    const environments = markedProcesses().flatMap((pid) => [
      ...textsBelow(`/proc/${pid}`, (path) => !path.endsWith('/environ')),
    ]);
    expect(environments.length).toBeGreaterThan(10);
    expect(leaksIn([...said, ...commands, ...environments], secrets)).toEqual([]);
  });

  test('none can be read by others than whom it is for', () => {
    const files = [...new Set(secrets.map(({ of }) => of))];
    expect(readableByOthers(files)).toEqual([]);
  });

  test('one that is planted is found: in a file, and in a history', async () => {
    const { text, of } = secrets.find(({ of: file }) => file.endsWith('centralhub.password'))!;
    const planted = join(labDirectory, 'planted.log');
    writeFileSync(planted, `asked with Basic ${Buffer.from(`week:${text}`).toString('base64')}\n`);
    expect(leaksIn([...textsBelow(labDirectory, isLeft)], secrets)).toEqual([
      `${planted}: has ${of.replace(/.*\//, '')}`,
    ]);
    await withClient((client) =>
      client.workflow.start('planted', { taskQueue: 'nobody', workflowId: 'planted', args: [{ why: text }] }),
    );
    expect((await scanHistories()).leaks).toEqual([expect.stringMatching(/^planted .*: has centralhub\.password$/)]);
  });
});

/** What holds secrets because it is their place; the layers of images, which were there before them; what is no file to read. */
function isLeft(path: string): boolean {
  return (
    path === join(labDirectory, 'ca') ||
    machines.some((machine) => path === siteOf(machine)) ||
    /\/docker\/(?:overlay2|image|buildkit)$|\/run\/netns$|\/rootfs$/.test(path)
  );
}

async function scanHistories(): Promise<{ histories: number; leaks: string[] }> {
  const texts = await withClient(async (client) => {
    const found: Text[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      found.push({ where: `${workflowId} ${runId}`, text: Buffer.concat([...bytesIn(history)]) });
    }
    return found;
  });
  return { histories: texts.length, leaks: leaksIn(texts, secrets) };
}

/** Payloads as they are, decoded, and every text beside them. */
function* bytesIn(value: unknown): Generator<Buffer> {
  if (value instanceof Uint8Array) yield Buffer.from(value);
  else if (typeof value === 'string') yield Buffer.from(`${value}\n`);
  else if (value !== null && typeof value === 'object') for (const part of Object.values(value)) yield* bytesIn(part);
}
