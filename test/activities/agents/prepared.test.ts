// What a deployment will do, kept on the machine before it is done: real files, and an agent's own check as a real program.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { prepare, prepareAnew, preparedActivities } from '../../../activities/agents/prepared.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import type { AgentSpec } from '../../../plan/machine-api/agents.ts';
import { temporaryMachine } from '../machine.ts';

const config = '/code/config/a.yaml';
const before = Buffer.from('hub_url: http://MainPC:9000\npassword: hunter2\n');
const wanted = Buffer.from('hub_url: http://MainPC:9000\npassword: hunter2\nnats:\n  url: nats://PC2:4223\n');
const agent: AgentSpec = {
  name: 'a',
  program: 'agent_a',
  config,
  healthUrl: 'http://PC2:8101/health',
  startWithinMs: 20_000,
};

async function machine() {
  const host = await temporaryMachine();
  await mkdir(host.path('/code/config'), { recursive: true });
  await writeFile(host.path(config), before);
  await writeFile(host.path(`${config}.new`), wanted);
  const { preparedDeployment } = preparedActivities(host);
  const shown = (run = 'week-1') => preparedDeployment({ run, agent: 'a' });
  return { host, shown };
}

it('has the commands in order, the difference, and whose files they are of, for its run alone', async () => {
  const { host, shown } = await machine();
  const prepared = await prepare(host, 'week-1', agent, { before, wanted });
  expect(prepared).toMatchObject({ agent: 'a', machine: 'PC2', from: sha256(before), to: sha256(wanted), check: null });
  expect(
    prepared.commands.map((command) => command.replace(/ +#.*/, '').replace(host.supervisorConfig, 'CONF')),
  ).toEqual([
    'supervisorctl -c CONF stop agent_a',
    `cp ${config}.new ${config}`,
    'supervisorctl -c CONF start agent_a',
    'supervisorctl -c CONF status agent_a',
    'curl -f http://PC2:8101/health',
  ]);
  expect(prepared.difference).toContain('+  url: nats://PC2:4223');
  expect(await shown()).toEqual(prepared);
  expect(await shown('week-2')).toBeNull();
});

it('has the login with which health is asked by hand, and no secret of it', async () => {
  const { host } = await machine();
  const asked = async (credentials: object) => {
    const healthUrl = { url: 'https://PC2:8101/health', ...credentials };
    const { commands } = await prepare(host, 'week-1', { ...agent, healthUrl }, { before, wanted });
    return commands.at(-1)!;
  };
  const tlsConfig = {
    caFile: '/site/ca.pem',
    certFile: '/site/a.pem',
    keyFile: '/site/a.key',
    serverName: 'a.example',
  };
  expect(await asked({ tlsConfig, basicAuth: { username: 'week', passwordFile: '/site/password' } })).toBe(
    'curl -f --cacert /site/ca.pem --cert /site/a.pem --key /site/a.key --connect-to a.example:8101:PC2:8101 -u week https://a.example:8101/health  # healthy within 20 s',
  );
  expect(await asked({ authorization: { credentialsFile: '/site/token' } })).toBe(
    'curl -f https://PC2:8101/health  # with the bearer token in /site/token, healthy within 20 s',
  );
});

it('is for its owner alone, and has no secret in it', async () => {
  const { host } = await machine();
  await prepare(
    host,
    'week-1',
    { ...agent, check: ['/bin/echo', '--token', 'hunter3', '{config}'] },
    { before, wanted },
  );
  const file = join(host.state, 'prepared/week-1/a.json');
  const text = await readFile(file, 'utf8');
  expect(text).toContain('password: [secret#');
  expect(text).not.toMatch(/hunter[23]/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('has commands that a shell takes as they are meant, and nothing of a secret with blanks', async () => {
  const { host } = await machine();
  const check = [
    '/bin/sh',
    '-c',
    'exec /bin/cat "$1"',
    'sh',
    '--password',
    'two words',
    'A_TOKEN=three more words',
    '{config}',
  ];
  const { commands } = await prepare(host, 'week-1', { ...agent, check }, { before, wanted });
  expect(commands[0]).toMatch(
    /^\/bin\/sh -c 'exec \/bin\/cat "\$1"' sh --password '?\[secret#\w+\]'? 'A_TOKEN=\[secret#\w+\]' .*a\.yaml\.new  #/,
  );
});

it("has the agent's own check, with what it says of the new file, first of the commands", async () => {
  const { host } = await machine();
  const check = ['/bin/grep', 'no such setting', '{config}'];
  const prepared = await prepare(host, 'week-1', { ...agent, check }, { before, wanted });
  expect(prepared.check).toEqual({ command: ['/bin/grep', 'no such setting', `${config}.new`], ok: false, output: '' });
  expect(prepared.commands[0]).toMatch(/^\/bin\/grep 'no such setting' .*a\.yaml\.new /);
});

it('says that nothing is done where the file is as wanted', async () => {
  const { host } = await machine();
  const prepared = await prepare(host, 'week-1', agent, { before: wanted, wanted });
  expect(prepared).toMatchObject({ difference: '', commands: [expect.stringMatching(/as wanted already/)] });
});

it('is made anew in the deployment only where others have changed the file since, and is told again until it was heard of', async () => {
  const { host, shown } = await machine();
  const first = await prepare(host, 'week-1', agent, { before, wanted });
  expect(await prepareAnew(host, 'week-1', agent, { before, wanted }, null)).toBeUndefined();
  // Swapped by an attempt before.
  expect(await prepareAnew(host, 'week-1', agent, { before: wanted, wanted }, null)).toBeUndefined();
  const changed = { before: Buffer.from(`${before}more: 1\n`), wanted: Buffer.from(`${wanted}more: 1\n`) };
  const anew = await prepareAnew(host, 'week-1', agent, changed, null);
  expect(anew).toMatchObject({ anew: true, from: sha256(changed.before), to: sha256(changed.wanted) });
  expect(anew).not.toEqual(first);
  expect(await shown()).toEqual(anew);
  expect(await prepareAnew(host, 'week-1', agent, changed, null)).toEqual(anew);
});

it('that can not be read holds up no deployment', async () => {
  const { host, shown } = await machine();
  await prepare(host, 'week-1', agent, { before, wanted });
  await writeFile(join(host.state, 'prepared/week-1/a.json'), '{"agent":');
  expect(await shown()).toBeNull();
  expect(await prepareAnew(host, 'week-1', agent, { before, wanted }, null)).toMatchObject({ anew: true });
});
