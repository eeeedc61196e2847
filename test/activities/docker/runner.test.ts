// A container as an agent: how it is, how it is stopped and started, and what keeps one from being moved.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import type { Host } from '../../../activities/context/host.ts';
import { logFileOf } from '../../../activities/agents/log-source.ts';
import { checkRights } from '../../../activities/host/rights.ts';
import {
  eachStatus,
  programStatus,
  runsWhatIs,
  startProgram,
  stopProgram,
} from '../../../activities/programs/programs.ts';
import {
  hasStopped,
  mustBeOursToStart,
  startStopped,
  whileStopped,
  whyUnknown,
} from '../../../activities/programs/while-stopped.ts';
import { dualHubEdit as edit } from '../dual-hub.ts';
import { serve } from '../local-server.ts';
import { machine, type Machine } from './toy-machine.ts';
import type { ToyContainer } from './toy-docker.ts';

const program = 'docker/hub_agent';
const config = '/code/config/agent.yaml';

async function withAgent(changes: Partial<ToyContainer> = {}, mounted = '/code/config'): Promise<Machine> {
  const made = await machine();
  await mkdir(dirname(made.host.path(config)), { recursive: true });
  await writeFile(made.host.path(config), 'agent: {}\n');
  made.toy.containers.set('hub_agent', {
    id: 'id0',
    status: 'running',
    config: {
      Image: 'agent',
      HostConfig: { Mounts: [{ Type: 'bind', Source: made.host.path(mounted), Target: '/etc/agent' }] },
    },
    ...changes,
  });
  return made;
}

const ours = (host: Host) => mustBeOursToStart(host, program, config);

it.each([
  ['running', 'RUNNING', null],
  ['exited', 'STOPPED', /^exited since 2026-01-01/],
  ['created', 'STOPPED', /^created since|^created/],
  ['paused', 'PAUSED', /^paused$/],
] as const)('that is %s is %s', async (status, state, stopped) => {
  const { host } = await withAgent({ status });
  expect(await programStatus(host, program)).toMatchObject({ program, state });
  if (stopped === null) await ours(host);
  else
    await expect(ours(host)).rejects.toMatchObject({
      type: 'ProgramStopped',
      message: expect.stringMatching(/docker\/hub_agent on PC2 is .*somebody else who stopped it/),
    });
});

it('has a process and a time of its start, by which a restart is known', async () => {
  const { host } = await withAgent();
  expect(await programStatus(host, program)).toMatchObject({ pid: 4711, since: 1_767_225_602 });
  expect(await runsWhatIs(host, program, host.path(config))).toBe(false);
});

it('that is gone is unknown, and named so', async () => {
  const { host, toy } = await withAgent();
  toy.containers.delete('hub_agent');
  expect(await programStatus(host, program)).toMatchObject({ program, state: 'UNKNOWN', pid: null });
  expect(await whyUnknown(host, program)).toBe('Docker on PC2 has no container hub_agent any more');
  await expect(ours(host)).rejects.toMatchObject({ type: 'ProgramUnknown' });
});

it('is known though supervisord, which runs others of the machine, does not answer', async () => {
  const { host } = await withAgent();
  const [theirs, its] = await Promise.allSettled(eachStatus(host, ['keeper', program]));
  expect(theirs!.status).toBe('rejected');
  expect(its).toMatchObject({ status: 'fulfilled', value: { program, state: 'RUNNING' } });
});

it('is stopped for the work, and started again, also where it was paused', async () => {
  const { host, toy } = await withAgent({ status: 'paused' });
  let meanwhile = '';
  await whileStopped(host, program, 5_000, async () => {
    meanwhile = (await programStatus(host, program)).state;
  });
  expect(meanwhile).toBe('STOPPED');
  expect(toy.requests.filter((one) => one.startsWith('POST'))).toEqual([
    'POST unpause hub_agent',
    'POST stop hub_agent',
    'POST start hub_agent',
  ]);
  expect(await startProgram(host, program, 5_000)).toMatchObject({ state: 'RUNNING', byOthers: true });
});

it('that Docker does not start is told, and started by whoever comes next', async () => {
  const { host, toy } = await withAgent();
  toy.intercept = (request) =>
    request === 'POST start hub_agent' ? { status: 500, body: { message: 'port is already allocated' } } : undefined;
  await expect(whileStopped(host, program, 1_000, async () => undefined)).rejects.toThrow('port is already allocated');
  expect(await hasStopped(host)).toBe(true);
  toy.intercept = () => undefined;
  expect(await startStopped(host, false)).toEqual([
    'docker/hub_agent was stopped and not started again: it was told to start',
  ]);
  expect(await programStatus(host, program)).toMatchObject({ state: 'RUNNING' });
  expect(await hasStopped(host)).toBe(false);
});

it('whose stop may be under way is left to who waits for its end, and restarted then', async () => {
  const { host, toy } = await withAgent();
  await mkdir(`${host.state}/stopped`, { recursive: true });
  await writeFile(`${host.state}/stopped/${encodeURIComponent(program)}`, '');
  expect(await startStopped(host, false)).toEqual([]);
  expect(await hasStopped(host)).toBe(true);
  await startStopped(host, true);
  expect(toy.requests).toContain('POST restart hub_agent');
  expect(await hasStopped(host)).toBe(false);
});

it('whose worker is killed once it was told to start runs on: whoever comes next does not restart it', async () => {
  const { host, ledger, toy } = await withAgent();
  const killed = { ...host, files: { ...host.files, unlink: () => Promise.reject(new Error('killed')) } };
  await expect(whileStopped(killed, program, 5_000, async () => undefined)).rejects.toThrow('killed');
  expect(await hasStopped(host)).toBe(true);
  const requests = toy.requests.length;
  await ledger.recover();
  expect(await hasStopped(host)).toBe(false);
  expect(toy.requests.slice(requests).filter((one) => one.startsWith('POST'))).toEqual([]);
});

it('that others start meanwhile is noted in the life that is stopped last', async () => {
  const { host, toy } = await withAgent();
  const note = `${host.state}/stopped/${encodeURIComponent(program)}`;
  const noted: string[] = [];
  toy.intercept = (request) => {
    if (request === 'POST stop hub_agent') noted.push(readFileSync(note, 'utf8'));
    return undefined;
  };
  await whileStopped(host, program, 5_000, async () => {
    await startProgram(host, program, 5_000);
  });
  expect(noted).toEqual(['2026-01-01T00:00:02.500Z', '2026-01-01T00:00:03.500Z']);
});

it('that comes up again at once is not stopped: it says so', async () => {
  const { host, toy } = await withAgent();
  toy.intercept = (request) => (request === 'POST stop hub_agent' ? { status: 204 } : undefined);
  await expect(stopProgram(host, program, 1_000)).rejects.toThrow('told to stop hub_agent, and it is RUNNING');
});

it.each([
  ['running', true, 'RUNNING, pid 4711'],
  ['exited', false, `${program} on PC2 is STOPPED, so what answers at its port, if anything does, is not it: start it`],
  ['paused', false, 'is PAUSED'],
] as const)('that is to be moved and is %s: the preflight says whether it can be', async (status, ok, detail) => {
  const { host, ledger } = await withAgent({ status });
  const rights = await checkRights(host, ledger, { ...nothing, running: [program] });
  expect(rights.find(({ what }) => what === `${program} runs`)).toMatchObject({
    ok,
    detail: expect.stringContaining(detail),
  });
});

const moved = { program, config, log: program };
const nothing = { directories: [], files: [], programs: [], images: [], partition: false, chown: false };

async function rightsOf({ host, ledger }: Machine, what: string) {
  const rights = await checkRights(host, ledger, { ...nothing, programs: [program], moved: [moved] });
  return rights.find((right) => right.what === `${what} ${program}`);
}

it.each([
  ['started with --rm', { AutoRemove: true }, '/code/config', 'started with --rm'],
  ['that has another directory mounted', {}, '/code/conf', 'mounts neither /code/config/agent.yaml nor a directory'],
])('%s can not be moved: said at preflight, and before it is stopped', async (_, more, mounted, said) => {
  const made = await withAgent({}, mounted);
  Object.assign(made.toy.containers.get('hub_agent')!.config.HostConfig, more);
  expect(await rightsOf(made, 'move of')).toMatchObject({ ok: false, detail: expect.stringContaining(said) });
  await expect(ours(made.host)).rejects.toMatchObject({ type: 'ProgramUnfit' });
  expect(made.toy.requests).not.toContain('POST stop hub_agent');
});

it.each([
  'com.docker.swarm.service.id',
  'io.kubernetes.pod.uid',
  'com.hashicorp.nomad.alloc_id',
  'com.amazonaws.ecs.task-arn',
])('that somebody keeps up can not be moved: %s', async (label) => {
  const made = await withAgent();
  made.toy.containers.get('hub_agent')!.config.Labels = { 'com.docker.compose.service': 'hub', [label]: 'x' };
  expect(await rightsOf(made, 'move of')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('would start another one when it is stopped'),
  });
  await expect(ours(made.host)).rejects.toMatchObject({ type: 'ProgramUnfit' });
});

type Mount = [source: string, target: string];
const code: Mount = ['/code', '/srv'];

it.each<[what: string, mounts: Mount[], tmpfs: string[], hidden: string | undefined]>([
  ['a volume over its directory', [code, ['/volume', '/srv/config']], [], '/srv/config'],
  ['another file over it', [code, ['/other.yaml', '/srv/config/agent.yaml']], [], '/srv/config/agent.yaml'],
  ['memory over its directory', [code], ['/srv/config'], '/srv/config'],
  ['memory beside it', [code], ['/srv/conf', '/srv/config/cache'], undefined],
  ['the whole below memory', [code], ['/'], undefined],
  ['its directory again', [code, ['/code/config', '/srv/config']], [], undefined],
  [
    'a volume there, and its directory elsewhere',
    [code, ['/v', '/srv/config'], ['/code', '/etc/agent']],
    [],
    undefined,
  ],
])('whose file has %s sees it or not', async (_, mounts, tmpfs, hidden) => {
  const made = await withAgent();
  const { HostConfig } = made.toy.containers.get('hub_agent')!.config;
  HostConfig.Tmpfs = Object.fromEntries(tmpfs.map((path) => [path, '']));
  HostConfig.Mounts = mounts.map(([source, Target]) => ({ Type: 'bind', Source: made.host.path(source), Target }));
  const found = await rightsOf(made, 'move of');
  if (!hidden) expect(found).toMatchObject({ ok: true });
  else
    expect(found).toMatchObject({
      ok: false,
      detail: expect.stringContaining(`at /srv/config/agent.yaml it has ${hidden} mounted over it`),
    });
});

it.each(['/code/config/agent.yaml', '/code', '/link'])(
  'that has %s mounted sees its configuration',
  async (mounted) => {
    const made = await withAgent({}, mounted);
    await symlink(made.host.path('/code'), made.host.path('/link'));
    expect(await rightsOf(made, 'move of')).toMatchObject({ ok: true });
  },
);

it('has its log where Docker keeps it; a driver that keeps no file is refused at preflight', async () => {
  const made = await withAgent();
  expect(await rightsOf(made, 'log of')).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/keeps the log of hub_agent in no file .*name that in the plan/),
  });
  const file = made.host.path('/code/hub_agent-json.log');
  await writeFile(file, '');
  made.toy.containers.get('hub_agent')!.logPath = file;
  expect(await rightsOf(made, 'log of')).toMatchObject({ ok: true });
  expect(await logFileOf(made.host, program)).toBe(file);
  expect(await logFileOf(made.host, '/code/a.log')).toBe(made.host.path('/code/a.log'));
  await expect(logFileOf(made.host, 'keeper')).rejects.toThrow('name its file in the plan');
});

it('that nobody knows is refused with those that may be meant', async () => {
  const made = await withAgent();
  const container = made.toy.containers.get('hub_agent')!;
  made.toy.containers.clear();
  made.toy.containers.set('grove-hub_agent-1', container);
  expect(await rightsOf(made, 'program')).toMatchObject({
    ok: false,
    detail: expect.stringContaining(
      'Docker on PC2 has no container hub_agent, but grove-hub_agent-1: correct the name',
    ),
  });
});

it('is deployed and given back, with its own check in a container like it, and its ledger is not for builds that know no containers', async () => {
  const { host, ledger, toy } = await withAgent();
  const { url } = await serve((_, response) => response.end('{}'));
  const agents = agentActivities(host, ledger);
  const run = 'week-1';
  await ledger.open(run, 'plan');
  const before = await readFile(host.path(config), 'utf8');
  const { backup } = await agents.backupConfig({ change: { run, step: '2D.backup' }, config });
  await agents.writeNewConfig({ change: { run, step: '2D.hub.new' }, config, edit });
  const checks: unknown[] = [];
  toy.before = (request) => {
    const [, once] = [...toy.containers].find(([name]) => name.startsWith('hubshift-once')) ?? [];
    if (request.startsWith('POST start hubshift-once') || once) checks.push(once?.config);
    return undefined;
  };
  const spec = {
    name: 'hub',
    program,
    config,
    healthUrl: url,
    check: ['/agent', '--check', '{config}'],
    startWithinMs: 5_000,
  };
  const deployed = await agents.deployAgent({ change: { run, step: '2D.deploy.hub' }, agent: spec, backup });
  expect(deployed).toMatchObject({ state: 'RUNNING', action: 'swapped', pid: 4711 });
  expect(deployed.prepared?.commands.join('\n')).toMatch(
    /docker -H unix:\S+ stop hub_agent\ncp .*\ndocker -H unix:\S+ start hub_agent\n/,
  );
  expect(checks[0]).toMatchObject({
    Image: 'sha256:of agent',
    Entrypoint: ['/agent'],
    Cmd: ['--check', '/etc/agent/agent.yaml'],
    HostConfig: {
      NetworkMode: 'none',
      Mounts: [
        { Source: host.path('/code/config'), Target: '/etc/agent', ReadOnly: true },
        { Source: host.path(`${config}.new`), Target: '/etc/agent/agent.yaml', ReadOnly: true },
      ],
    },
  });
  expect(await readFile(`${host.state}/ledger.jsonl`, 'utf8')).toMatch(/"version":4.*\n.*"agent.restore"/);
  expect((await ledger.rollback({ run, scope: 'all' })).map(({ target, result }) => `${target} ${result}`)).toContain(
    `${program} undone`,
  );
  expect(await readFile(host.path(config), 'utf8')).toBe(before);
  expect(toy.requests.filter((one) => / (stop|start) hub_agent$/.test(one))).toHaveLength(4);
});

it('has its own check load the edited file before the week, in a container like it, as a copy beside the ledger with the rights of the file', async () => {
  const { host, ledger, toy } = await withAgent();
  await chmod(host.path(config), 0o644);
  const copies: string[] = [];
  toy.before = () => {
    const [, once] = [...toy.containers].find(([name]) => name.startsWith('hubshift-once')) ?? [];
    const mounts = (once?.config.HostConfig as { Mounts: { Source: string; Target: string }[] } | undefined)?.Mounts;
    const copy = mounts?.find(({ Target }) => Target === '/etc/agent/agent.yaml')?.Source;
    if (copy && copies.length === 0)
      copies.push(copy, readFileSync(copy, 'utf8'), (statSync(copy).mode & 0o777).toString(8));
    return undefined;
  };
  const checks = { [config]: { command: ['/agent', '--check', '{config}'], program } };
  const [found] = (await checkRights(host, ledger, { ...nothing, edits: [{ paths: [config], edit, checks }] })).slice(
    -1,
  );
  expect(found).toEqual({
    what: `edit of ${config}`,
    ok: true,
    detail: "can be made, and the agent's own check loads it",
  });
  const [copy, text, mode] = copies;
  expect(copy?.startsWith(`${host.state}/hubshift-check-`)).toBe(true);
  expect(text).toContain('hub_endpoints:');
  expect(mode).toBe('644');
  expect(existsSync(copy!)).toBe(false);
});

/** Written down before it is stopped. */
const movedAt = Date.UTC(2026, 0, 1);
const ended = (exitCode: number, more: Partial<ToyContainer> = {}) =>
  withAgent({ status: 'exited', exitCode, ...more });

it.each([
  ['has failed since the week began to move it', 1, movedAt, undefined],
  ['has failed before', 1, movedAt + 60_000, 'ProgramStopped'],
  ['has failed, and was never moved', 1, undefined, 'ProgramStopped'],
  ['has ended well since', 0, movedAt, 'ProgramStopped'],
  ['was told to end since', 143, movedAt, 'ProgramStopped'],
  ['was killed since', 137, movedAt, 'ProgramStopped'],
  ['has crashed since', 139, movedAt, undefined],
])('that %s (%d) is ours to start, or not', async (_, exitCode, at, refused) => {
  const { host } = await ended(exitCode);
  const looked = mustBeOursToStart(host, program, config, at);
  if (refused) await expect(looked).rejects.toMatchObject({ type: refused });
  else await looked;
});

it('that ends by its new configuration is deployed again once that is mended', async () => {
  const { host, ledger, toy } = await withAgent();
  const { url } = await serve((_, response) => response.end('{}'));
  const agents = agentActivities(host, ledger);
  const [run, step] = ['week-1', '2D.deploy.hub'];
  await ledger.open(run, 'plan');
  const { backup } = await agents.backupConfig({ change: { run, step: '2D.backup' }, config });
  await agents.writeNewConfig({ change: { run, step: '2D.hub.new' }, config, edit });
  const spec = { name: 'hub', program, config, healthUrl: url, startWithinMs: 500 };
  const deploy = () => agents.deployAgent({ change: { run, step }, agent: spec, backup });
  const container = toy.containers.get('hub_agent')!;
  const mended = '# mended\n';
  toy.startsAt = Date.now() + 60_000;
  toy.after = (request) => {
    const ends = !readFileSync(host.path(config), 'utf8').includes(mended);
    if (request === 'POST start hub_agent' && ends) Object.assign(container, { status: 'exited', exitCode: 1 });
  };
  expect(await deploy()).toMatchObject({
    state: 'STOPPED',
    error: expect.stringContaining('told to start and is STOPPED'),
  });
  await ledger.recover();
  expect(await hasStopped(host)).toBe(false);
  expect(await deploy()).toMatchObject({
    state: 'STOPPED',
    error: expect.stringContaining('told to start and is STOPPED'),
  });
  await appendFile(host.path(`${config}.new`), mended);
  expect(await deploy()).toMatchObject({ state: 'RUNNING' });
});
