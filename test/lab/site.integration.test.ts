// What the secured lab answers and is asked with: certificates that hold for each machine, secrets of its own, and each file for its reader alone.
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { createLog } from '../../lab/agent/log.ts';
import { json, serve } from '../../lab/agent/server.ts';
import { ask } from '../../lab/ask.ts';
import { type LabMachine, labMachines, siteDirectory } from '../../lab/layout.ts';
import { weekKey } from '../../lab/nats-secrets.ts';
import { securedPlan } from '../../lab/secured.ts';
import { agentsCertificate, siteUp } from '../../lab/site.ts';
import { targetOf } from '../../plan/machine-api/target.ts';
import { secretsWanted } from '../../plan/tasks/messaging/secured.ts';
import { wrongSecrets } from '../../plan/tasks/shared/secrets-file.ts';
import { readPlan } from '../../plan/schema/read.ts';

const packaged = readFileSync(join(import.meta.dirname, '../../plan/week1.yaml'), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'site-'));
const signers = join(directory, 'ca');
const secured = securedPlan(packaged, weekKey(signers).publicKey);
const plan = readPlan(secured, 'secured');
let machines: LabMachine[];

const at = (machine: number, file: string) => join(machines[machine]!.site, file);
const text = (machine: number, file: string) => readFileSync(at(machine, file), 'utf8');
const looks = (machine: number, file: string) => {
  const { mode, uid } = statSync(at(machine, file));
  return `${(mode & 0o777).toString(8)} ${uid}`;
};

beforeAll(async () => {
  machines = labMachines(['MainPC', 'PC2']).map((machine) => ({
    ...machine,
    root: join(directory, machine.id),
    site: join(directory, machine.id, siteDirectory),
  }));
  await siteUp(plan, machines, signers);
});
afterAll(() => rmSync(directory, { recursive: true }));

test('each certificate is for its machine, by name and address, and signed by the authority', () => {
  const authority = new X509Certificate(text(0, 'ca.pem'));
  for (const [machine, file] of [
    [0, 'centralhub/server.pem'],
    [1, 'edgehub/server.pem'],
    [1, 'agents/agents.pem'],
  ] as const) {
    const { name, address } = machines[machine]!;
    const certificate = new X509Certificate(text(machine, file));
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect([certificate.checkHost(name), certificate.checkIP(address)]).toEqual([name, address]);
    expect(certificate.checkHost('elsewhere')).toBeUndefined();
  }
});

test('only who has to read a file may', () => {
  expect(looks(0, 'ca.pem')).toMatch(/^644 0$/);
  for (const file of ['centralhub.password', 'agents.token', 'centralhub/server.key', 'centralhub/web.yml'])
    expect(looks(0, file), file).toBe('400 65534');
  expect(looks(0, 'centralhub')).toBe('750 65534');
  expect(looks(1, 'agents/agents.key')).toBe('400 0');
  expect((statSync(signers).mode & 0o777).toString(8)).toBe('700');
});

test('all machines tell the same password, of which a web configuration has the hash alone', () => {
  const password = text(0, 'edgehub.password').trim();
  expect(text(1, 'edgehub.password').trim()).toBe(password);
  expect(text(1, 'centralhub.password').trim()).not.toBe(password);
  expect(text(1, 'edgehub/web.yml')).not.toContain(password);
  expect(parse(text(1, 'edgehub/web.yml'))).toEqual({
    tls_server_config: { cert_file: 'server.pem', key_file: 'server.key' },
    basic_auth_users: { week: expect.stringMatching(/^\$2y\$\d\d\$.{53}$/) },
  });
});

test('NATS gets a key and the hash of a password to include, and the key that is named has its seed', () => {
  expect(wrongSecrets(text(0, 'nats/secrets.conf'), secretsWanted(plan))).toBeUndefined();
  expect(looks(0, 'nats/secrets.conf')).toBe('400 0');
  expect(text(0, 'nats/secrets.conf')).not.toContain(text(0, 'nats-agents.password').trim());
  expect(text(1, 'nats-week.seed').trim()).toBe(weekKey(signers).seed);
  expect(looks(1, 'nats-week.seed')).toBe('400 0');
});

test('made once: a second time nothing is another, and what a machine lost it gets again', async () => {
  const files = ['ca.pem', 'edgehub.password', 'edgehub/web.yml', 'agents/agents.pem'];
  const before = files.map((file) => text(1, file));
  rmSync(at(1, 'edgehub.password'));
  await siteUp(plan, machines, signers);
  expect(files.map((file) => text(1, file))).toEqual(before);
});

test('an agent answers by TLS who tells the token, and nobody else', async () => {
  const machine = machines[0]!;
  const beside = (file: string) => join(machine.root, file);
  const guard = {
    cert_file: beside(agentsCertificate.cert),
    key_file: beside(agentsCertificate.key),
    credentials_file: at(0, 'agents.token'),
  };
  const seen: number[] = [];
  const routes = { 'GET /health': () => json({ status: 'ok' }) };
  const server = await serve(
    routes,
    { host: '127.0.0.1', port: 0, guard },
    createLog(() => {}),
    (_, status) => seen.push(status),
  );
  onTestFinished(() => void server.close());
  const agent = plan.agents.find((one) => one.machine === machine.name)!;
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  expect(await ask(machine, targetOf(agent, url))).toContain('ok');
  expect(await ask(machine, targetOf({ tlsConfig: agent.tlsConfig }, url))).toBeUndefined();
  expect(seen).toEqual([200, 401]);
  expect(await ask(machine, url)).toBeUndefined();
  expect(await ask(machine, url.replace('https', 'http'))).toBeUndefined();
  expect(seen).toHaveLength(2);
});

test('a plan that names files elsewhere is refused', async () => {
  const elsewhere = readPlan(secured.replaceAll(`${siteDirectory}/agents.token`, '/etc/token'), 'elsewhere');
  await expect(siteUp(elsewhere, machines, signers)).rejects.toThrow('/etc/token');
});

test('a plan of another lab is refused', async () => {
  const other = readPlan(securedPlan(packaged, `U${'A'.repeat(55)}`), 'other');
  await expect(siteUp(other, machines, signers)).rejects.toThrow(/run "hubshift lab down"/);
});
