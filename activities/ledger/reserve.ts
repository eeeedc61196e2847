// Space beside the ledger, taken while there is some, so that a full disk does not keep a rollback from being done: it is given up first.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { makeDirectories, putFile, removeFile, syncDirectory } from '../files/disk.ts';
import { isFull, nullIfMissing } from '../files/errors.ts';
import type { FileSystem, OpenFile } from '../files/file-system.ts';
import { ownerAlone } from '../files/in-place.ts';

/** Enough for the lines, the copies and the files of a rollback. */
const reservedBytes = 1024 * 1024;
/** A file system can run out of these too: of a lock, of what is stopped or written over at a time, of copies of what is left. */
const reservedInodes = 16;

const bytesIn = (directory: string): string => join(directory, 'reserve');
const inodesIn = (directory: string): string => join(directory, 'reserved-inodes');

/** Takes the space, or finds it taken. Throws when there is not so much: what can't be undone on a full disk is not begun. */
export async function takeReserve(directory: string, files: FileSystem): Promise<void> {
  try {
    await takeBytes(bytesIn(directory), files);
    await takeInodes(inodesIn(directory), files);
  } catch (error) {
    if (!isFull(error)) throw error;
    const { message } = error as Error;
    throw new Error(
      `An undo may need ${reservedBytes / 1024} KiB and ${reservedInodes} inodes in ${directory}, which can't be had: ${message}`,
      { cause: error },
    );
  }
}

async function takeBytes(path: string, files: FileSystem): Promise<void> {
  if ((await files.lstat(path).catch(nullIfMissing))?.size === reservedBytes) return;
  // Random, so that a file system that compresses gives it all of the space.
  await putFile(path, randomBytes(reservedBytes), ownerAlone(), { files });
}

async function takeInodes(path: string, files: FileSystem): Promise<void> {
  const there = (await files.readdir(path).catch(nullIfMissing)) ?? [];
  if (there.length >= reservedInodes) return;
  await makeDirectories(path, 0o700, files);
  for (let n = 0; n < reservedInodes; n += 1)
    await (await files.open(join(path, `${n}`), constants.O_WRONLY | constants.O_CREAT, 0o600)).close();
  await syncDirectory(path, files);
}

async function giveReserve(directory: string, files: FileSystem): Promise<void> {
  await removeFile(bytesIn(directory), files);
  for (const name of (await files.readdir(inodesIn(directory)).catch(nullIfMissing)) ?? [])
    await removeFile(join(inodesIn(directory), name), files);
}

/** The same file system for one rollback: when it is full, the reserve is given up, and what failed is tried again. */
export function sparing(directory: string, files: FileSystem): FileSystem {
  let given: Promise<void> | undefined;
  const spare = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!isFull(error)) throw error;
      await (given ??= giveReserve(directory, files));
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
