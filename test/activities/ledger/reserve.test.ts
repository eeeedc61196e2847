// A full disk keeps no rollback from being done, and lets nothing begin that could not be undone.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { fileActivities } from '../../../activities/files/files.ts';
import { nodeFiles, type FileSystem, type OpenFile } from '../../../activities/files/file-system.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';

const run = 'week-1';
const step = (name: string) => ({ run, step: name });

/** A machine whose disk takes nothing while it is full, but in the place of the reserve. */
async function machine() {
  const given = await temporaryMachine([]);
  const reserve = join(given.state, 'reserve');
  const disk = { full: false };
  const refuse = () => {
    if (disk.full && existsSync(reserve)) throw Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' });
  };
  const files: FileSystem = {
    ...nodeFiles,
    async open(path, flags, mode) {
      const file = await nodeFiles.open(path, flags, mode);
      const write: OpenFile['write'] = file.write.bind(file);
      return Object.assign(file, {
        async write(...asked: Parameters<typeof write>) {
          refuse();
          return write(...asked);
        },
      });
    },
    async mkdir(...asked) {
      refuse();
      await nodeFiles.mkdir(...asked);
    },
  };
  const host: Host = { ...given, files };
  const ledger = ledgerOf(host, undo);
  await mkdir(host.path('/etc'));
  await writeFile(host.path('/etc/edge.yml'), 'a: 1\n');
  const owner = `${process.getuid?.()}:${process.getgid?.()}`;
  const write = (name: string, content: string) =>
    fileActivities(host, ledger).writeFile({ change: step(name), path: '/etc/edge.yml', content, owner });
  const content = () => readFile(host.path('/etc/edge.yml'), 'utf8');
  return { host, ledger, disk, write, content, reserve };
}

describe('a full disk', () => {
  it.each(['rollback', 'emergency'] as const)('keeps no %s from its end: the reserve is given up', async (how) => {
    const { host, ledger, disk, write, content, reserve } = await machine();
    await write('2A.config', 'a: 2\n');
    expect((await stat(reserve)).blocks * 512).toBeGreaterThanOrEqual(1024 * 1024);
    disk.full = true;
    const undone =
      how === 'rollback' ? ledger.rollback({ run, scope: 'all' }) : ledger.emergency(run, 'ada (ada@desk)');
    expect(await undone).toMatchObject([{ target: '/etc/edge.yml', result: 'undone' }]);
    expect(await content()).toBe('a: 1\n');
    expect(existsSync(reserve)).toBe(false);
    expect(await readdir(host.path('/etc'))).toEqual(['edge.yml']);
    expect(await ledger.remaining(run)).toEqual([]);
  });

  it('lets no change begin, nor a run: nothing is changed, and the reserve stays', async () => {
    const { ledger, disk, write, content, reserve } = await machine();
    await write('2A.config', 'a: 2\n');
    disk.full = true;
    await expect(write('2A.other', 'a: 3\n')).rejects.toThrow('ENOSPC');
    await expect(ledger.open(run, 'phase2-week1')).rejects.toThrow('ENOSPC');
    expect(existsSync(reserve)).toBe(true);
    expect(await content()).toBe('a: 2\n');
    expect(await ledger.entries(run)).toHaveLength(1);
  });

  it('that has no place for a reserve lets no change begin, saying why; with place it is taken again', async () => {
    const { host, disk, ledger, write, content, reserve } = await machine();
    await write('2A.config', 'a: 2\n');
    disk.full = true;
    await ledger.rollback({ run, scope: { task: '2A' } });
    const open: FileSystem['open'] = async (path, ...asked) => {
      if (path.includes('.reserve.')) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      return host.files.open(path, ...asked);
    };
    const full = { ...host, files: { ...host.files, open } };
    const change = { change: step('2A.config'), path: '/etc/edge.yml', content: 'a: 2\n', owner: '0:0' };
    await expect(fileActivities(full, ledgerOf(full, undo)).writeFile(change)).rejects.toThrow(
      /^An undo may need 1024 KiB and 16 inodes in .*, which can't be had: ENOSPC/,
    );
    expect(await content()).toBe('a: 1\n');
    disk.full = false;
    await write('2A.config', 'a: 2\n');
    expect(existsSync(reserve)).toBe(true);
  });
});
