// The agent asks hubs and its Pushgateway with the logins that its configuration names, each with its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { InvalidConfig } from '../../../lab/agent/config.ts';
import { request } from '../../../lab/agent/request.ts';
import { serve } from '../../activities/local-server.ts';
import { health, start, url } from './running-agent.ts';

/** A server that takes what comes with this login, and what it was asked. */
async function guarded(login: string) {
  const seen: string[] = [];
  const { url } = await serve((ask, response) => {
    const ok = ask.headers.authorization === login;
    if (ok) seen.push(`${ask.method} ${ask.url}`);
    response.writeHead(ok ? 200 : 401).end();
  });
  return { url: url.replace('/health', '/at'), seen };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

it('delivers to hubs below a path that want a login, and pushes its gauges with one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'agent-access-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'password'), 'one\n');
  writeFileSync(join(directory, 'token'), 'two\n');
  const [primary, fallback, gateway] = await Promise.all([
    guarded(basic('week:one')),
    guarded('Bearer two'),
    guarded(basic('week:one')),
  ]);
  await start(`hub_endpoints: {primary: ${primary.url}, fallback: ${fallback.url}, pushgateway: ${gateway.url}}
failover_config: {health_check_interval: 0.1, max_retries: 3, failover_threshold: 3, recovery_timeout: 0.3, probe_interval: 0.1, probe_timeout: 1, batch_timeout: 1}
hub_access:
  primary_username: week
  primary_password_file: ${directory}/password
  fallback_credentials_file: ${directory}/token
  pushgateway_username: week
  pushgateway_password_file: ${directory}/password
`);
  await expect.poll(async () => (await health()).hubs.list).toMatchObject([{ reachable: true }, { reachable: true }]);
  await expect.poll(() => primary.seen).toContain('POST /at/api/v1/write');
  expect(fallback.seen).toContain('GET /at/-/ready');
  await expect.poll(() => gateway.seen, { timeout: 10_000 }).toContain('PUT /at/metrics/job/agents/instance/tried');
});

it('a file that is not there is no answer, with its reason', async () => {
  const { url } = await guarded('');
  const answer = await request(url, 1_000, {}, { ca_file: '/none.pem' });
  expect(answer).toEqual({ status: 0, reason: expect.stringContaining('/none.pem') });
});

it('what it does not know is refused', async () => {
  await expect(start('hub_access: { primary_password: hunter2 }\n')).rejects.toThrow(InvalidConfig);
});

const startGuarded = (guard: string) => start('', 'bystander', 0, guard);

it('answers who tells its token, and nobody else', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'agent-access-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'token'), 'three\n');
  await startGuarded(`, credentials_file: ${directory}/token`);
  const asked = async (authorization?: string) =>
    (await fetch(`${url}/health`, { headers: authorization ? { authorization } : {} })).status;
  expect([await asked(), await asked('Bearer two'), await asked('Bearer three')]).toEqual([401, 401, 200]);
  rmSync(join(directory, 'token'));
  expect(await asked('Bearer three')).toBe(401);
});

it('a certificate without its key is refused', async () => {
  await expect(startGuarded(', cert_file: /cert.pem')).rejects.toThrow(InvalidConfig);
});
