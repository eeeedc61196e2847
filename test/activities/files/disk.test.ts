// Files are whole or as they were, on disks that are full or write by halves, and among links that somebody planted.
import { lchown, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { appendChecked } from '../../../activities/files/append.ts';
import { attributesOf, putFile, readIfThere, removeFile, tidy } from '../../../activities/files/disk.ts';
import { nodeFiles, type FileSystem, type OpenFile } from '../../../activities/files/file-system.ts';
import { endOverwrites, isMixture, overwrite } from '../../../activities/files/in-place.ts';
import { placeFile } from '../../../activities/files/place.ts';
import { temporaryMachine } from '../machine.ts';

const own = { mode: 0o640, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const old = Buffer.from('a: 1\nb: 2\n');
const changed = Buffer.from('a: 1\nb: 3\nc: [4, 5, 6]\n');
const full = () => Object.assign(new Error('no space left'), { code: 'ENOSPC' });

/** A disk whose files write as told; `real` does it. */
function disk(
  write: (real: OpenFile['write'], ...what: Parameters<OpenFile['write']>) => ReturnType<OpenFile['write']>,
) {
  const open: FileSystem['open'] = async (...asked) => {
    const file = await nodeFiles.open(...asked);
    const real: OpenFile['write'] = file.write.bind(file);
    return Object.assign(file, { write: (...what: Parameters<OpenFile['write']>) => write(real, ...what) });
  };
  return { ...nodeFiles, open };
}

/** Takes so many bytes in all, few at a time, and not one more. */
function fullAfter(bytes: number): FileSystem {
  let left = bytes;
  return disk((real, buffer, offset, length, position) => {
    if (left === 0) throw full();
    const some = Math.min(length, left, 7);
    left -= some;
    return real(buffer, offset, some, position);
  });
}

/** A machine with a file, and what is beside it. */
async function withFile(): Promise<{ host: Host; file: string; beside: () => Promise<string[]> }> {
  const host = await temporaryMachine();
  await mkdir(host.path('/code'));
  await mkdir(host.state);
  const file = host.path('/code/agent.yaml');
  await writeFile(file, old, { mode: 0o640 });
  return { host, file, beside: () => readdir(dirname(file)) };
}

describe('a file', () => {
  it('is written whole by a disk that takes a few bytes at a time', async () => {
    const { file, beside } = await withFile();
    await putFile(file, changed, own, { files: disk((real, buffer, at, _, to) => real(buffer, at, 1, to)) });
    expect(await readFile(file)).toEqual(changed);
    expect(await beside()).toEqual(['agent.yaml']);
  });

  it.each(Array.from({ length: changed.length }, (_, bytes) => bytes))(
    'stays as it was, with nothing beside it, when the disk is full after %d bytes',
    async (bytes) => {
      const { file, beside } = await withFile();
      await expect(putFile(file, changed, own, { files: fullAfter(bytes) })).rejects.toThrow('no space left');
      expect(await readFile(file)).toEqual(old);
      expect(await beside()).toEqual(['agent.yaml']);
    },
  );

  it('loses what killed writers left beside it, of this build and of earlier ones, and nothing else', async () => {
    const { host, file, beside } = await withFile();
    const [ours, earlier] = ['.agent.yaml.0123456789abcdef.hubshift', '.agent.yaml.hubshift'];
    const others = ['.agent.yaml.swp', '.agent.yaml.mine.hubshift', '.other.yaml.0123456789abcdef.hubshift'];
    for (const name of [ours, earlier, ...others]) await writeFile(join(dirname(file), name), '');
    await tidy(file, host.files);
    expect((await beside()).sort()).toEqual([...others, 'agent.yaml'].sort());
  });
});

describe('what others wrote in the last moment', () => {
  const theirs = Buffer.from('a: 1\nb: 2\nmine: 1\n');
  /** Somebody writes the file while we open ours, or while the copy of one that is written over gets its name. */
  function editedMeanwhile(host: Host, file: string): Host {
    const open: FileSystem['open'] = async (path, ...asked) => {
      if (path.endsWith('.hubshift') && path.includes('.agent.yaml.')) await writeFile(file, theirs);
      return nodeFiles.open(path, ...asked);
    };
    const rename: FileSystem['rename'] = async (from, to) => {
      if (to.endsWith('.json')) await writeFile(file, theirs);
      return nodeFiles.rename(from, to);
    };
    return { ...host, files: { ...nodeFiles, open, rename } };
  }

  it.each([
    ['a rename', false],
    ['writing over it', true],
  ])('is not lost to %s', async (_, inPlace) => {
    const { host, file, beside } = await withFile();
    const placed = placeFile(editedMeanwhile(host, file), file, changed, own, inPlace, old);
    await expect(placed).rejects.toThrow(/agent\.yaml was changed while it was about to be replaced/);
    expect(await readFile(file)).toEqual(theirs);
    expect(await beside()).toEqual(['agent.yaml']);
    expect(await endOverwrites(host.state, nodeFiles)).toEqual([]);
  });

  it('is not removed', async () => {
    const { file } = await withFile();
    await writeFile(file, theirs);
    await expect(removeFile(file, nodeFiles, old)).rejects.toThrow(/was changed/);
    expect(await readFile(file)).toEqual(theirs);
  });

  it('of a file that was not there is not replaced', async () => {
    const { host, file } = await withFile();
    await expect(placeFile(host, file, changed, own, false, null)).rejects.toThrow(/was changed/);
    expect(await readFile(file)).toEqual(old);
  });
});

it('a file is read as it was when another takes its place meanwhile, and at a path that begins here', async () => {
  const { file } = await withFile();
  const open: FileSystem['open'] = async (...asked) => {
    const opened = await nodeFiles.open(...asked);
    await writeFile(`${file}.next`, changed);
    await rename(`${file}.next`, file);
    return opened;
  };
  expect(await readIfThere(file, { ...nodeFiles, open })).toEqual(old);
  expect(await readIfThere(relative(process.cwd(), file))).toEqual(changed);
});

describe('links', () => {
  it('at the names that a write once had lead nowhere', async () => {
    const { host, file } = await withFile();
    await writeFile(host.path('/victim'), 'theirs');
    await symlink(host.path('/victim'), join(dirname(file), '.agent.yaml.hubshift'));
    await placeFile(host, file, changed, own);
    expect(await readFile(host.path('/victim'), 'utf8')).toBe('theirs');
    expect(await readFile(file)).toEqual(changed);
  });

  it('that we or root made are followed, and stay', async () => {
    const { host, file } = await withFile();
    const link = host.path('/agent.yaml');
    await symlink('code/agent.yaml', link);
    await placeFile(host, link, changed, own);
    expect(await readFile(file)).toEqual(changed);
    expect((await nodeFiles.lstat(link)).isSymbolicLink()).toBe(true);
  });

  it('that lead out of the machine are refused, naming where to', async () => {
    const { host } = await withFile();
    await symlink(host.state, host.path('/elsewhere'));
    await writeFile(join(host.state, 'x'), 'theirs');
    await expect(placeFile(host, host.path('/elsewhere/x'), changed, own)).rejects.toThrow(/state\/x, which is not in/);
    expect(await readFile(join(host.state, 'x'), 'utf8')).toBe('theirs');
  });

  describe.runIf(process.getuid?.() === 0)("of a user to somebody else's", () => {
    it.each([
      ['file', '/code/agent.yaml.new', '/victim', '/code/agent.yaml.new'],
      ['directory', '/code/conf', '/etc', '/code/conf/victim'],
    ])('%s are refused by name, and nothing is written', async (_, link, to, path) => {
      const { host } = await withFile();
      await mkdir(host.path('/etc'));
      for (const victim of ['/victim', '/etc/victim']) await writeFile(host.path(victim), 'theirs');
      await symlink(host.path(to), host.path(link));
      await lchown(host.path(link), 65534, 65534);
      await expect(placeFile(host, host.path(path), changed, own)).rejects.toThrow(
        `${host.path(link)} is a link of uid 65534`,
      );
      for (const victim of ['/victim', '/etc/victim']) expect(await readFile(host.path(victim), 'utf8')).toBe('theirs');
    });
  });
});

describe('a file that keeps its inode', () => {
  const inode = async (file: string) => (await stat(file)).ino;

  it.each(Array.from({ length: changed.length }, (_, bytes) => bytes))(
    'is what it was when the disk is full after %d bytes of it, and no copy stays',
    async (bytes) => {
      const { host, file } = await withFile();
      const before = await inode(file);
      let left = bytes;
      const files = disk((real, buffer, offset, length, position) => {
        // Only the longer bytes need space that the file does not have.
        if (!buffer.equals(changed)) return real(buffer, offset, length, position);
        if (left === 0) throw full();
        left -= 1;
        return real(buffer, offset, 1, position);
      });
      const place = { files, within: host.path('/') };
      await expect(overwrite(host.state, file, changed, own, place)).rejects.toThrow('no space left');
      expect(await readFile(file)).toEqual(old);
      expect(await inode(file)).toBe(before);
      expect(await readdir(join(host.state, 'in-place'))).toEqual([]);
    },
  );

  /** As a power cut leaves it: the copy is there, and of the file what `torn` says. */
  async function cutOff(torn: Buffer) {
    const { host, file } = await withFile();
    const files = disk(async (real, buffer, ...where) => {
      if (buffer.equals(changed) || buffer.equals(old)) throw new Error('power cut');
      return real(buffer, ...where);
    });
    await expect(overwrite(host.state, file, changed, own, { files, within: host.path('/') })).rejects.toThrow();
    await writeFile(file, torn);
    return { host, file };
  }

  it.each([
    ['not begun', old],
    ['half written', changed.subarray(0, 15)],
    [
      'of the new length, its end not written',
      Buffer.concat([changed.subarray(0, 15), Buffer.alloc(changed.length - 15)]),
    ],
    ['written', changed],
  ])('is ended from the copy when it was %s', async (_, torn) => {
    const { host, file } = await cutOff(torn);
    expect(await endOverwrites(host.state, host.files)).toEqual([]);
    expect(await readFile(file)).toEqual(changed);
    expect(await attributesOf(file)).toEqual({ ...own, of: file });
    expect(await readdir(join(host.state, 'in-place'))).toEqual([]);
  });

  it('stays as somebody made it since, and the copy is set aside and named', async () => {
    const theirs = Buffer.from('a: 1\nb: 3\n# mine\n');
    const { host, file } = await cutOff(theirs);
    const [told] = await endOverwrites(host.state, host.files);
    expect(told).toContain(`${file} was being written and was changed since`);
    expect(await readFile(file)).toEqual(theirs);
    expect(await readIfThere(told?.split(' kept in ')[1] ?? '')).not.toBeNull();
    expect(await endOverwrites(host.state, host.files)).toEqual([]);
  });

  it('blocks nothing by a copy that can not be read, or that can not be ended', async () => {
    const { host, file } = await cutOff(old);
    await writeFile(join(host.state, 'in-place', 'torn.json'), '{"path":"/co');
    const files = disk(() => Promise.reject(full()));
    const told = (await endOverwrites(host.state, files)).join('\n');
    expect(told).toMatch(/copy of a file can't be read, kept as .*torn\.json\.aside-\d+/);
    expect(told).toContain(`${file} may be torn`);
    expect(await endOverwrites(host.state, host.files)).toEqual([]);
    expect(await readFile(file)).toEqual(changed);
  });

  it('is a mixture only of what was and what was to be', () => {
    const [one, other] = [Buffer.from('abcdef'), Buffer.from('abXX')];
    for (const torn of ['abcdef', 'abXX', 'abXXef', 'abcX', 'ab\0\0'])
      expect(isMixture(Buffer.from(torn), one, other)).toBe(true);
    for (const theirs of ['abYY', 'ab', '', 'abcdefg']) expect(isMixture(Buffer.from(theirs), one, other)).toBe(false);
  });
});

describe('an addition', () => {
  it.each([0, 1, 6])('is taken away when only %d bytes of it could be written', async (bytes) => {
    const { file } = await withFile();
    await expect(appendChecked(file, Buffer.from('c: 3\nd: 4\n'), 0o600, fullAfter(bytes))).rejects.toThrow('no space');
    expect(await readFile(file)).toEqual(old);
  });

  it('is taken away when the disk gives back something else', async () => {
    const { file } = await withFile();
    const files = disk((real, buffer, ...where) => real(Buffer.from(buffer.map((byte) => byte ^ 1)), ...where));
    await expect(appendChecked(file, Buffer.from('c: 3\n'), 0o600, files)).rejects.toThrow('look at its disk');
    expect(await readFile(file)).toEqual(old);
  });
});
