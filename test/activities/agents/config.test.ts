// Backup, new file and validation of an agent's configuration: real files and a real ledger.
import { chmod, chown, lchown, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { agentActivities } from '../../../activities/agents/agents.ts';
import type { Host } from '../../../activities/context/host.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';
import { dualHubEdit as edit } from '../dual-hub.ts';

const config = '/code/config/a.yaml';
const original = '# an agent\nhub_url: http://MainPC:9000 # Phase 1\n';
const step = (name: string, run = 'week-1') => ({ run, step: name });

async function machine(text = original) {
  const host = await temporaryMachine();
  const ledger = ledgerOf(host, undo);
  await mkdir(host.path('/code/config'), { recursive: true });
  await writeFile(host.path(config), text, { mode: 0o600 });
  return {
    host,
    ledger,
    agents: agentActivities(host, ledger),
    read: (path: string) => readFile(host.path(path), 'utf8'),
    names: () => readdir(host.path('/code/config')),
    write: (path: string, content: string) => writeFile(host.path(path), content),
  };
}

const change = step('2D.backup');

describe('backupConfig', () => {
  it('copies the configuration with its permissions, and undo removes the copy', async () => {
    const { host, agents, ledger, read, names } = await machine();
    expect(await agents.backupConfig({ change, config })).toEqual({
      backup: `${config}.backup`,
      sha256: sha256(original),
      kept: false,
    });
    expect(await read(`${config}.backup`)).toBe(original);
    expect((await stat(host.path(`${config}.backup`))).mode & 0o777).toBe(0o600);
    await ledger.rollback({ run: 'week-1', scope: 'all' });
    expect(await names()).toEqual(['a.yaml']);
  });

  it('keeps a copy that is there and the same, and undo leaves it', async () => {
    const { agents, ledger, write, names } = await machine();
    await write(`${config}.backup`, original);
    expect(await agents.backupConfig({ change, config })).toEqual({
      backup: `${config}.backup`,
      sha256: sha256(original),
      kept: true,
    });
    await ledger.rollback({ run: 'week-1', scope: 'all' });
    expect(await names()).toEqual(['a.yaml', 'a.yaml.backup']);
  });

  it('never touches a copy that differs: it writes .backup.RUN', async () => {
    const { agents, read, write } = await machine();
    await write(`${config}.backup`, 'older\n');
    expect(await agents.backupConfig({ change, config })).toEqual({
      backup: `${config}.backup.week-1`,
      sha256: sha256(original),
      kept: false,
    });
    expect(await read(`${config}.backup`)).toBe('older\n');
    expect(await read(`${config}.backup.week-1`)).toBe(original);
  });

  it('made again gives the same answer, even when the configuration was swapped in between', async () => {
    const { agents, read, write } = await machine();
    const first = await agents.backupConfig({ change, config });
    await write(config, 'swapped: true\n');
    expect(await agents.backupConfig({ change, config })).toEqual(first);
    expect(await read(`${config}.backup`)).toBe(original);
  });

  it('refuses when both copies differ, and says what to do', async () => {
    const { agents, write } = await machine();
    await write(`${config}.backup`, 'older\n');
    await write(`${config}.backup.week-1`, 'other\n');
    await expect(agents.backupConfig({ change, config })).rejects.toMatchObject({
      type: 'BackupDiffers',
      message: expect.stringContaining('move one away'),
    });
  });

  it('refuses to go on with a copy that somebody changed', async () => {
    const { agents, write } = await machine();
    await agents.backupConfig({ change, config });
    await write(`${config}.backup`, 'changed\n');
    await expect(agents.backupConfig({ change, config })).rejects.toMatchObject({ type: 'BackupDiffers' });
  });

  it('names a configuration that is not there', async () => {
    const { host, agents } = await machine();
    await rm(host.path(config));
    await expect(agents.backupConfig({ change, config })).rejects.toMatchObject({
      type: 'FileMissing',
      message: expect.stringContaining(`${config} is not there on PC2`),
    });
  });
});

describe('writeNewConfig', () => {
  it('writes NAME.new beside the configuration, which stays as it is; undo removes it', async () => {
    const { agents, ledger, read, names } = await machine();
    const written = await agents.writeNewConfig({ change, config, edit });
    expect(written).toMatchObject({
      path: `${config}.new`,
      changed: true,
      commentsKept: true,
      changedKeys: ['hub_endpoints', 'failover_config', 'nats', 'environment'],
    });
    const text = await read(`${config}.new`);
    expect(text.startsWith(original)).toBe(true);
    expect(written.sha256).toBe(sha256(text));
    expect(await read(config)).toBe(original);
    expect(await agents.writeNewConfig({ change, config, edit })).toEqual({ ...written, changed: false });
    await ledger.rollback({ run: 'week-1', scope: 'all' });
    expect(await names()).toEqual(['a.yaml']);
  });

  it('gives an older NAME.new back on undo', async () => {
    const { agents, ledger, read, write } = await machine();
    await write(`${config}.new`, 'mine: 1\n');
    await agents.writeNewConfig({ change, config, edit });
    expect(await read(`${config}.new`)).not.toBe('mine: 1\n');
    await ledger.rollback({ run: 'week-1', scope: 'all' });
    expect(await read(`${config}.new`)).toBe('mine: 1\n');
  });

  it('gives back on undo what others made of it between two attempts', async () => {
    const { agents, ledger, read, write } = await machine();
    await agents.writeNewConfig({ change, config, edit });
    await write(`${config}.new`, 'mine: 1\n');
    await agents.writeNewConfig({ change, config, edit });
    expect(await read(`${config}.new`)).not.toBe('mine: 1\n');
    await ledger.rollback({ run: 'week-1', scope: 'all' });
    expect(await read(`${config}.new`)).toBe('mine: 1\n');
  });

  it('refuses a configuration that is not UTF-8, with its line, and writes nothing', async () => {
    const { host, agents, names } = await machine();
    await writeFile(host.path(config), Buffer.from('a: 1\npassword: "gr\u00fcn"\n', 'latin1'));
    await expect(agents.writeNewConfig({ change, config, edit })).rejects.toMatchObject({
      type: 'FileUneditable',
      message: expect.stringContaining(`${config} on PC2: line 2: not UTF-8`),
    });
    expect(await names()).toEqual(['a.yaml']);
  });

  it.each(['utf16le', 'utf8'] as const)('refuses UTF-16 (%s) by name, with and without its mark', async (as) => {
    const { host, agents, names } = await machine();
    await writeFile(host.path(config), Buffer.from(as === 'utf8' ? 'a\0:\0 \x001\0\n\0' : '\uFEFFa: 1\n', as));
    await expect(agents.writeNewConfig({ change, config, edit })).rejects.toMatchObject({
      type: 'FileUneditable',
      message: expect.stringMatching(/a\.yaml on PC2: line 1: UTF-16.* "iconv -f UTF-16 -t UTF-8"/),
    });
    expect(await names()).toEqual(['a.yaml']);
  });

  it('refuses a configuration that is not YAML, with its line, and writes nothing', async () => {
    const { agents, names } = await machine('a: 1\nb: [1\nc: 2\n');
    await expect(agents.writeNewConfig({ change, config, edit })).rejects.toMatchObject({
      type: 'FileUneditable',
      message: expect.stringMatching(/a\.yaml on PC2: line \d: not YAML/),
    });
    expect(await names()).toEqual(['a.yaml']);
  });
});

describe('validateConfig', () => {
  const check = [process.execPath, `${import.meta.dirname}/../supervisor/toy-agent.mjs`, '{config}', '--check'];

  it("takes the new file, by our schema and by the agent's own check", async () => {
    const { agents } = await machine();
    await agents.writeNewConfig({ change, config, edit });
    expect(await agents.validateConfig({ path: `${config}.new`, check })).toEqual({
      ours: { ok: true, message: expect.any(String) },
      agents: { ok: true, output: 'ok' },
    });
  });

  it('refuses what the agent does not load, and shows what it said', async () => {
    const { agents, read, write } = await machine();
    await agents.writeNewConfig({ change, config, edit });
    await write(`${config}.new`, `${await read(`${config}.new`)}does_not_load: 1\n`);
    expect(await agents.validateConfig({ path: `${config}.new`, check })).toMatchObject({
      ours: { ok: true },
      agents: { ok: false, output: 'ERROR does_not_load: no such setting' },
    });
  });

  it('hides a secret in what the agent said before its key is cut off', async () => {
    const { agents } = await machine();
    const says = `console.log('password: ' + 'hunter2'.repeat(1_000)); console.log('.'.repeat(100))`;
    const { agents: theirs } = await agents.validateConfig({ path: config, check: [process.execPath, '-e', says] });
    expect(theirs?.output).toMatch(/^password: \[secret#\w+\]\n\.+$/);
  });

  it('refuses a given text with its line, without looking at the file', async () => {
    const { agents } = await machine();
    const found = await agents.validateConfig({ path: config, text: 'hub_endpoints:\n  primary: nowhere\n', check });
    expect(found).toMatchObject({
      ours: { ok: false, line: 2, message: expect.stringContaining('line 2: hub_endpoints.primary') },
      agents: { ok: true },
    });
  });

  it.runIf(process.getuid?.() === 0)("runs as the agent's user, without our environment", async () => {
    vi.stubEnv('SECRET_OF_THE_WORKER', 'hunter2');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { agents, host } = await machine();
    for (const path of [dirname(host.path('/')), host.path('/')]) await chmod(path, 0o755);
    // Its user is not in its group.
    await chown(host.path(config), 65534, 0);
    // Node itself may lie where that user may not go.
    const tell = `for of in -u -g -G; do /usr/bin/id $of; done
      /usr/bin/tr '\\0' '\\n' </proc/$$/environ | /usr/bin/cut -d= -f1; /usr/bin/wc -c <"$1"`;
    const asking = ['/bin/sh', '-c', tell, 'sh', '{config}'];
    const said = ['65534', '65534', '65534', 'PATH'].join('\n');
    expect((await agents.validateConfig({ path: config, check: asking })).agents).toEqual({
      ok: true,
      output: `${said}\n${original.length}`,
    });
    expect((await agents.validateConfig({ path: config, text: 'a: 1\n', check: asking })).agents).toEqual({
      ok: true,
      output: `${said}\n5`,
    });
  });

  it.runIf(process.getuid?.() === 0)(
    'runs as the user in whose directory it lies, who may put another there',
    async () => {
      const { agents, host } = await machine();
      for (const path of [dirname(host.path('/')), host.path('/')]) await chmod(path, 0o755);
      await chown(host.path('/code'), 65534, 65534);
      const asking = ['/usr/bin/id', '-u'];
      expect((await agents.validateConfig({ path: config, check: asking })).agents).toEqual({
        ok: true,
        output: '65534',
      });
    },
  );

  it('tells of a file or a command that is not there', async () => {
    const { agents } = await machine();
    expect(await agents.validateConfig({ path: '/none.yaml' })).toEqual({
      ours: { ok: false, message: '/none.yaml is not there on PC2' },
      agents: null,
    });
    expect((await agents.validateConfig({ path: config, check: ['/no/such/program'] })).agents).toMatchObject({
      ok: false,
      output: expect.stringContaining('/no/such/program'),
    });
  });
});

it.runIf(process.getuid?.() === 0)(
  "of a configuration that its user made a link to somebody else's file, nothing is read",
  async () => {
    const { agents, host, names } = await machine();
    await writeFile(host.path('/secret'), 'key: hunter2\n', { mode: 0o600 });
    await rm(host.path(config));
    await symlink(host.path('/secret'), host.path(config));
    await lchown(host.path(config), 65534, 65534);
    for (const ask of [
      () => agents.backupConfig({ change, config }),
      () => agents.writeNewConfig({ change, config, edit }),
    ])
      await expect(ask()).rejects.toThrow(/a\.yaml is a link of uid 65534 to what belongs to uid 0/);
    expect(await names()).toEqual(['a.yaml']);
  },
);

it.runIf(process.getuid?.() === 0)(
  "of a NAME.new that is such a link for a moment, nothing gets into the ledger's copies",
  async () => {
    const { host, names } = await machine();
    const path = host.path(`${config}.new`);
    await writeFile(host.path('/secret'), 'key: hunter2\n', { mode: 0o600 });
    await symlink(host.path('/secret'), path);
    await lchown(path, 65534, 65534);
    // Its user puts a file there once it was followed to be looked at, and to be copied.
    let times = 0;
    const open: Host['files']['open'] = async (...asked) => {
      const opened = await host.files.open(...asked);
      if (asked[0] === path && ++times === 2)
        await writeFile(`${path}.next`, 'a: 1\n').then(() => rename(`${path}.next`, path));
      return opened;
    };
    const there = { ...host, files: { ...host.files, open } };
    const { writeNewConfig } = agentActivities(there, ledgerOf(there, undo));
    await expect(writeNewConfig({ change, config, edit })).rejects.toThrow(/a\.yaml\.new is a link of uid 65534/);
    expect(await readdir(host.state, { recursive: true })).not.toContainEqual(expect.stringContaining('a.yaml.new'));
    expect(await names()).toEqual(['a.yaml', 'a.yaml.new']);
  },
);

describe('what is missing is named', () => {
  it('a deployment without NAME.new', async () => {
    const { agents } = await machine();
    const { backup } = await agents.backupConfig({ change, config });
    const agent = { name: 'a', program: 'a', config, healthUrl: 'http://127.0.0.1:9/health', startWithinMs: 1_000 };
    await expect(agents.deployAgent({ change: step('2D.deploy.a.config'), agent, backup })).rejects.toMatchObject({
      type: 'FileMissing',
      message: expect.stringContaining('a.yaml.new is not there on PC2'),
    });
  });
});
