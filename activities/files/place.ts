// Writes files of a machine, where others live too.
import { refusal } from '../context/refusal.ts';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Host } from '../context/host.ts';
import { attributesOf, putFile, tidy, tryFile, type FileAttributes } from './disk.ts';
import type { FileSystem } from './file-system.ts';
import { overwrite } from './in-place.ts';
import { mountsOfHost, volumeIn } from './mountinfo.ts';
import { resolvePath } from './paths.ts';
import { openRegular } from './regular.ts';

/**
 * Whole or not at all, and inside of the machine's root; `inPlace` where the inode must stay. Throws when what is there is not `replaced`
 * (null: nothing) any more, where that is told. Only the holder of the machine's lock may.
 */
export async function placeFile(
  host: Host,
  path: string,
  bytes: Buffer,
  attributes: FileAttributes,
  inPlace = false,
  replaced?: Buffer | null,
): Promise<void> {
  const place = { files: host.files, within: host.path('/'), replaced };
  if (inPlace && (await attributesOf(path, host.files))) {
    await tidy(path, host.files);
    await overwrite(host.state, path, bytes, attributes, place);
  } else await putFile(path, bytes, attributes, { ...place, alone: true });
}

/**
 * Tries all of placeFile() but the last step, before somebody is stopped for it. Throws what stands in the way, and how to mend it. Only the
 * holder of the machine's lock may.
 */
export async function mustTakeFile(
  host: Host,
  path: string,
  bytes: Buffer,
  attributes: FileAttributes,
  inPlace = false,
): Promise<void> {
  const { files } = host;
  await orUnwritable(host, path, async () => {
    // Written over, it needs no place beside it.
    if (inPlace) return mustOpen(host, path);
    await mustNotBeMounted(await resolvePath(path, files));
    await tryFile(path, bytes, attributes, { files, within: host.path('/'), alone: true });
  });
}

/** Before the week, of a file that is there: as mustTakeFile(), as far as it shows without anything being written, there or beside it. */
export async function mustLetBeWritten(host: Host, path: string, inPlace = false): Promise<void> {
  await orUnwritable(host, path, async () => {
    const real = await resolvePath(path, host.files);
    await access(real, constants.W_OK);
    if (inPlace) return mustOpen(host, real);
    await mustNotBeMounted(real);
    await access(dirname(real), constants.W_OK | constants.X_OK);
    await mustLetBeRemoved(real, host.files);
  });
}

/** Before the week, of a file that is not there: whether its directory takes it, as far as that shows. */
export async function mustTakeNew(host: Host, path: string): Promise<void> {
  await orUnwritable(host, path, () => access(dirname(path), constants.W_OK | constants.X_OK));
}

/** What is only let grow can't be opened to be written over, though its rights say yes. Writes nothing. */
async function mustOpen({ files }: Host, path: string): Promise<void> {
  await (await openRegular(path, files, { flags: constants.O_WRONLY }))?.close();
}

async function mustNotBeMounted(real: string): Promise<void> {
  if (volumeIn(await mountsOfHost(), real).point === real) throw Object.assign(new Error('EBUSY'), { code: 'EBUSY' });
}

/** The kernel looks whether a name may be taken away before it says that what has it is no directory. */
async function mustLetBeRemoved(real: string, files: FileSystem): Promise<void> {
  if (!(await files.lstat(real)).isFile()) return;
  await files.rmdir(real).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTDIR') throw error;
  });
}

async function orUnwritable(host: Host, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const mend = mending[code];
    if (!mend) throw error;
    throw refusal(
      'FileUnwritable',
      `${host.planned(path)} on ${host.machine} can't be written (${message.split(',')[0]}): ${mend}, then try again`,
    );
  }
}

const mending: Record<string, string> = {
  EROFS: 'mount its file system for writing',
  EPERM: 'take away what forbids it, as "chattr -i" does for it or its directory ("lsattr -d" shows it)',
  EACCES: 'give the user of the worker the right to it and to its directory',
  EBUSY: 'something is mounted there by itself, unmount it',
};
