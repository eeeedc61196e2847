// A ledger in one file: what is imported is undone as the original would be, and nothing else is imported, nor over what is in use.
import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  open,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { recordFile } from '../../../activities/faults/fault.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { exportLedger, importLedger } from '../../../activities/ledger/export.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';
import { change, makeDirectory, resultsOf } from './changes.ts';

let host: Host;
let ledger: Ledger;
let file: string;
const path = '/etc/prometheus.yml';
const { run } = change;

/** A week that made a directory and replaced a file, which is exported then. */
beforeEach(async () => {
  host = await temporaryMachine();
  ledger = ledgerOf(host, undo);
  file = join(host.state, '../ledger of PC2: monday.tar');
  await ledger.open(run, 'week1');
  await makeDirectory(host, ledger, '/pc2');
  await mkdir(host.path('/etc'));
  await writeFile(host.path(path), 'the original', { mode: 0o640 });
  await chown(host.path(path), process.getuid!() === 0 ? 1234 : process.getuid!(), process.getgid!());
  await ledger.change(
    { run, step: '2B.scrape.central' },
    `file ${path}`,
    async ({ keep }) => ({
      kind: 'file.restore',
      path,
      ...(await keep(host.path(path))),
      wroteSha256: sha256('ours'),
    }),
    async ({ writes }) => {
      await writes(Buffer.from('ours'), null);
      await writeFile(host.path(path), 'ours');
    },
  );
});

const exported = () => exportLedger(host.state, 'PC2', file);
const lines = (directory = host.state) => readFile(join(directory, 'ledger.jsonl'), 'utf8');
const lose = () => rm(host.state, { recursive: true });

describe('an export', () => {
  it('is one file that only its owner may read, and leaves nothing else', async () => {
    const before = (await readdir(join(host.state, '..'))).sort();
    const { files, sha256: digest } = await exported();
    expect(files).toBe(3);
    expect(digest).toBe(sha256(await readFile(file)));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readdir(join(host.state, '..'))).sort()).toEqual([...before, 'ledger of PC2: monday.tar'].sort());
  });

  it('does not replace what is there', async () => {
    await writeFile(file, 'another');
    await expect(exported()).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(file, 'utf8')).toBe('another');
    await rm(file);
    await symlink('/elsewhere', file);
    await expect(exported()).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('of a machine without a ledger is none, and makes nothing there', async () => {
    await lose();
    await expect(exported()).rejects.toThrow(/^There is no ledger in /);
    expect(await readdir(join(host.state, '..'))).not.toContain('state');
  });
});

describe('an import', () => {
  it('is undone as the original would be', async () => {
    await exported();
    await lose();
    expect(await importLedger(host.state, 'PC2', file)).toMatchObject({ runs: [run], entries: 2, live: 2, aside: [] });
    expect((await stat(host.state)).mode & 0o777).toBe(0o700);
    expect(resultsOf(await ledger.rollback({ run, scope: 'all' }))).toEqual([`${path} undone`, '/pc2 undone']);
    expect(await readFile(host.path(path), 'utf8')).toBe('the original');
    const { mode, uid } = await stat(host.path(path));
    expect([mode & 0o777, uid]).toEqual([0o640, process.getuid!() === 0 ? 1234 : process.getuid!()]);
    expect(await readdir(host.path('/'))).toEqual(['etc']);
    expect((await readdir(host.state)).sort()).toEqual(['backups', 'ledger.jsonl', 'lock']);
  });

  it('is on the disk before it is there', async () => {
    await exported();
    await lose();
    const handle = await open(file);
    const paths: string[] = [];
    const synced = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'sync');
    synced.mockImplementation(async function (this: typeof handle) {
      paths.push(basename(await readlink(`/proc/self/fd/${this.fd}`)));
    });
    await handle.close();
    await importLedger(host.state, 'PC2', file);
    synced.mockRestore();
    expect(paths).toEqual(expect.arrayContaining(['2-prometheus.yml', '2-prometheus.yml.wrote', run, 'ledger.jsonl']));
  });

  it('has what a killed worker left to the next: whom to start, what to write to its end, which fault to lift', async () => {
    const fault = { kind: 'container-stop' as const, container: 'hub', stopGraceMs: 1 };
    const left = {
      'stopped/edge%3Ahub_agent': '',
      'in-place/1.json': JSON.stringify({
        path: host.path(path),
        within: host.path('/'),
        mode: 0o640,
        uid: process.getuid!(),
        gid: process.getgid!(),
        before: Buffer.from('the original').toString('base64'),
        after: Buffer.from('ours').toString('base64'),
      }),
      [relative(host.state, recordFile(host, fault))]: JSON.stringify({ fault, at: 1 }),
    };
    const contents = async (names: string[]) =>
      Promise.all(names.map((name) => readFile(join(host.state, name), 'utf8').catch(() => null)));
    for (const [name, text] of Object.entries(left)) {
      await mkdir(dirname(join(host.state, name)), { recursive: true });
      await writeFile(join(host.state, name), text);
    }
    await writeFile(host.path(path), 'oursoriginal');
    expect((await exported()).files).toBe(6);
    await lose();
    await mkdir(join(host.state, 'stopped'), { recursive: true });
    await writeFile(join(host.state, 'stopped/of-today'), '');
    await importLedger(host.state, 'PC2', file);
    expect(await contents(Object.keys(left))).toEqual(Object.values(left));
    expect((await readdir(join(host.state, 'stopped'))).sort()).toEqual(['edge%3Ahub_agent', 'of-today']);
    expect((await readdir(host.state)).filter((name) => name.startsWith('.'))).toEqual([]);

    // As the holder of the lock does first, and the undo then knows the file as ours.
    await ledger.recover();
    expect(await readFile(host.path(path), 'utf8')).toBe('ours');
    expect(await ledger.rollback({ run, scope: 'all' })).toMatchObject([
      { target: path, result: 'undone' },
      { target: '/pc2', result: 'undone' },
    ]);
  });

  it('with such things in it is refused by a build that would lose them, and one without is none of its kind', async () => {
    const version = async () => {
      const said = execFileSync('tar', ['--extract', '--force-local', '--file', file, '--to-stdout', './export.json']);
      await rm(file);
      return (JSON.parse(said.toString()) as { version: number }).version;
    };
    await exported();
    expect(await version()).toBe(1);
    await mkdir(join(host.state, 'stopped'));
    await writeFile(join(host.state, 'stopped/hub_agent'), '');
    await exported();
    expect(await version()).toBe(2);
  });

  it('knows what others changed since, as the original would', async () => {
    await exported();
    await lose();
    await writeFile(host.path(path), 'ours and theirs');
    await importLedger(host.state, 'PC2', file);
    expect(resultsOf(await ledger.rollback({ run, scope: 'all' }))).toEqual([`${path} left`, '/pc2 undone']);
  });

  it('says in the ledger that it is one, also after a last line that a crash tore', async () => {
    await appendFile(join(host.state, 'ledger.jsonl'), '{"done":');
    await exported();
    await lose();
    await importLedger(host.state, 'PC2', file);
    const [last, ...before] = (await lines()).trim().split('\n').reverse();
    expect(JSON.parse(last!)).toMatchObject({ note: expect.stringMatching(/^imported: the ledger of 20/) });
    expect(before).not.toContain('{"done":');
  });

  it.each([
    ['open', async () => undefined, /run week-1 is open, and 2 of its changes stand\. Nothing was imported\./],
    ['kept by a GO', () => ledger.keep(run), /run week-1 is kept by a GO, and 2 of its changes stand/],
    [
      'not wholly undone',
      async () => {
        await rm(join(host.state, 'backups'), { recursive: true });
        await ledger.rollback({ run, scope: 'all' });
      },
      /run week-1 is not wholly undone, and 1 of its changes stand.* move .*ledger\.jsonl away first$/s,
    ],
  ])('is refused over a ledger that is %s', async (_, make, words) => {
    await exported();
    await make();
    const before = await lines();
    await expect(importLedger(host.state, 'PC2', file)).rejects.toThrow(words);
    expect(await lines()).toBe(before);
    expect((await readdir(host.state)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('puts one aside of which nothing stands, and one that was moved away counts for nothing', async () => {
    await exported();
    await ledger.rollback({ run, scope: 'all' });
    const before = await lines();
    const { aside } = await importLedger(host.state, 'PC2', file);
    expect(aside).toHaveLength(2);
    expect(await readFile(aside[0]!, 'utf8')).toBe(before);
    expect((await ledger.runs())[0]).toMatchObject({ run, state: 'open', live: 2 });
  });

  it.each([
    ['is of another machine', 'PC3', async () => undefined, /is the ledger of PC2, and this is PC3/],
    ['is no archive', 'PC2', () => writeFile(file, 'x'), /can't be unpacked: .*tar/],
    ['is cut off', 'PC2', async () => writeFile(file, (await readFile(file)).subarray(0, 3_000)), /can't be unpacked/],
    ['is no export', 'PC2', () => repacked(({ directory }) => rm(join(directory, 'export.json'))), /is no export/],
    [
      'is of a newer build',
      'PC2',
      () => repacked(({ directory }) => writeFile(join(directory, 'export.json'), '{"version":3}')),
      /is an export of version 3, and this build knows versions up to 2/,
    ],
    [
      'has another backup in it',
      'PC2',
      () => repacked(({ directory }) => writeFile(join(directory, `backups/${run}/2-prometheus.yml`), 'the originaX')),
      /is damaged: backups\/week-1\/2-prometheus\.yml in it is not what was exported/,
    ],
    [
      'has another line in it',
      'PC2',
      () => repacked(({ directory }) => appendFile(join(directory, 'ledger.jsonl'), '{}\n')),
      /is damaged: ledger\.jsonl in it/,
    ],
    [
      'has one file more in it',
      'PC2',
      () => repacked(({ directory }) => writeFile(join(directory, 'backups/more'), '')),
      /is damaged: backups\/more in it/,
    ],
    [
      'has one file less in it',
      'PC2',
      () => repacked(({ directory }) => rm(join(directory, `backups/${run}/2-prometheus.yml`))),
      /is damaged: backups\/week-1\/2-prometheus\.yml in it/,
    ],
    [
      'has a link in it',
      'PC2',
      () => repacked(({ directory }) => symlink('/etc/shadow', join(directory, 'backups/link'))),
      /link is no file/,
    ],
    [
      'has a link in the place of its lines',
      'PC2',
      () =>
        repacked(async ({ directory }) => {
          await rename(join(directory, 'ledger.jsonl'), join(host.state, '../elsewhere'));
          await symlink(join(host.state, '../elsewhere'), join(directory, 'ledger.jsonl'));
        }),
      /ledger\.jsonl is no file/,
    ],
    [
      'has something beside the ledger in it',
      'PC2',
      () => repacked(({ directory }) => writeFile(join(directory, 'more'), '')),
      /is damaged: more in it/,
    ],
    [
      'has a path from the root in it',
      'PC2',
      () => appended(['--absolute-names', join(host.state, '../outside')]),
      /is damaged: .*outside in it/,
    ],
    [
      'has a path upwards in it',
      'PC2',
      () => appended(['--absolute-names', '--directory', host.state, '../outside']),
      /can't be unpacked: tar: .*'\.\.'/,
    ],
    [
      'says nothing of its files',
      'PC2',
      () => repacked(({ directory }) => writeFile(join(directory, 'export.json'), '{"version":1,"machine":"PC2"}')),
      /is no export of a ledger/,
    ],
    [
      'says what is no JSON',
      'PC2',
      () => repacked(({ directory }) => writeFile(join(directory, 'export.json'), '{"version":')),
      /is no export of a ledger/,
    ],
  ])('that %s changes nothing', async (_, machine, damage, words) => {
    await exported();
    await damage();
    await lose();
    await expect(importLedger(host.state, machine, file)).rejects.toThrow(words);
    expect(await readdir(host.state)).toEqual(['lock']);
    expect(await readdir(join(host.state, '..'))).not.toContain('outside');
  });

  it('of a ledger of a newer build is refused by that', async () => {
    await appendFile(join(host.state, 'ledger.jsonl'), '{"version":5,"at":1}\n');
    await exported();
    await lose();
    await expect(importLedger(host.state, 'PC2', file)).rejects.toMatchObject({ type: 'LedgerNewer' });
  });
});

/** The export with one file more, by a path of its own. */
async function appended(args: string[]): Promise<void> {
  await writeFile(join(host.state, '../outside'), 'x');
  execFileSync('tar', ['--append', '--force-local', '--file', file, ...args]);
  await rm(join(host.state, '../outside'));
}

/** The export with another content. */
async function repacked(damage: (of: { directory: string }) => Promise<unknown>): Promise<void> {
  const directory = join(host.state, '../unpacked');
  await mkdir(directory);
  execFileSync('tar', ['--extract', '--force-local', '--file', file, '--directory', directory]);
  await damage({ directory });
  execFileSync('tar', ['--create', '--force-local', '--file', file, '--directory', directory, '.']);
  await chmod(file, 0o600);
}
