// A small file system of its own, in a file and mounted: one that can really be full, of bytes or of inodes.
import { mkdir, mkdtemp, open, rm, statfs, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

export type Lacks = 'bytes' | 'inodes';

export interface LoopDisk {
  at: string;
  /** Takes all that is left of it, but for so many blocks of 1 KiB, or so many inodes. */
  fill(what: Lacks, leaving?: number): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  /** As the kernel does after an error; or again as it was. */
  readOnly(is: boolean): Promise<void>;
}

/** What a fill makes, and mkfs: not the machine's. */
export const ofTheDisk = ['lost+found', 'filler'];

const timeoutMs = 10_000;
const block = 1024;
/** In memory where that is possible: each test syncs some thousand times. */
const imagesIn = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Why no such file system can be mounted here; null when it can. */
export async function noLoopDisk(): Promise<string | null> {
  const directory = await mkdtemp(join(tmpdir(), 'hubshift-loop-'));
  try {
    await unmount(await mount(join(directory, 'disk'), 1, 64));
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Unmounted and removed at the end, whatever happens. */
export async function loopDisk(at: string, mebibytes: number, inodes = 256): Promise<LoopDisk> {
  const mounted = await mount(at, mebibytes, inodes);
  onTestFinished(() => unmount(mounted));
  const filler = join(at, 'filler');
  let files = 0;
  return {
    at,
    async fill(what, leaving = 0) {
      await mkdir(filler, { recursive: true });
      if (what === 'bytes') return fillBytes(join(filler, 'bytes'), leaving * block);
      // The directory of so many names takes blocks of its own, which must not be what runs out first.
      while ((await statfs(at)).ffree > leaving) await writeFile(join(filler, `${(files += 1)}`), '');
      for (; (await statfs(at)).ffree < leaving && files > 0; files -= 1) await rm(join(filler, `${files}`));
    },
    async free() {
      await rm(filler, { recursive: true, force: true });
      files = 0;
    },
    async readOnly(is) {
      await execa('mount', ['-o', `remount,${is ? 'ro' : 'rw'}`, at], { timeout: timeoutMs });
    },
  };
}

interface Mounted {
  at: string;
  image: string;
}

async function mount(at: string, mebibytes: number, inodes: number): Promise<Mounted> {
  const image = join(await mkdtemp(join(imagesIn, 'hubshift-disk-')), 'image');
  const file = await open(image, 'w');
  await file.truncate(mebibytes * 1024 * 1024);
  await file.close();
  try {
    // None of it is kept back for root, which we are.
    const options = ['-q', '-F', '-b', String(block), '-m', '0', '-N', String(inodes)];
    // One of a few MiB has no room for a journal. Without one an inode that was freed is not given out again for a minute.
    if (mebibytes < 8) options.push('-O', '^has_journal');
    await execa('mkfs.ext4', [...options, image], { timeout: timeoutMs });
    await mkdir(at, { recursive: true });
    await execa('mount', ['-o', 'loop', image, at], { timeout: timeoutMs });
  } catch (error) {
    await rm(join(image, '..'), { recursive: true, force: true });
    throw error;
  }
  return { at, image };
}

async function unmount({ at, image }: Mounted): Promise<void> {
  await execa('umount', ['--lazy', at], { timeout: timeoutMs });
  await rm(join(image, '..'), { recursive: true, force: true });
}

async function fillBytes(path: string, leaving: number): Promise<void> {
  const file = await open(path, 'w');
  const piece = Buffer.alloc(64 * 1024, 'x');
  try {
    for (let size = piece.length; size >= 512;) {
      try {
        await file.write(piece, 0, size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size /= 2;
      }
    }
    await file.truncate(Math.max(0, (await file.stat()).size - leaving));
    await file.sync();
  } finally {
    await file.close();
  }
}
