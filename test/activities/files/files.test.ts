import { chmod, chown, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import type { FileActivities } from '../../../plan/machine-api/files.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { fileActivities } from '../../../activities/files/files.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { filesAreBack } from '../../../plan/tasks/shared/undone.ts';
import { withoutRepeats } from '../../../plan/week/undo.ts';
import { removeItem } from '../../../plan/yaml/take-out.ts';
import { temporaryMachine, type FakeContainer } from '../machine.ts';

const run = 'week-1';
const nobody = '65534:65534';
const edit = {
  kind: 'scrape-jobs' as const,
  jobs: [{ job_name: 'pushgateway', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] }],
};
const hubConfig =
  '# the hub of the house\nscrape_configs:\n  - job_name: self # itself\n    static_configs:\n      - targets: [localhost:9090]\n';

async function machine(
  containers: FakeContainer[] = [],
): Promise<{ host: Host; ledger: Ledger; files: FileActivities }> {
  const host = await temporaryMachine(containers);
  const ledger = ledgerOf(host, undo);
  return { host, ledger, files: fileActivities(host, ledger) };
}

const directories = (base: string): { base: string; directories: { path: string; owner: string }[] } => ({
  base,
  directories: [
    { path: `${base}/data`, owner: nobody },
    { path: `${base}/config`, owner: nobody },
  ],
});
const change = (step: string): { run: string; step: string } => ({ run, step });
const undoneOf = async (ledger: Ledger, scope: 'all' | { task: string } = 'all'): Promise<string[]> =>
  (await ledger.rollback({ run, scope })).map(({ target, result }) => `${target} ${result}`);

describe.runIf(process.getuid?.() === 0)('ensureDirectories', () => {
  it('makes what is missing with its owner, and its undo takes everything away again', async () => {
    const { host, ledger, files } = await machine();
    const made = await files.ensureDirectories({
      change: change('2A.prepare.directories'),
      ...directories('/pc2/observability'),
    });
    expect(made).toMatchObject([
      { path: '/pc2/observability/data', exists: true, owner: nobody, mode: '755', made: true },
      { owner: nobody, made: true },
    ]);
    expect(made[0]?.freeBytes).toBeGreaterThan(0);
    await writeFile(host.path('/pc2/observability/data/block'), 'samples');
    await chown(host.path('/pc2/observability/data/block'), 65534, 65534);
    expect(await undoneOf(ledger)).toEqual(['/pc2/observability undone']);
    expect(await readdir(host.path('/'))).toEqual([]);
  });

  it('finds the directories there when it is run again, and owns them still', async () => {
    const { host, ledger, files } = await machine();
    const ask = { change: change('2A.prepare.directories'), ...directories('/pc2/observability') };
    await files.ensureDirectories(ask);
    await chown(host.path('/pc2/observability/data'), 0, 0);
    expect(await files.ensureDirectories(ask)).toMatchObject([{ owner: nobody, made: true }, { made: true }]);
    expect(await ledger.entries(run)).toHaveLength(1);
  });

  it('leaves a parent that others still use, and removes it with the last', async () => {
    const { host, ledger, files } = await machine();
    await files.ensureDirectories({ change: change('2A.prepare.directories'), ...directories('/pc2/observability') });
    await files.ensureDirectories({ change: change('2B.pc2.directory'), ...directories('/pc2/pushgateway') });
    expect(await undoneOf(ledger, { task: '2A' })).toEqual(['/pc2/observability undone']);
    expect(await readdir(host.path('/'))).toEqual(['pc2']);
    expect(await undoneOf(ledger, { task: '2B' })).toEqual(['/pc2/pushgateway undone']);
    expect(await readdir(host.path('/'))).toEqual([]);
  });

  it('removes from a directory that was there before only what it made in it', async () => {
    const { host, ledger, files } = await machine();
    await mkdir(host.path('/pc2/observability/other'), { recursive: true });
    await files.ensureDirectories({ change: change('2A.prepare.directories'), ...directories('/pc2/observability') });
    expect(await undoneOf(ledger)).toEqual(['/pc2/observability/config undone', '/pc2/observability/data undone']);
    expect(await readdir(host.path('/pc2/observability'))).toEqual(['other']);
  });

  it("accepts somebody else's directory with the right owner, and refuses one with another, saying how to mend it", async () => {
    const { host, files, ledger } = await machine();
    await mkdir(host.path('/pc2/observability/data'), { recursive: true });
    await chown(host.path('/pc2/observability/data'), 1000, 1000);
    const ask = { change: change('2A.prepare.directories'), ...directories('/pc2/observability') };
    await expect(files.ensureDirectories(ask)).rejects.toMatchObject({
      nonRetryable: true,
      type: 'ForeignDirectory',
      message: expect.stringMatching(/belongs to 1000:1000.*must belong to 65534:65534.*chown -R/s),
    });
    await chown(host.path('/pc2/observability/data'), 65534, 65534);
    expect(await files.ensureDirectories(ask)).toMatchObject([{ made: false }, { made: true }]);
    expect(await undoneOf(ledger)).toEqual(['/pc2/observability/config undone']);
  });

  describe('that have something in them which this run did not make', () => {
    const ask = { change: change('2A.prepare.directories'), ...directories('/pc2/observability') };
    const block = (host: Host) => join(host.path('/pc2/observability/data'), 'block');
    const filled = async (host: Host) => {
      await mkdir(host.path('/pc2/observability/data'), { recursive: true });
      await chown(host.path('/pc2/observability/data'), 65534, 65534);
      await writeFile(block(host), 'samples');
    };

    it('are refused by name, before anything is made', async () => {
      const { host, files, ledger } = await machine();
      await filled(host);
      await expect(files.ensureDirectories(ask)).rejects.toMatchObject({
        nonRetryable: true,
        type: 'ForeignDirectory',
        message: expect.stringMatching(/\/pc2\/observability\/data on PC2 .*not made by hubshift.*"adopt"/),
      });
      expect(await ledger.entries(run)).toEqual([]);
      expect(await readdir(host.path('/pc2/observability'))).toEqual(['data']);
    });

    it('are refused when a kept run made them', async () => {
      const { host, files, ledger } = await machine();
      await ledger.open('week-0', 'plan');
      await files.ensureDirectories({ ...ask, change: { ...ask.change, run: 'week-0' } });
      await writeFile(block(host), 'samples');
      await ledger.keep('week-0');
      await expect(files.ensureDirectories(ask)).rejects.toThrow('made by run week-0, which was kept by its GO');
    });

    it('are used where the plan adopts them, and stay with what was in them', async () => {
      const { host, files, ledger } = await machine();
      await filled(host);
      expect(await files.ensureDirectories({ ...ask, adopt: true })).toMatchObject([{ made: false }, { made: true }]);
      expect(await undoneOf(ledger)).toEqual(['/pc2/observability/config undone']);
      expect(await readFile(block(host), 'utf8')).toBe('samples');
    });

    it("are this run's own when it made them", async () => {
      const { host, files, ledger } = await machine();
      await files.ensureDirectories(ask);
      await writeFile(block(host), 'samples');
      expect(await files.ensureDirectories(ask)).toMatchObject([{ made: true, filled: true }, { filled: false }]);
      expect(await ledger.entries(run)).toHaveLength(1);
    });
  });

  it('tells of a directory that is not there how much space it would have', async () => {
    const { files } = await machine();
    expect(await files.directoryState({ path: '/nowhere/at/all' })).toMatchObject({
      exists: false,
      owner: '',
      made: false,
      freeBytes: expect.any(Number),
    });
  });
});

describe('writeFile', () => {
  const ask = {
    change: change('2A.config.global'),
    path: '/edge.yml',
    owner: `${process.getuid?.()}:${process.getgid?.()}`,
  };

  it('writes a new file, which its undo removes', async () => {
    const { host, ledger, files } = await machine();
    expect(await files.writeFile({ ...ask, content: 'a: 1\n' })).toEqual({
      path: '/edge.yml',
      sha256: sha256('a: 1\n'),
      changed: true,
    });
    expect(await readdir(host.path('/'))).toEqual(['edge.yml']);
    expect(await undoneOf(ledger)).toEqual(['/edge.yml undone']);
    expect(await readdir(host.path('/'))).toEqual([]);
  });

  it('does nothing when the content is there already', async () => {
    const { host, ledger, files } = await machine();
    await writeFile(host.path('/edge.yml'), 'a: 1\n');
    expect(await files.writeFile({ ...ask, content: 'a: 1\n' })).toMatchObject({ changed: false });
    expect(await ledger.entries(run)).toEqual([]);
  });

  it('goes back through several steps on one file to what was there first', async () => {
    const { host, ledger, files } = await machine();
    await writeFile(host.path('/edge.yml'), 'original\n');
    await files.writeFile({ ...ask, content: 'a: 1\n' });
    await files.writeFile({ ...ask, change: change('2A.config.scrape'), content: 'a: 2\n' });
    const foreseen = await ledger.rollback({ run, scope: 'all', dryRun: true });
    expect(foreseen.map(({ result }) => result)).toEqual(['undone', 'undone']);
    expect(await readFile(host.path('/edge.yml'), 'utf8')).toBe('a: 2\n');
    expect(await undoneOf(ledger)).toEqual(['/edge.yml undone', '/edge.yml undone']);
    expect(await readFile(host.path('/edge.yml'), 'utf8')).toBe('original\n');
  });
});

describe('editFile', () => {
  const ask = { change: change('2B.scrape.central'), path: '/hub.yml', edit };

  it('keeps comments, permissions and owner, and is undone byte for byte', async () => {
    const { host, ledger, files } = await machine();
    await writeFile(host.path('/hub.yml'), hubConfig);
    await chmod(host.path('/hub.yml'), 0o604);
    const { changed } = await files.editFile(ask);
    const edited = await readFile(host.path('/hub.yml'), 'utf8');
    expect(changed).toBe(true);
    expect(edited).toContain('# the hub of the house');
    expect(edited).toContain('job_name: pushgateway');
    expect((await stat(host.path('/hub.yml'))).mode & 0o777).toBe(0o604);
    expect(await files.editFile(ask)).toMatchObject({ changed: false, sha256: sha256(edited) });
    expect(await undoneOf(ledger)).toEqual(['/hub.yml undone']);
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe(hubConfig);
    expect((await stat(host.path('/hub.yml'))).mode & 0o777).toBe(0o604);
  });

  it('leaves a file in which somebody changed what is ours: with the difference to what we wrote, all versions kept, no secret shown', async () => {
    const { host, ledger, files } = await machine();
    await writeFile(host.path('/hub.yml'), hubConfig);
    await files.editFile(ask);
    const edited = await readFile(host.path('/hub.yml'), 'utf8');
    const changed = `${edited.replace('PC2:9091', 'PC9:9091')}  # by hand\nremote_write: [{ url: x, basic_auth: { username: a, password: hunter2 } }]\nslack_api_url: |\n  hunter2\n`;
    await writeFile(host.path('/hub.yml'), changed);
    const [undone] = await ledger.rollback({ run, scope: 'all' });
    expect(undone).toMatchObject({ result: 'left', detail: expect.stringContaining('+  # by hand') });
    expect(undone?.detail).not.toContain('hunter2');
    expect(await readFile(join(host.state, 'ledger.jsonl'), 'utf8')).not.toContain('hunter2');
    expect(undone?.detail?.split('\n').filter((line) => /^[+-] /.test(line))).toEqual([
      '-          - PC2:9091',
      '+          - PC9:9091',
      '+  # by hand',
      expect.stringMatching(/^\+ {2}\[secret#\w+\]$/),
    ]);
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe(changed);
    const kept = join(host.state, 'backups', run);
    expect((await readdir(kept)).sort()).toEqual(['1-hub.yml', '1-hub.yml.changed', '1-hub.yml.wrote']);
    expect(await readFile(join(kept, '1-hub.yml'), 'utf8')).toBe(hubConfig);
    expect(await readFile(join(kept, '1-hub.yml.changed'), 'utf8')).toBe(changed);
  });

  it('tried again after somebody replaced the file: their jobs survive the rollback, whatever the first attempt found', async () => {
    const { host, ledger, files } = await machine();
    await writeFile(host.path('/hub.yml'), hubConfig);
    await files.editFile(ask);
    const theirs = `${hubConfig}  - job_name: theirs\n    static_configs:\n      - targets: [PC3:9100]\n`;
    await writeFile(host.path('/hub.yml'), theirs);
    await files.editFile(ask);
    const both = await readFile(host.path('/hub.yml'), 'utf8');
    expect(both).toContain('job_name: theirs');
    expect(both).toContain('job_name: pushgateway');
    // Again, with nothing between.
    await files.editFile(ask);
    expect(await undoneOf(ledger)).toEqual(['/hub.yml undone', '/hub.yml already']);
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe(theirs);
  });

  it('of which others took one job between two attempts: a rollback says why it is otherwise, and so does the next', async () => {
    const { host, ledger, files } = await machine();
    await writeFile(host.path('/hub.yml'), hubConfig);
    const jobs = [
      ...edit.jobs,
      { job_name: 'second', honor_labels: true, static_configs: [{ targets: ['PC2:9092'] }] },
    ];
    const both = { ...ask, edit: { ...edit, jobs } };
    await files.editFile(both);
    const one = removeItem(await readFile(host.path('/hub.yml'), 'utf8'), 'scrape_configs', 'job_name', 'second');
    await writeFile(host.path('/hub.yml'), one);
    await files.editFile(both);
    for (const results of [
      ['undone', 'undone'],
      ['already', 'already'],
    ]) {
      const undone = await ledger.rollback({ run, scope: 'all' });
      expect(undone.map(({ result }) => result)).toEqual(results);
      expect(undone[1]).toMatchObject({ detail: expect.stringContaining('by others'), current: true });
      const { sha256: now, replaced } = await files.digestFile({ path: ask.path, changedBy: { run, task: '2B' } });
      expect([now, replaced]).toEqual([hubConfig, one].map((text) => sha256(Buffer.from(text))));
      const on = { machine: 'PC2' };
      const looked = filesAreBack(withoutRepeats(undone.map((entry) => ({ ...entry, ...on }))));
      expect(looked([{ ...on, path: ask.path, original: replaced, now }])).toMatchObject({ verdict: 'pass' });
    }
  });

  it('does not write over what somebody wrote between our look and our write, which the next attempt finds', async () => {
    const { host } = await machine();
    await writeFile(host.path('/hub.yml'), hubConfig);
    const theirs = `${hubConfig}# by hand\n`;
    const rename = async (from: string, to: string) => {
      await host.files.rename(from, to);
      // The copy of the first look is kept now.
      if (to.endsWith('/1-hub.yml')) await writeFile(host.path('/hub.yml'), theirs);
    };
    const watched = { ...host, files: { ...host.files, rename } };
    const ledger = ledgerOf(watched, undo);
    const files = fileActivities(watched, ledger);
    await expect(files.editFile(ask)).rejects.toThrow(/hub\.yml on PC2: what it replaces was changed meanwhile/);
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe(theirs);
    await files.editFile(ask);
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toContain('job_name: pushgateway');
    await ledger.rollback({ run, scope: 'all' });
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe(theirs);
  });

  it('is taken out of a file that others changed since: what they made of it stays, and is said, in a dry run too', async () => {
    const { host, ledger, files } = await machine();
    await writeFile(host.path('/hub.yml'), hubConfig);
    await files.editFile(ask);
    const theirs = '  - job_name: theirs # new\n    static_configs:\n      - targets: [PC3:9100]\n';
    await writeFile(host.path('/hub.yml'), (await readFile(host.path('/hub.yml'), 'utf8')) + theirs, { mode: 0o640 });
    const said = [
      { target: '/hub.yml', result: 'undone', detail: expect.stringMatching(/^\/hub\.yml on PC2 was .*by others/) },
    ];
    expect(await ledger.rollback({ run, scope: 'all', dryRun: true })).toMatchObject(said);
    expect(await ledger.rollback({ run, scope: 'all' })).toMatchObject(said);
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe(hubConfig + theirs);
    expect(await ledger.remaining(run)).toEqual([]);
  });

  it('is left in a file that is not UTF-8 any more, byte for byte', async () => {
    const { host, ledger, files } = await machine();
    await writeFile(host.path('/hub.yml'), hubConfig);
    await files.editFile(ask);
    const theirs = Buffer.concat([await readFile(host.path('/hub.yml')), Buffer.from('# Z\u00e4hler\n', 'latin1')]);
    await writeFile(host.path('/hub.yml'), theirs);
    expect(await undoneOf(ledger)).toEqual(['/hub.yml left']);
    expect(await readFile(host.path('/hub.yml'))).toEqual(theirs);
  });

  describe('of a job of our name that this run did not write', () => {
    const theirs = `${hubConfig}  - job_name: pushgateway # mine\n    static_configs: [{targets: [PC7:9091]}]\n`;
    const text = (host: Host) => readFile(host.path('/hub.yml'), 'utf8');

    it('is refused by name, and nothing is changed', async () => {
      const { host, ledger, files } = await machine();
      await writeFile(host.path('/hub.yml'), theirs);
      await expect(files.editFile(ask)).rejects.toMatchObject({
        nonRetryable: true,
        type: 'ForeignScrapeJob',
        message: expect.stringMatching(/\/hub\.yml on PC2 .*pushgateway.*not made by hubshift.*adopt: \[pushgateway\]/),
      });
      expect(await text(host)).toBe(theirs);
      expect(await ledger.entries(run)).toEqual([]);
    });

    it('is refused too when it is the same, by a run that was kept', async () => {
      const { host, ledger, files } = await machine();
      await writeFile(host.path('/hub.yml'), hubConfig);
      await ledger.open('week-0', 'plan');
      await files.editFile({ ...ask, change: { run: 'week-0', step: '2B.scrape.central' } });
      await ledger.keep('week-0');
      const kept = await text(host);
      await expect(files.editFile(ask)).rejects.toMatchObject({
        message: expect.stringContaining('made by run week-0, which was kept by its GO'),
      });
      // With leave of the plan it is used as it is, and stays.
      expect(await files.editFile({ ...ask, adopt: ['pushgateway'] })).toMatchObject({ changed: false });
      expect(await undoneOf(ledger)).toEqual([]);
      expect(await text(host)).toBe(kept);
    });

    it('is taken over with leave of the plan, and comes back byte for byte, also when others wrote in the file since', async () => {
      const { host, ledger, files } = await machine();
      await writeFile(host.path('/hub.yml'), theirs);
      const adopting = { ...ask, adopt: ['pushgateway'] };
      await files.editFile(adopting);
      expect(await text(host)).toContain('PC2:9091');
      expect(await undoneOf(ledger, { task: '2B' })).toEqual(['/hub.yml undone']);
      expect(await text(host)).toBe(theirs);

      await files.editFile(adopting);
      await writeFile(host.path('/hub.yml'), `${await text(host)}# since\n`);
      expect(await undoneOf(ledger)).toEqual(['/hub.yml undone', '/hub.yml already']);
      expect(await text(host)).toBe(`${theirs}# since\n`);
    });

    it('is refused when a step is tried again and somebody has put his own in its place', async () => {
      const { host, ledger, files } = await machine();
      await writeFile(host.path('/hub.yml'), hubConfig);
      await files.editFile(ask);
      await writeFile(host.path('/hub.yml'), theirs);
      await expect(files.editFile(ask)).rejects.toMatchObject({ type: 'ForeignScrapeJob' });
      expect(await undoneOf(ledger)).toEqual(['/hub.yml left']);
      expect(await text(host)).toBe(theirs);
    });
  });

  it('puts a deleted file back, and fails while its directory is missing, which may be there again', async () => {
    const { host, ledger, files } = await machine();
    await mkdir(host.path('/hub'));
    await writeFile(host.path('/hub/hub.yml'), hubConfig);
    await files.editFile({ ...ask, path: '/hub/hub.yml' });
    await rm(host.path('/hub/hub.yml'));
    expect(await undoneOf(ledger, { task: '2B' })).toEqual(['/hub/hub.yml undone']);
    expect(await readFile(host.path('/hub/hub.yml'), 'utf8')).toBe(hubConfig);
    await files.editFile({ ...ask, path: '/hub/hub.yml' });
    await rm(host.path('/hub'), { recursive: true });
    expect(await undoneOf(ledger, { task: '2B' })).toEqual(['/hub/hub.yml failed', '/hub/hub.yml already']);
    await mkdir(host.path('/hub'));
    expect(await undoneOf(ledger, { task: '2B' })).toEqual(['/hub/hub.yml undone', '/hub/hub.yml already']);
    expect(await readFile(host.path('/hub/hub.yml'), 'utf8')).toBe(hubConfig);
  });

  it('keeps the inode of a file that a running container has mounted by itself, and renames elsewhere', async () => {
    const containers: FakeContainer[] = [];
    const { host, ledger, files } = await machine(containers);
    await writeFile(host.path('/hub.yml'), `${hubConfig}# ${'long '.repeat(100)}\n`);
    const inode = async (): Promise<number> => (await stat(host.path('/hub.yml'))).ino;
    const first = await inode();
    containers.push({ name: 'centralhub', running: true, mounts: [host.path('/hub.yml')] });
    await files.editFile(ask);
    expect(await undoneOf(ledger, { task: '2B' })).toEqual(['/hub.yml undone']);
    expect(await inode()).toBe(first);
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe(`${hubConfig}# ${'long '.repeat(100)}\n`);
    containers.pop();
    await files.editFile(ask);
    expect(await inode()).not.toBe(first);
  });

  it('refuses a file that is not UTF-8 by its line, and changes nothing', async () => {
    const { host, files, ledger } = await machine();
    const latin1 = Buffer.from(`${hubConfig}# Z\u00e4hler\n`, 'latin1');
    await writeFile(host.path('/hub.yml'), latin1);
    await expect(files.editFile(ask)).rejects.toMatchObject({
      type: 'FileUneditable',
      message: expect.stringContaining(`/hub.yml on PC2: line ${hubConfig.split('\n').length}: not UTF-8`),
    });
    expect(await readFile(host.path('/hub.yml'))).toEqual(latin1);
    expect(await ledger.entries(run)).toEqual([]);
  });

  it('refuses a file that is not there or not YAML, for good', async () => {
    const { host, files } = await machine();
    await expect(files.editFile(ask)).rejects.toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining('/hub.yml on PC2'),
    });
    await writeFile(host.path('/hub.yml'), 'a: [1\n');
    await expect(files.editFile(ask)).rejects.toMatchObject({
      nonRetryable: true,
      message: expect.stringContaining("can't be edited"),
    });
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe('a: [1\n');
  });
});

describe('digestFile', () => {
  it('tells a missing file from an empty one', async () => {
    const { host, files } = await machine();
    await writeFile(host.path('/empty'), '');
    expect(await files.digestFile({ path: '/empty' })).toEqual({ exists: true, sha256: sha256(''), bytes: 0 });
    expect(await files.digestFile({ path: '/missing' })).toEqual({ exists: false, sha256: null, bytes: 0 });
  });

  it('of a file that a task has changed, or made, says what it was before', async () => {
    const { ledger, files } = await machine();
    const before = { run, task: '2B' };
    await files.writeFile({ change: change('2A.config.global'), path: '/hub.yml', content: hubConfig, owner: '0:0' });
    const original = await files.digestFile({ path: '/hub.yml' });
    expect(await files.digestFile({ path: '/hub.yml', before })).toEqual(original);
    await files.editFile({ change: change('2B.scrape.edge'), path: '/hub.yml', edit });
    expect(await files.digestFile({ path: '/hub.yml' })).not.toEqual(original);
    expect(await files.digestFile({ path: '/hub.yml', before })).toEqual(original);
    expect(await files.digestFile({ path: '/hub.yml', before: { run, task: '2A' } })).toMatchObject({ exists: false });
    await ledger.rollback({ run, scope: { task: '2B' } });
    expect(await files.digestFile({ path: '/hub.yml', before })).toEqual(original);
  });

  it('says that others changed it once all that the run had changed there was undone', async () => {
    const { host, ledger, files } = await machine();
    const changedBy = { run, task: '2B' };
    const since = async () => (await files.digestFile({ path: '/hub.yml', changedBy })).changedSince;
    /** Once the time has moved on, which comes in steps for a file. */
    const others = async (text: string) => {
      const before = Date.now();
      do await writeFile(host.path('/hub.yml'), text);
      while ((await stat(host.path('/hub.yml'))).ctimeMs <= before);
    };
    await writeFile(host.path('/hub.yml'), hubConfig);
    expect(await since()).toBeUndefined();
    await files.editFile({ change: change('2B.scrape.central'), path: '/hub.yml', edit });
    await others(`${hubConfig}# theirs\n`);
    expect(await since()).toBe(false);
    await ledger.rollback({ run, scope: 'all' });
    expect(await since()).toBe(false);
    await others(hubConfig);
    expect(await since()).toBe(true);
  });

  it('says what the newest change replaced, also once that is undone', async () => {
    const { host, ledger, files } = await machine();
    const changedBy = { run, task: '2B' };
    const replaced = async () => (await files.digestFile({ path: '/hub.yml', changedBy })).replaced;
    const edited = () => files.editFile({ change: change('2B.scrape.central'), path: '/hub.yml', edit });
    await writeFile(host.path('/hub.yml'), hubConfig);
    expect(await replaced()).toBeUndefined();
    await edited();
    expect(await replaced()).toBe(sha256(hubConfig));
    const theirs = `${hubConfig}# theirs\n`;
    await writeFile(host.path('/hub.yml'), theirs);
    await ledger.rollback({ run, scope: { task: '2B' } });
    expect(await replaced()).toBe(sha256(hubConfig));
    await edited();
    await ledger.rollback({ run, scope: 'all' });
    expect(await replaced()).toBe(sha256(theirs));
    await files.writeFile({ change: { run: 'other', step: '2B.new' }, path: '/new.yml', content: '', owner: '0:0' });
    expect(await files.digestFile({ path: '/new.yml', changedBy: { run: 'other', task: '2B' } })).toMatchObject({
      replaced: null,
    });
    expect(await files.digestFile({ path: '/new.yml', changedBy })).not.toHaveProperty('replaced');
  });
});
