// Directories and files on volumes that come and go, and what is mounted in them. Needs root.
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { fileActivities } from '../../../activities/files/files.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine, type FakeContainer } from '../machine.ts';
import { base, nobody, preparedMachine, put, run, step } from './prepared.ts';

const timeoutMs = 10_000;
const results = (undone: { result: string }[]) => undone.map(({ result }) => result);

/** Mounts a directory at another; gives what unmounts it, which happens at the end at the latest. */
async function bind(from: string, to: string): Promise<() => Promise<void>> {
  await mkdir(from, { recursive: true });
  await mkdir(to, { recursive: true });
  await execa('mount', ['--bind', from, to], { timeout: timeoutMs });
  let mounted = true;
  const away = async () => {
    if (mounted) await execa('umount', [to], { timeout: timeoutMs });
    mounted = false;
  };
  onTestFinished(away);
  return away;
}

/** The week's directories and files on a volume at /pc2, or where that leads; `away` takes it away, `there` brings it back. */
async function onVolume(at = '/pc2') {
  let away = async () => undefined as void;
  let where!: Host;
  const there = async () => void (away = await bind(where.path('/volume'), where.path(at)));
  const { host, ledger, files } = await preparedMachine([], async (machine) => {
    where = machine;
    await there();
    if (at !== '/pc2') await execa('ln', ['-s', where.path(at), where.path('/pc2')], { timeout: timeoutMs });
    await writeFile(where.path('/volume/theirs.yml'), 'original: 1\n');
  });
  const owner = '0:0';
  await files.writeFile({ change: step('2A.theirs'), path: '/pc2/theirs.yml', content: 'week: 1\n', owner });
  return { host, ledger, there, away: () => away() };
}

describe('a volume that is away', () => {
  it.each(['/pc2', '/srv/v ol\\1'])(
    'at %s lets nothing on it be called undone, until it is there again',
    async (at) => {
      const { host, ledger, away, there } = await onVolume(at);
      await away();
      for (const dryRun of [true, false]) {
        const undone = await ledger.rollback({ run, scope: 'all', dryRun });
        expect(results(undone)).toEqual(['failed', 'failed', 'failed']);
        for (const { detail } of undone)
          expect(detail).toContain(`lay on the volume mounted at ${host.path(at)} when it was changed`);
      }
      expect(await readdir(host.path(at))).toEqual([]);
      expect(await ledger.remaining(run)).toHaveLength(3);
      await there();
      expect(results(await ledger.rollback({ run, scope: 'all' }))).toEqual(['undone', 'undone', 'undone']);
      expect(await readdir(host.path('/volume'))).toEqual(['theirs.yml']);
      expect(await readFile(host.path('/volume/theirs.yml'), 'utf8')).toBe('original: 1\n');
    },
  );

  it('is not mistaken for what others made in its place', async () => {
    const { host, ledger, away } = await onVolume();
    await away();
    await put(host, `${base}/data/wal/0001`, 'theirs', nobody);
    await put(host, '/pc2/theirs.yml', 'week: 1\n');
    expect(results(await ledger.rollback({ run, scope: 'all' }))).toEqual(['failed', 'failed', 'failed']);
    expect(await readFile(host.path(`${base}/data/wal/0001`), 'utf8')).toBe('theirs');
    expect(await readFile(host.path('/pc2/theirs.yml'), 'utf8')).toBe('week: 1\n');
  });

  it('to whose place its content was moved is none: what was changed is there', async () => {
    const { host, ledger } = await preparedMachine();
    await execa('cp', ['-a', host.path('/pc2'), host.path('/larger')], { timeout: timeoutMs });
    await bind(host.path('/larger'), host.path('/pc2'));
    expect(results(await ledger.rollback({ run, scope: 'all' }))).toEqual(['undone', 'undone']);
    expect(await readdir(host.path('/larger'))).toEqual([]);
  });
});

describe('what is mounted in a directory', () => {
  it('stays, whatever its name, with the path to it; all else goes', async () => {
    const { host, ledger } = await preparedMachine();
    const point = `${base}/data/a b\\c`;
    await put(host, '/other/block', 'theirs', nobody);
    await bind(host.path('/other'), host.path(point));
    await chown(host.path('/other'), nobody, nobody);
    const foreseen = await ledger.rollback({ run, scope: 'all', dryRun: true });
    expect(foreseen.at(-1)).toMatchObject({ result: 'left', detail: expect.stringMatching(/: data\/a b\\c\/$/) });
    expect(results(await ledger.rollback({ run, scope: 'all' }))).toEqual(['undone', 'left']);
    expect(await readFile(host.path(`${point}/block`), 'utf8')).toBe('theirs');
    expect(await readdir(host.path(`${base}/data`))).toEqual(['a b\\c']);
    expect(await readdir(host.path(base))).toEqual(['data']);
  });

  it('over all of it: hides it, and nothing is called undone or gone until it is unmounted', async () => {
    const { host, ledger } = await preparedMachine();
    await put(host, '/other/data/block', 'theirs', nobody);
    const away = await bind(host.path('/other'), host.path(base));
    expect(results(await ledger.rollback({ run, scope: 'all' }))).toEqual(['failed', 'failed']);
    expect(await readFile(host.path('/other/data/block'), 'utf8')).toBe('theirs');
    await away();
    expect(results(await ledger.rollback({ run, scope: 'all' }))).toEqual(['undone', 'undone']);
    expect(await readdir(host.path('/'))).toEqual(['other']);
  });
});

it('a running container that has it through another mount keeps a directory', async () => {
  const containers: FakeContainer[] = [];
  const { host, ledger } = await preparedMachine(containers);
  const away = await bind(host.path(`${base}/data`), host.path('/srv/data'));
  containers.push({ name: 'stranger', running: true, mounts: [host.path('/srv/data/wal')] });
  expect((await ledger.rollback({ run, scope: 'all' })).at(-1)).toMatchObject({
    result: 'failed',
    detail: expect.stringContaining('stranger'),
  });
  expect(existsSync(host.path(`${base}/data/wal/0001`))).toBe(true);
  containers.pop();
  await away();
  expect((await ledger.rollback({ run, scope: 'all' })).at(-1)).toMatchObject({ result: 'undone' });
});

it('a file mounted alone under another name keeps its inode', async () => {
  const containers: FakeContainer[] = [];
  const host = await temporaryMachine(containers);
  await put(host, '/hub/hub.yml', 'a: 1\n');
  await execa('ln', ['-s', 'hub', host.path('/alias')], { timeout: timeoutMs });
  containers.push({ name: 'centralhub', running: true, mounts: [host.path('/alias/hub.yml')] });
  const { writeFile: write } = fileActivities(host, ledgerOf(host, undo));
  const inode = async () => (await execa('stat', ['-c', '%i', host.path('/hub/hub.yml')])).stdout;
  const before = await inode();
  await write({ change: step('2A.x'), path: '/hub/hub.yml', content: 'a: 2\n', owner: '0:0' });
  expect(await readFile(host.path('/hub/hub.yml'), 'utf8')).toBe('a: 2\n');
  expect(await inode()).toBe(before);
});
