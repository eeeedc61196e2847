// A variable that a pilot finds in its environment through a real supervisord: set when it is moved, taken back with it, beside programs of others.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import type { Host } from '../../../activities/context/host.ts';
import { checkRights } from '../../../activities/host/rights.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { programStatus } from '../../../activities/programs/programs.ts';
import { startStopped } from '../../../activities/programs/while-stopped.ts';
import { isPending } from '../../../activities/supervisor/group.ts';
import { call } from '../../../activities/supervisor/rpc.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { dualHubEdit } from '../dual-hub.ts';
import { supervisedAgent } from './supervised.ts';

vi.setConfig({ testTimeout: 180_000 });

const original = '# the toy\nagent: {name: toy}\nhub_url: http://MainPC:9000 # Phase 1\n';
const env = { name: 'OBS_HUB_URL', value: 'http://PC2:9100' };
const run = 'week-1';
const change = (step: string) => ({ run, step });
const edit = structuredClone(dualHubEdit);
if (edit.kind === 'dual-hub') delete edit.settings.environment;

/** The toy's section stands in an included file, beside another program. */
async function machine(sections = '[program:toy]\nKEYS\n[program:beside]\ncommand=/bin/sleep 600\nstartsecs=0\n') {
  const { host, agent: made } = await supervisedAgent(original, {
    program: 'toy',
    sections: `${sections}[include]\nfiles=conf.d/*.conf\n`,
  });
  const agent = { ...made, env };
  const ledger = ledgerOf(host, undo);
  await ledger.open(run, 'plan');
  const agents = agentActivities(host, ledger);
  const { backup } = await agents.backupConfig({ change: change('2D.backup'), config: agent.config });
  await agents.writeNewConfig({ change: change('2D.toy.new'), config: agent.config, edit });
  const deploy = () => agents.deployAgent({ change: change('2D.deploy.toy'), agent, backup });
  const conf = () => readFile(host.supervisorConfig, 'utf8');
  return { host, agent, ledger, deploy, conf };
}

/** As the process itself has it. */
async function has(host: Host): Promise<string | undefined> {
  const { pid } = await programStatus(host, 'toy');
  const all = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
  return all.find((one) => one.startsWith(`${env.name}=`))?.slice(env.name.length + 1);
}

it('is there once the pilot is moved, and gone when it is taken back; programs beside it run on', async () => {
  const { host, ledger, deploy, conf } = await machine();
  const beside = await programStatus(host, 'beside');
  const before = await conf();
  expect(await has(host)).toBeUndefined();
  expect(await deploy()).toMatchObject({ state: 'RUNNING', action: 'swapped' });
  expect(await has(host)).toBe(env.value);
  expect(await conf()).toMatch(/^environment=PORT="\d+",OBS_HUB_URL="http:\/\/PC2:9100"$/m);
  expect(await isPending(host, 'toy')).toBe(false);
  expect(await deploy()).toMatchObject({ action: 'already' });
  expect(await readFile(join(host.state, 'ledger.jsonl'), 'utf8')).toContain('"version":4');

  const said = await ledger.rollback({ run, scope: { agent: 'toy' }, dryRun: true });
  expect(said.map(({ kind, result }) => `${kind} ${result}`)).toEqual([
    'agent.restore undone',
    'environment.restore undone',
  ]);
  const undone = await ledger.rollback({ run, scope: { agent: 'toy' } });
  expect(undone.map(({ target, result }) => `${target} ${result}`)).toEqual([
    'toy undone',
    'OBS_HUB_URL of toy undone',
  ]);
  expect(await has(host)).toBeUndefined();
  expect(await conf()).toBe(before);
  expect(await programStatus(host, 'beside')).toMatchObject({ pid: beside.pid });
  expect(await programStatus(host, 'toy')).toMatchObject({ state: 'RUNNING' });

  // As the rehearsal of the way back does it.
  expect(await deploy()).toMatchObject({ action: 'swapped' });
  expect(await has(host)).toBe(env.value);
  const lines = (await conf()).replace('[program:beside]', '[program:beside]\nautorestart=true');
  await writeFile(host.supervisorConfig, lines);
  await ledger.rollback({ run, scope: 'all' });
  expect(await conf()).toBe(before.replace('[program:beside]', '[program:beside]\nautorestart=true'));
  expect(await has(host)).toBeUndefined();
  expect(await ledger.remaining(run)).toEqual([]);
});

it('is given back as it was, also after a person has set another: that stays', async () => {
  const { host, ledger, deploy, conf } = await machine();
  await deploy();
  await writeFile(host.supervisorConfig, (await conf()).replace(env.value, 'http://theirs:1'));
  const undone = await ledger.rollback({ run, scope: { agent: 'toy' } });
  expect(undone).toMatchObject([
    { kind: 'agent.restore', result: 'undone' },
    { kind: 'environment.restore', result: 'left' },
  ]);
  expect(await conf()).toContain('http://theirs:1');
});

it('is written where the section stands, in a file that [include] names', async () => {
  const { host, agent, deploy } = await machine();
  const text = await readFile(host.supervisorConfig, 'utf8');
  const section = /\[program:toy\][^[]*/.exec(text)![0];
  const file = join(dirname(host.supervisorConfig), 'conf.d/toy.conf');
  await mkdir(dirname(file));
  await writeFile(file, section);
  await writeFile(host.supervisorConfig, text.replace(section, ''));
  expect(await deploy()).toMatchObject({ state: 'RUNNING' });
  expect(await has(host)).toBe(env.value);
  expect(await readFile(file, 'utf8')).toContain(`${env.name}="${env.value}"`);
  expect(agent.program).toBe('toy');
});

/** What the preflight says of the variable. */
async function rightOf(host: Host, ledger: Parameters<typeof checkRights>[1]) {
  const nothing = { directories: [], files: [], programs: [], images: [], partition: false, chown: false };
  const rights = await checkRights(host, ledger, { ...nothing, environments: [{ program: 'toy', env }] });
  return rights.find(({ what }) => what === 'environment of toy');
}

it('is refused at preflight, and before anything is stopped, where its file can not be replaced', async () => {
  const { host, ledger, conf } = await machine();
  const before = await conf();
  // So says the kernel of what "chattr" keeps as it is, or where it is.
  const rmdir = () => Promise.reject(Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' }));
  expect(await rightOf({ ...host, files: { ...host.files, rmdir } }, ledger)).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/supervisord\.conf on \w+ can't be written \(EPERM/),
  });
  expect(await conf()).toBe(before);
});

it('a program that was taken away to be taken up anew, when the worker was killed, is put back and started', async () => {
  const { host } = await machine();
  await call(host, 10_000, 'stopProcess', 'toy', true);
  await call(host, 10_000, 'removeProcessGroup', 'toy');
  await mkdir(join(host.state, 'stopped'), { recursive: true });
  await writeFile(join(host.state, 'stopped/toy'), '');
  expect(await startStopped(host, true)).toEqual(['toy was stopped and not started again: it was told to start']);
  await expect.poll(async () => (await programStatus(host, 'toy')).state, { timeout: 20_000 }).toBe('RUNNING');
});

it.each([
  [
    'it is of a group',
    '[program:toy]\nKEYS\n[program:other]\ncommand=/bin/sleep 600\nstartsecs=0\n[group:toy]\nprograms=toy,other\n',
    /in a group with others \(toy:other\)/,
  ],
  ['it is there twice', '[program:toy]\nKEYS\nenvironment=PORT="0",A="geheim""x"\n', /line \d+: .*environment twice/],
])('is refused at preflight, and before anything is stopped, where %s', async (_, sections, why) => {
  const { host, ledger, deploy, conf } = await machine(sections);
  const [before, pid] = [await conf(), (await programStatus(host, 'toy')).pid];
  const right = await rightOf(host, ledger);
  expect(right).toMatchObject({ ok: false, detail: expect.stringMatching(why) });
  expect(right!.detail).not.toContain('geheim');
  await expect(deploy()).rejects.toMatchObject({ type: 'EnvironmentUneditable' });
  expect(await conf()).toBe(before);
  expect((await programStatus(host, 'toy')).pid).toBe(pid);
});
