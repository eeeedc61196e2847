// Space beside the ledger, taken while there is some, so that a full disk does not keep a rollback from being done: it is given up first.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { putFile, removeFile } from '../files/disk.ts';
import { isFull, nullIfMissing } from '../files/errors.ts';
import type { FileSystem, OpenFile } from '../files/file-system.ts';
import { ownerAlone } from '../files/in-place.ts';

/** Enough for the lines, the copies and the files of a rollback. */
const reservedBytes = 1024 * 1024;

const reserveIn = (directory: string): string => join(directory, 'reserve');

/** Takes the space, or finds it taken. Throws when there is not so much: what can't be undone on a full disk is not begun. */
export async function takeReserve(directory: string, files: FileSystem): Promise<void> {
  const path = reserveIn(directory);
  if ((await files.lstat(path).catch(nullIfMissing))?.size === reservedBytes) return;
  // Random, so that a file system that compresses gives it all of the space.
  await putFile(path, randomBytes(reservedBytes), ownerAlone(), { files }).catch((error: unknown) => {
    if (!isFull(error)) throw error;
    throw new Error(
      `The disk of ${directory} is full, and an undo may need ${reservedBytes / 1024} KiB there: free some space, then try again`,
      { cause: error },
    );
  });
}

/** The same file system for one rollback: when it is full, the reserve is given up, and what failed is tried again. */
export function sparing(directory: string, files: FileSystem): FileSystem {
  let given: Promise<void> | undefined;
  const spare = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!isFull(error)) throw error;
      await (given ??= removeFile(reserveIn(directory), files));
      return work();
    }
  };
  const spareFile = (file: OpenFile): OpenFile => ({
    fd: file.fd,
    read: (...asked) => file.read(...asked),
    write: (...asked) => spare(() => file.write(...asked)),
    truncate: (length) => file.truncate(length),
    stat: () => file.stat(),
    chmod: (mode) => file.chmod(mode),
    chown: (uid, gid) => file.chown(uid, gid),
    sync: () => spare(() => file.sync()),
    close: () => file.close(),
  });
  return {
    ...files,
    open: async (...asked) => spareFile(await spare(() => files.open(...asked))),
    mkdir: (...asked) => spare(() => files.mkdir(...asked)),
    rename: (...asked) => spare(() => files.rename(...asked)),
    link: (...asked) => spare(() => files.link(...asked)),
  };
}
