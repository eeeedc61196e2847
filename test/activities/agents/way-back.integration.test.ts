// What others did to an agent's file, a slow stop, a write that fails: the agent runs, and goes back to what was there.
import { execFileSync, spawn } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, vi } from 'vitest';
import { attributes } from '../attributes.ts';
import { agentActivities } from '../../../activities/agents/agents.ts';
import type { Host } from '../../../activities/context/host.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { programStatus, startProgram, stopProgram } from '../../../activities/programs/programs.ts';
import { hasStopped } from '../../../activities/programs/while-stopped.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { dualHubEdit as edit } from '../dual-hub.ts';
import { supervisedAgent } from '../supervisor/supervised.ts';

vi.setConfig({ testTimeout: 120_000 });

const original = '# the toy\nagent: {name: toy}\nhub_url: http://MainPC:9000 # Phase 1\n';
const run = 'week-1';
const change = (step: string) => ({ run, step });

async function machine(text = original) {
  const { host, agent } = await supervisedAgent(text);
  const file = host.path(agent.config);
  const on = (there: Host) => {
    const ledger = ledgerOf(there, undo);
    const agents = agentActivities(there, ledger);
    const back = async (scope: 'all' | { agent: string } = { agent: 'toy' }) => ledger.rollback({ run, scope });
    const deploy = (spec = agent) =>
      agents.deployAgent({ change: change('2D.deploy.toy'), agent: spec, backup: `${agent.config}.backup`, edit });
    return { ledger, agents, back, deploy };
  };
  const usual = on(host);
  await usual.ledger.open(run, 'plan');
  await usual.agents.backupConfig({ change: change('2D.backup'), config: agent.config });
  const renew = () => usual.agents.writeNewConfig({ change: change('2D.toy.new'), config: agent.config, edit });
  await renew();
  const textOf = (path = agent.config) => readFile(host.path(path), 'utf8');
  const runs = async () =>
    (await usual.agents.shown({ url: agent.healthUrl, pointer: '/sha256', withinMs: 5_000 })).value;
  return { host, agent, file, on, ...usual, renew, text: textOf, runs };
}

/** The machine, where an agent's file can't be put in its place. */
function withoutPlace(host: Host, file: string, code: 'ENOSPC' | 'EROFS'): Host {
  const of = file.slice(file.lastIndexOf('/'));
  const refuse = () => Promise.reject(Object.assign(new Error(`${code}: not here`), { code }));
  const put = (from: string, to: string) => (to.endsWith(of) ? refuse() : host.files.rename(from, to));
  return { ...host, files: { ...host.files, rename: put } };
}

const state = async (host: Host) => (await programStatus(host, 'toy')).state;

describe('a file that others changed', () => {
  it('after NAME.new was made from it: is deployed with their change, and their file comes back', async () => {
    const { agent, file, deploy, back, text, runs } = await machine();
    const theirs = original.replace('# the toy', '# the toy of the night shift\nlog_level: debug');
    await writeFile(file, theirs);
    const deployed = await deploy();
    expect(deployed).toMatchObject({ state: 'RUNNING', originalSha256: sha256(theirs) });
    expect(await text()).toContain('log_level: debug');
    expect(await text()).toContain('primary: http://PC2:9100');
    expect(await text()).toBe(await text(`${agent.config}.new`));
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect(await text()).toBe(theirs);
    expect(await runs()).toBe(sha256(theirs));
    expect((await back('all')).map(({ result }) => result)).not.toContain('failed');
    expect(await text()).toBe(theirs);
    expect(await readdir(dirname(file))).toEqual(['toy.yaml']);
  });

  it('and copied to NAME.backup by habit: is deployed with their change, and given back with it', async () => {
    const { file, deploy, back, text } = await machine();
    const theirs = `${original}log_level: debug\n`;
    await writeFile(file, theirs);
    await copyFile(file, `${file}.backup`);
    expect(await deploy()).toMatchObject({ state: 'RUNNING', originalSha256: sha256(theirs) });
    expect(await text()).toContain('log_level: debug');
    await back();
    expect(await text()).toBe(theirs);
  });

  it('between attempts, and back: a dry run says what is then done', async () => {
    const { file, deploy, ledger, text } = await machine();
    for (const theirs of [original, `${original}log_level: debug\n`, original]) {
      await writeFile(file, theirs);
      await deploy();
    }
    const [said, done] = [
      await ledger.rollback({ run, scope: 'all', dryRun: true }),
      await ledger.rollback({ run, scope: 'all' }),
    ];
    const results = (all: typeof done) => all.map(({ entry, target, result }) => `${entry} ${target} ${result}`);
    expect(results(said)).toEqual(results(done));
    expect(await text()).toBe(original);
  });

  it('to what we had written before, while NAME.new is of another: is deployed as it is there', async () => {
    const { file, deploy, renew, text } = await machine();
    await deploy();
    const ours = await text();
    await writeFile(file, `${original}log_level: debug\n`);
    await renew();
    await writeFile(file, ours);
    expect(await deploy()).toMatchObject({ state: 'RUNNING' });
    expect(await text()).toBe(ours);
  });

  it('by hand to what we had written, once it was rolled back: it is theirs, and the rollback of all ends', async () => {
    const { file, deploy, back, text } = await machine();
    await deploy();
    await back();
    await copyFile(`${file}.new`, file);
    const theirs = await text();
    expect((await back('all')).map(({ result }) => result)).not.toContain('failed');
    expect(await text()).toBe(theirs);
    expect(await readdir(dirname(file))).toEqual(['toy.yaml']);
  });

  it('and NAME.new too: is refused by name, and the agent goes on', async () => {
    const { host, agent, file, deploy, text } = await machine();
    const { pid } = await programStatus(host, 'toy');
    await writeFile(file, `${original}log_level: debug\n`);
    await writeFile(`${file}.new`, `${await text(`${agent.config}.new`)}by_hand: 1\n`);
    await expect(deploy()).rejects.toMatchObject({
      type: 'ConfigChanged',
      message: expect.stringMatching(
        /toy\.yaml on PC2 was changed since .*toy\.yaml\.new was made from it, and so was that/,
      ),
    });
    expect(await programStatus(host, 'toy')).toMatchObject({ state: 'RUNNING', pid });
    expect(await text()).toBe(`${original}log_level: debug\n`);
    // As the refusal says.
    await rename(`${file}.new`, `${file}.by-hand`);
    expect(await deploy()).toMatchObject({ state: 'RUNNING' });
    expect(await text()).toContain('log_level: debug');
  });

  it('while the agent was being stopped: is not overwritten, and the agent runs with it', async () => {
    const { host, file, deploy, text, runs, back } = await machine(`${original}ends_after: 3\n`);
    const deploying = deploy();
    await vi.waitUntil(async () => (await state(host)) === 'STOPPING', { timeout: 30_000, interval: 20 });
    await writeFile(file, `${original}mine: 1\n`);
    await expect(deploying).rejects.toThrow(/toy\.yaml on PC2 was changed while toy was stopped/);
    expect(await text()).toBe(`${original}mine: 1\n`);
    expect(await runs()).toBe(sha256(`${original}mine: 1\n`));
    expect(await deploy()).toMatchObject({ state: 'RUNNING', action: 'swapped' });
    await back('all');
    expect(await text()).toBe(`${original}mine: 1\n`);
  });

  it('between two attempts: the second has its own original, which survives the rollback', async () => {
    const { file, agent, deploy, text, back, runs } = await machine();
    await writeFile(`${file}.new`, `${await text(`${agent.config}.new`)}unwell: true\n`);
    expect(await deploy({ ...agent, startWithinMs: 3_000 })).toMatchObject({ state: 'UNHEALTHY' });
    const theirs = `${original}log_level: debug\n`;
    await writeFile(file, theirs);
    await writeFile(`${file}.new`, (await text(`${agent.config}.new`)).replace('unwell: true\n', ''));
    expect(await deploy()).toMatchObject({ state: 'RUNNING' });
    await back();
    expect(await text()).toBe(theirs);
    expect(await runs()).toBe(sha256(theirs));
  });
});

describe("the original is the ledger's", () => {
  it('whatever becomes of NAME.backup', async () => {
    const { file, deploy, back, text, runs } = await machine();
    await deploy();
    await copyFile(file, `${file}.backup`);
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect(await text()).toBe(original);
    expect(await runs()).toBe(sha256(original));
  });

  it('and is not put back when it is not what was kept', async () => {
    const { host, deploy, back, text } = await machine();
    await deploy();
    const deployed = await text();
    const copies = join(host.state, 'backups', run);
    const [copy = ''] = (await readdir(copies)).filter((name) => name.endsWith('-toy.yaml'));
    await writeFile(join(copies, copy), 'rotten\n');
    expect(await back()).toMatchObject([{ result: 'failed', detail: expect.stringContaining('is not what was kept') }]);
    expect(await text()).toBe(deployed);
    expect(await state(host)).toBe('RUNNING');
  });

  it('with its ACL and extended attributes, which the new file has too', async () => {
    const { file, deploy, back } = await machine();
    attributes(file, 'set');
    const kept = attributes(file);
    expect(kept).toContain('user.origin');
    expect(kept).toContain('system.posix_acl_access');
    await deploy();
    expect(attributes(file)).toBe(kept);
    execFileSync('python3', ['-c', 'import os,sys; os.removexattr(sys.argv[1], "user.origin")', file]);
    await back();
    expect(attributes(file)).toBe(kept);
  });
});

describe('"already" is said only of what runs', () => {
  it('so an agent whose file a person put back is started with it', async () => {
    const { host, file, deploy, back, runs } = await machine();
    await deploy();
    const { pid } = await programStatus(host, 'toy');
    // As "cp -p" does, with the times of before.
    execFileSync('cp', ['-p', `${file}.backup`, file]);
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect(await runs()).toBe(sha256(original));
    expect((await programStatus(host, 'toy')).pid).not.toBe(pid);
    expect(await back()).toMatchObject([{ result: 'already' }]);
  });

  it('and of a file with its permissions, which a copy by hand does not give it', async () => {
    const { host, file, deploy, back, runs, ledger } = await machine();
    await deploy();
    await rename(`${file}.backup`, file);
    await chmod(file, 0o600);
    await restart(host);
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await runs()).toBe(sha256(original));
    await chmod(file, 0o600);
    expect(await ledger.remaining(run)).not.toMatchObject([{ target: 'toy' }]);
  });

  it('and so one whose file a person swapped is deployed', async () => {
    const { file, deploy, runs, text } = await machine();
    await copyFile(`${file}.new`, file);
    expect(await deploy()).toMatchObject({ action: 'swapped', state: 'RUNNING' });
    expect(await runs()).toBe(sha256(await text()));
    expect(await deploy()).toMatchObject({ action: 'already' });
  });
});

describe('"already" is not said', () => {
  it.each([
    ['a link', false],
    ['a link, of an agent that was restarted', true],
  ])('where a person switched %s back to a file that had lain there', async (_, restarted) => {
    const { host, file, deploy, back, runs } = await machine();
    await copyFile(file, `${file}.1`);
    await rename(file, `${file}.2`);
    await symlink(`${file}.2`, file);
    await deploy();
    if (restarted) await restart(host);
    await symlink(`${file}.1`, `${file}.link`);
    await rename(`${file}.link`, file);
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect(await runs()).toBe(sha256(original));
  });

  it.each([
    ['directory', false],
    ['directory, of an agent that was restarted', true],
  ])('where a person put back a whole %s', async (_, restarted) => {
    const { host, file, deploy, back, runs } = await machine();
    const directory = dirname(file);
    await cp(directory, `${directory}.saved`, { recursive: true });
    await deploy();
    if (restarted) await restart(host);
    await rename(directory, `${directory}.phase2`);
    await rename(`${directory}.saved`, directory);
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect(await runs()).toBe(sha256(original));
  });

  it("of a look whether it can be undone, where the ledger's copy is gone", async () => {
    const { host, file, deploy, ledger } = await machine();
    await deploy();
    await writeFile(file, `${original}mine: 1\n`);
    await rm(join(host.state, 'backups'), { recursive: true });
    const [look] = await ledger.rollback({ run, scope: { agent: 'toy' }, dryRun: true });
    expect(look).toMatchObject({ result: 'failed', detail: expect.stringContaining('is gone') });
  });
});

it('an agent that writes its own file when it starts is undone once, and nothing remains', async () => {
  const itself = `${original}writes_itself: true\n`;
  const { host, deploy, back, runs, ledger } = await machine(itself);
  await deploy();
  await back('all');
  expect(await runs()).toBe(sha256(itself));
  expect(await ledger.remaining(run)).toEqual([]);
  await restart(host);
  expect(await ledger.remaining(run)).toEqual([]);
  await stopProgram(host, 'toy', 10_000);
  expect(await ledger.remaining(run)).toMatchObject([{ target: 'toy', result: 'undone' }]);
});

describe('an agent that was stopped is started', () => {
  it('though it takes longer to stop than it may to start', async () => {
    const { host, agent, deploy, back, runs, text } = await machine(`${original}ends_after: 4\n`);
    const hasty = { ...agent, startWithinMs: 3_000 };
    expect(await deploy(hasty)).toMatchObject({ state: 'RUNNING', action: 'swapped' });
    expect(await runs()).toBe(sha256(await text()));
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect(await runs()).toBe(sha256(`${original}ends_after: 4\n`));
    expect(await state(host)).toBe('RUNNING');
  });

  it('with what is on the disk when that can not be written, and told why', async () => {
    const { host, file, on, deploy, back, text, runs } = await machine();
    await expect(on(withoutPlace(host, file, 'ENOSPC')).deploy()).rejects.toThrow(/ENOSPC/);
    expect(await runs()).toBe(sha256(original));
    await deploy();
    const deployed = await text();
    expect(await on(withoutPlace(host, file, 'EROFS')).back()).toMatchObject([
      { result: 'failed', detail: expect.stringContaining('EROFS') },
    ]);
    expect(await runs()).toBe(sha256(deployed));
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect(await runs()).toBe(sha256(original));
  });

  it('once, after a deployment that was cut off, and then nothing remains', async () => {
    const { host, file, on, back, ledger } = await machine();
    await expect(on(withoutPlace(host, file, 'ENOSPC')).deploy()).rejects.toThrow(/ENOSPC/);
    expect((await back('all')).map(({ result }) => result)).not.toContain('failed');
    expect(await ledger.remaining(run)).toEqual([]);
  });

  it('with what was there before, written over what is there, when its disk is full', async () => {
    const { host, file, on, deploy, runs } = await machine();
    await deploy();
    expect(await on(withoutPlace(host, file, 'ENOSPC')).back()).toMatchObject([{ result: 'undone' }]);
    expect(await runs()).toBe(sha256(original));
    expect(await readFile(file, 'utf8')).toBe(original);
  });

  it('when its rollback is cancelled', async () => {
    const { host, deploy, ledger } = await machine(`${original}ends_after: 2\n`);
    await deploy();
    const environment = new MockActivityEnvironment();
    const undoing = environment.run(() => ledger.rollback({ run, scope: { agent: 'toy' } })).catch(() => undefined);
    await vi.waitUntil(async () => (await state(host)) === 'STOPPING', { timeout: 30_000, interval: 20 });
    environment.cancel();
    await undoing;
    expect(await state(host)).toBe('RUNNING');
  });
});

describe('an agent that somebody stopped', () => {
  it('before its deployment is not deployed and not started, by nobody, until they start it', async () => {
    const { host, agent, file, deploy, back, ledger, text } = await machine();
    const theirs = `${original}log_level: debug\n`;
    await writeFile(file, theirs);
    const made = await text(`${agent.config}.new`);
    await stopProgram(host, 'toy', 10_000);
    await expect(deploy()).rejects.toMatchObject({
      nonRetryable: true,
      message: expect.stringMatching(
        /^toy on PC2 is STOPPED since 20.* UTC, .*: start it, or roll back and take it out/,
      ),
    });
    expect(await text()).toBe(theirs);
    expect(await text(`${agent.config}.new`)).toBe(made);
    expect((await ledger.entries(run)).map(({ undo: { kind } }) => kind)).not.toContain('agent.restore');
    await startProgram(host, 'toy', 10_000);
    expect(await deploy()).toMatchObject({ state: 'RUNNING', action: 'swapped' });
    await back();
    await stopProgram(host, 'toy', 10_000);
    await expect(deploy()).rejects.toThrow('is STOPPED since');
    await back('all');
    expect(await state(host)).toBe('STOPPED');
    expect(await text()).toBe(theirs);
  });

  it('while its new configuration was checked is left so, too', async () => {
    const { host, agent, deploy, back, text } = await machine();
    const check = ['supervisorctl', '-c', host.supervisorConfig, 'stop', 'toy'];
    await expect(deploy({ ...agent, check })).rejects.toThrow('is STOPPED since');
    expect(await text()).toBe(original);
    await back('all');
    expect(await state(host)).toBe('STOPPED');
  });

  it('since its deployment runs again once it is undone, as it did before', async () => {
    const { host, deploy, back, runs } = await machine();
    await deploy();
    await stopProgram(host, 'toy', 10_000);
    await expect(deploy()).rejects.toThrow('is STOPPED since');
    expect(await back()).toMatchObject([{ result: 'undone' }]);
    expect(await runs()).toBe(sha256(original));
  });
});

describe('a program that somebody took out of supervisord', () => {
  it('is not deployed, and what was deployed before is given back; added again it runs with that', async () => {
    const { host, deploy, back, ledger, text, runs } = await machine();
    await deploy();
    const config = await readFile(host.supervisorConfig, 'utf8');
    const update = async (to: string) => {
      await writeFile(host.supervisorConfig, to);
      execFileSync('supervisorctl', ['-c', host.supervisorConfig, 'update'], { timeout: 20_000 });
    };
    await update(config.replace(/\[program:toy\][^]*/, ''));
    await expect(deploy()).rejects.toMatchObject({
      nonRetryable: true,
      message: expect.stringMatching(/^supervisord on PC2 knows no program toy any more: add it again/),
    });
    const said = {
      detail: expect.stringMatching(/knows no program toy any more: .*hubshift accept/),
    };
    expect(await ledger.rollback({ run, scope: { agent: 'toy' }, dryRun: true })).toMatchObject([
      { result: 'undone', ...said },
    ]);
    expect(await back()).toMatchObject([{ result: 'undone', ...said }]);
    expect(await text()).toBe(original);
    expect((await back('all')).map(({ result }) => result)).not.toContain('failed');
    expect(await ledger.remaining(run)).toEqual([]);
    await update(config);
    await startProgram(host, 'toy', 10_000);
    expect(await runs()).toBe(sha256(original));
    expect((await back('all')).map(({ result }) => result)).toEqual(['already', 'already', 'already']);
  });
});

describe('an agent that somebody starts while its file is put back', () => {
  /** Somebody starts it in the last moment before its file is in place. */
  const meddled = (host: Host): Host => {
    const rename: Host['files']['rename'] = async (from, to) => {
      if (to.endsWith('/toy.yaml')) await startProgram(host, 'toy', 10_000);
      return host.files.rename(from, to);
    };
    return { ...host, files: { ...host.files, rename } };
  };

  it('runs with it', async () => {
    const { host, on, deploy, back, runs, text } = await machine();
    expect(await on(meddled(host)).deploy()).toMatchObject({ state: 'RUNNING' });
    expect(await runs()).toBe(sha256(await text()));
    await deploy();
    expect(await on(meddled(host)).back()).toMatchObject([{ result: 'undone' }]);
    expect(await runs()).toBe(sha256(original));
    expect(await back()).toMatchObject([{ result: 'already' }]);
  });
});

it('an agent that could not be told to start, as supervisord did not answer, is told by the next one', async () => {
  const { host, on, deploy, ledger, runs, text } = await machine();
  const away = `${host.supervisorConfig}.away`;
  const put: Host['files']['rename'] = async (from, to) => {
    await host.files.rename(from, to);
    if (to.endsWith('/toy.yaml')) await rename(host.supervisorConfig, away);
  };
  await expect(on({ ...host, files: { ...host.files, rename: put } }).deploy()).rejects.toThrow(/does not answer/);
  await rename(away, host.supervisorConfig);
  expect(await state(host)).toBe('STOPPED');
  await ledger.recover();
  expect(await runs()).toBe(sha256(await text()));
  expect(await deploy()).toMatchObject({ state: 'RUNNING' });
});

describe('a signal while an agent is stopped', () => {
  it('ends the process once the agent runs again', async () => {
    const { host } = await machine();
    const { child, stopped, ended } = stopsAndHangs(host, 1_000);
    await stopped;
    child.kill('SIGTERM');
    expect(await ended).toBe('SIGTERM');
    expect(await state(host)).toBe('RUNNING');
    expect(await hasStopped(host)).toBe(false);
  });
});

describe('a worker killed while an agent is stopped', () => {
  it.each([
    ['the next worker', async (ledger: Ledger) => ledger.recover()],
    ['the emergency command', async (ledger: Ledger) => void (await ledger.emergency(run, 'ada (ada@desk)'))],
  ])('is covered by %s, also where there is nothing to undo', async (_, comes) => {
    const { host, ledger, runs } = await machine();
    const { child, stopped, ended } = stopsAndHangs(host, 60_000);
    await stopped;
    child.kill('SIGKILL');
    await ended;
    expect(await state(host)).toBe('STOPPED');
    expect(await hasStopped(host)).toBe(true);
    await comes(ledger);
    expect(await runs()).toBe(sha256(original));
    expect(await hasStopped(host)).toBe(false);
  });
});

describe('a worker killed while an agent is stopping', () => {
  it('is covered by the next one, though supervisord starts nothing that it is stopping', async () => {
    const { host, ledger, runs } = await machine(`${original}ends_after: 4\n`);
    const { child, ended } = stopsAndHangs(host, 60_000);
    await vi.waitUntil(async () => (await state(host)) === 'STOPPING', { timeout: 30_000, interval: 20 });
    child.kill('SIGKILL');
    await ended;
    expect(await state(host)).toBe('STOPPING');
    await ledger.recover();
    expect(await runs()).toBe(sha256(`${original}ends_after: 4\n`));
    expect(await hasStopped(host)).toBe(false);
  });

  it('and an emergency undoes all before it waits for the end of that', async () => {
    const { host, ledger, runs } = await machine(`${original}ends_after: 4\n`);
    const { child, ended } = stopsAndHangs(host, 60_000);
    await vi.waitUntil(async () => (await state(host)) === 'STOPPING', { timeout: 30_000, interval: 20 });
    child.kill('SIGKILL');
    await ended;
    await ledger.emergency(run, 'ada (ada@desk)');
    expect(await runs()).toBe(sha256(`${original}ends_after: 4\n`));
    const lines = await readFile(join(host.state, 'ledger.jsonl'), 'utf8');
    expect(lines).toMatch(/"close".*"undone".*"undone".*toy was stopped and not started again/s);
  });

  it('is named once where supervisord does not know its program any more', async () => {
    const { host, ledger } = await machine();
    await mkdir(join(host.state, 'stopped'));
    await writeFile(join(host.state, 'stopped/gone'), '');
    await ledger.recover();
    await ledger.recover();
    const lines = await readFile(join(host.state, 'ledger.jsonl'), 'utf8');
    expect(lines.match(/gone was stopped .*supervisord on PC2 knows no program gone any more/g)).toHaveLength(1);
    expect(await hasStopped(host)).toBe(false);
  });
});

async function restart(host: Host): Promise<void> {
  await stopProgram(host, 'toy', 10_000);
  await startProgram(host, 'toy', 10_000);
}

function stopsAndHangs(host: Host, forMs: number) {
  const script = join(import.meta.dirname, '../supervisor/stops-and-hangs.ts');
  const args = ['--import', 'tsx', script, host.supervisorConfig, host.state, host.path('/'), String(forMs)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const stopped = new Promise((resolve) => child.stdout.once('data', resolve));
  const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  return { child, stopped, ended };
}
