// A directory loses what the week put there, and nothing else; what stays is named before and after. On mounts: directory.integration.test.ts.
import { existsSync } from 'node:fs';
import { lchown, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { append } from '../../../activities/ledger/journal.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import type { Undo } from '../../../plan/week/undo.ts';
import { temporaryMachine, type FakeContainer } from '../machine.ts';
import { base, nobody, preparedMachine, put, run, step } from './prepared.ts';

const results = (undone: { result: string }[]) => undone.map(({ result }) => result);
const has = (host: Host, path: string) => existsSync(host.path(path));
const preview = (ledger: Ledger) => ledger.rollback({ run, scope: 'all', dryRun: true });
const back = (ledger: Ledger) => ledger.rollback({ run, scope: 'all' });
const timeless = (undone: { target: string; result: string; detail?: string }[]) =>
  undone.map(({ target, result, detail }) => ({ target, result, detail }));

describe.runIf(process.getuid?.() === 0)('a directory', () => {
  it('goes with what its containers wrote; a link of theirs is not followed', async () => {
    const { host, ledger } = await preparedMachine();
    await put(host, '/elsewhere/file', 'theirs');
    await symlink(host.path('/elsewhere'), host.path(`${base}/data/link`));
    await lchown(host.path(`${base}/data/link`), nobody, nobody);
    expect(results(await preview(ledger))).toEqual(['undone', 'undone']);
    expect(results(await back(ledger))).toEqual(['undone', 'undone']);
    expect(await readdir(host.path('/'))).toEqual(['elsewhere']);
    expect(has(host, '/elsewhere/file')).toBe(true);
  });

  it.each([
    ['beside what the week made', 'tls.key', 0, 'tls.key'],
    ['in a directory of its own', 'certs/deep/tls.key', 0, 'certs/'],
    ["beside the week's configuration, readable for the container", 'config/tls.key', nobody, 'config/tls.key'],
    ['among the data, of a user that is not the container', 'data/wal/tls.key', 0, 'data/wal/tls.key'],
  ])('keeps a file of an operator %s, and the path to it; all else goes', async (_, name, uid, named) => {
    const { host, ledger } = await preparedMachine();
    await put(host, `${base}/${name}`, 'a key', uid);
    const foreseen = timeless(await preview(ledger));
    expect(foreseen).toEqual([
      { target: `${base}/config/edge.yml`, result: 'undone' },
      {
        target: base,
        result: 'left',
        detail: `${base} on PC2 stays with what the week did not put there: ${named}`,
      },
    ]);
    expect(has(host, `${base}/data/wal/0001`)).toBe(true);

    expect(timeless(await back(ledger))).toEqual(foreseen);
    expect(await readFile(host.path(`${base}/${name}`), 'utf8')).toBe('a key');
    const [first] = name.split('/');
    expect(await readdir(host.path(base))).toEqual([first]);
    expect(has(host, `${base}/data/wal/0001`)).toBe(false);
    expect(await ledger.remaining(run)).toEqual([]);
    expect(results(await back(ledger))).toEqual(['already', 'left']);
  });

  it('names a few of many such files at once, and the others below', async () => {
    const { host, ledger } = await preparedMachine();
    for (let n = 10; n < 80; n += 1) await put(host, `${base}/${n}.pem`, '');
    const [, directory] = await preview(ledger);
    const [first, ...others] = directory!.detail!.split('\n');
    expect(first).toMatch(/put there: 10\.pem, 11\.pem, 12\.pem, 13\.pem, 14\.pem and 65 more$/);
    expect([others.length, others[0], others.at(-1)]).toEqual([46, '15.pem', 'and 20 more']);
  });

  it('keeps a configuration that is left because somebody changed it', async () => {
    const { host, ledger } = await preparedMachine();
    await writeFile(host.path(`${base}/config/edge.yml`), 'a: 1\nb: by hand\n');
    for (const roll of [preview, back]) {
      expect(timeless(await roll(ledger))).toMatchObject([
        { target: `${base}/config/edge.yml`, result: 'left' },
        { target: base, result: 'left', detail: expect.stringMatching(/put there: config\/edge\.yml$/) },
      ]);
      expect(await readFile(host.path(`${base}/config/edge.yml`), 'utf8')).toBe('a: 1\nb: by hand\n');
    }
    expect(await readdir(host.path(base))).toEqual(['config']);
  });

  it('waits for a file in it whose undo failed, and goes with it the next time', async () => {
    const { host, ledger } = await preparedMachine();
    const unlink = (path: string) =>
      path.endsWith('/edge.yml') ? Promise.reject(new Error('EIO: i/o error')) : host.files.unlink(path);
    const ill = ledgerOf({ ...host, files: { ...host.files, unlink } }, undo);
    expect(await back(ill)).toMatchObject([
      { result: 'failed', detail: expect.stringContaining('EIO') },
      { result: 'failed', detail: expect.stringContaining(`${base}/config/edge.yml of 2A.config.global`) },
    ]);
    expect(has(host, `${base}/data/wal/0001`)).toBe(true);
    expect(results(await back(ledger))).toEqual(['undone', 'undone']);
    expect(await readdir(host.path('/'))).toEqual([]);
  });

  it('waits for what another task has in it, which is taken with that', async () => {
    const { host, ledger, files } = await preparedMachine();
    const directories = [{ path: `${base}/gateway`, owner: '65534:65534' }];
    await files.ensureDirectories({ change: step('2B.pc2.directory'), base, directories });
    await put(host, `${base}/gateway/pushgateway.db`, 'metrics', nobody);
    expect(await ledger.rollback({ run, scope: { task: '2A' } })).toMatchObject([
      { result: 'undone' },
      { result: 'failed', detail: expect.stringContaining(`${base}/gateway of 2B.pc2.directory`) },
    ]);
    expect(has(host, `${base}/gateway/pushgateway.db`)).toBe(true);
    expect(results(await preview(ledger))).toEqual(['undone', 'already', 'undone']);
    expect(results(await back(ledger))).toEqual(['undone', 'already', 'undone']);
    expect(await readdir(host.path('/'))).toEqual([]);
  });

  it('that somebody moved elsewhere, with a link to it, is left', async () => {
    const { host, ledger } = await preparedMachine();
    await rm(host.path(`${base}/config/edge.yml`));
    await rename(host.path(base), host.path('/moved'));
    await symlink(host.path('/moved'), host.path(base));
    expect((await back(ledger)).at(-1)).toMatchObject({ result: 'left', detail: expect.stringContaining('not a dir') });
    expect(has(host, '/moved/data/wal/0001')).toBe(true);
  });
});

describe.runIf(process.getuid?.() === 0)('a directory that a running container uses', () => {
  it.each([
    ['as it is named', '/pc2/observability/data'],
    ['under another name, by a link', '/alias/observability/data/wal'],
    ['with a file of it', '/alias/observability/data/wal/0001'],
  ])('%s, keeps all that is in it until that is stopped', async (_, mount) => {
    const containers: FakeContainer[] = [];
    const { host, ledger } = await preparedMachine(containers);
    await symlink('pc2', host.path('/alias'));
    containers.push({ name: 'stranger', running: true, mounts: [host.path(mount)] });
    for (const roll of [preview, back])
      expect((await roll(ledger)).at(-1)).toMatchObject({
        result: 'failed',
        detail: expect.stringContaining('in use by the running containers stranger'),
      });
    expect(has(host, `${base}/data/wal/0001`)).toBe(true);
    containers.pop();
    expect(results(await back(ledger))).toEqual(['already', 'undone']);
    expect(await readdir(host.path('/'))).toEqual(['alias']);
  });

  it("that this rollback leaves, since it is another run's, is one in a dry run, too", async () => {
    const labels = { 'io.hubshift.run': 'week-0', 'io.hubshift.spec': 'd1' };
    const edgehub = { name: 'edgehub', running: true, labels, mounts: [] as string[] };
    const { host, ledger } = await preparedMachine([edgehub]);
    await ledger.change(
      step('2A.deploy.container'),
      'container edgehub',
      async () => ({ kind: 'container.remove', name: 'edgehub', specDigest: 'd1', stopGraceMs: 1_000 }),
      async () => undefined,
    );
    edgehub.mounts.push(host.path(`${base}/data`));
    for (const roll of [preview, back]) {
      expect(await roll(ledger)).toMatchObject([{ result: 'left' }, {}, { target: base, result: 'failed' }]);
      expect(has(host, `${base}/data/wal/0001`)).toBe(true);
    }
  });

  it('that this rollback removes is no obstacle in a dry run; nor one that only has a directory above it', async () => {
    const containers: FakeContainer[] = [];
    const { host, ledger } = await preparedMachine(containers);
    await ledger.change(
      step('2A.deploy.container'),
      'container edgehub',
      async () => ({ kind: 'container.remove', name: 'edgehub', specDigest: 'd1', stopGraceMs: 1_000 }),
      async () => undefined,
    );
    const labels = { 'io.hubshift.run': run, 'io.hubshift.spec': 'd1' };
    containers.push({ name: 'edgehub', running: true, labels, mounts: [host.path(`${base}/data`)] });
    containers.push({ name: 'node-exporter', running: true, mounts: [host.path('/'), ''] });
    expect(results(await preview(ledger))).toEqual(['undone', 'undone', 'undone']);
    expect(results(await back(ledger))).toEqual(['undone', 'undone', 'undone']);
  });
});

describe.runIf(process.getuid?.() === 0)('below a link', () => {
  it('a directory goes, and the link stays', async () => {
    const { host, ledger } = await preparedMachine([], async (there) => {
      await mkdir(there.path('/srv/pc2'), { recursive: true });
      await symlink('srv/pc2', there.path('/pc2'));
    });
    await put(host, '/srv/pc2/tls.key', 'a key');
    expect(results(await back(ledger))).toEqual(['undone', 'undone']);
    expect((await readdir(host.path('/'))).sort()).toEqual(['pc2', 'srv']);
    expect(await readdir(host.path('/srv/pc2'))).toEqual(['tls.key']);
  });

  it('that somebody removed by hand has taken along what the week changed in it twice', async () => {
    const { host, ledger, files } = await preparedMachine();
    const path = `${base}/config/edge.yml`;
    await files.writeFile({ change: step('2B.pc2.scrape'), path, content: 'a: 2\n', owner: '0:0' });
    await rm(host.path('/pc2'), { recursive: true });
    expect(results(await back(ledger))).toEqual(['already', 'already', 'already']);
    expect(await readdir(host.path('/'))).toEqual([]);
    expect(await ledger.remaining(run)).toEqual([]);
  });

  it('that somebody removed by hand with a file of theirs that the week had changed is missing', async () => {
    const { host, ledger, files } = await preparedMachine();
    const path = `${base}/config/theirs.yml`;
    await put(host, path, 'theirs: 1\n');
    await files.writeFile({ change: step('2B.pc2.scrape'), path, content: 'a: 2\n', owner: '0:0' });
    await rm(host.path('/pc2'), { recursive: true });
    expect(results(await back(ledger))).toEqual(['failed', 'already', 'already']);
  });
});

describe.runIf(process.getuid?.() === 0)('a ledger of before', () => {
  /** As it has them: nothing of mounts or volumes. */
  async function old(undos: Undo[]) {
    const host = await temporaryMachine();
    await mkdir(host.state);
    const lines = undos.map((one, index) => ({ n: index + 1, run, step: '2A.old', key: `${index}`, undo: one, at: 1 }));
    await append(host.state, lines, host.files);
    return { host, ledger: ledgerOf(host, undo) };
  }

  it('knows not what was mounted: the directories in its directory count as it, and nothing beside them', async () => {
    const { host, ledger } = await old([{ kind: 'directory.remove', path: base, parents: ['/pc2'] }]);
    await put(host, `${base}/data/0001`, 'samples', nobody);
    await put(host, `${base}/tls.key`, 'a key');
    expect(await back(ledger)).toMatchObject([{ result: 'left', detail: expect.stringMatching(/: tls\.key$/) }]);
    expect(await readdir(host.path(base))).toEqual(['tls.key']);
  });

  it('finds a directory gone only where it was made', async () => {
    const { host, ledger } = await old([{ kind: 'directory.remove', path: '/pc2/observability', parents: [] }]);
    expect(await preview(ledger)).toMatchObject([
      { result: 'failed', detail: expect.stringMatching(/\/pc2, where it was made, is missing\. Mount its volume/) },
    ]);
    expect(results(await back(ledger))).toEqual(['failed']);
    await put(host, `${base}/data/0001`, 'samples', nobody);
    expect(results(await back(ledger))).toEqual(['undone']);
    expect(await readdir(host.path('/pc2'))).toEqual([]);
  });

  it.each([
    ['that was there before', 'backups/week-1/1-a.yml'],
    ['that the week made', null],
  ])('tries a file %s again when its directory is there again', async (_, backup) => {
    const { host, ledger } = await old([{ kind: 'file.restore', path: '/etc/a.yml', backup, wroteSha256: 'x' }]);
    expect(await back(ledger)).toMatchObject([
      { result: 'failed', detail: expect.stringMatching(/\/etc is missing\. Mount its volume/) },
    ]);
    await mkdir(host.path('/etc'));
    if (backup) await mkdir(dirname(`${host.state}/${backup}`), { recursive: true });
    if (backup) await writeFile(`${host.state}/${backup}`, 'a: 1\n');
    expect(results(await back(ledger))).toEqual([backup ? 'undone' : 'already']);
  });

  it("does not stop an agent whose file's directory is missing, nor calls it restored", async () => {
    const { host, ledger } = await old([
      {
        kind: 'agent.restore',
        program: 'agent',
        config: '/code/agent.yaml',
        backup: '/code/agent.yaml.backup',
        wroteSha256: 'x',
        startWithinMs: 1_000,
      },
    ]);
    for (const roll of [preview, back])
      expect(await roll(ledger)).toMatchObject([
        { result: 'failed', detail: expect.stringMatching(/\/code is missing\. Mount its volume/) },
      ]);
    expect(await readdir(host.path('/'))).toEqual([]);
  });
});
