// Files that survive a power cut: written, synced, and only then in place. All bytes, or an error and what was there before.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { closing, readAll, writeAll } from './bytes.ts';
import { nullIfMissing } from './errors.ts';
import { nodeFiles, NotKept, type FileSystem, type OpenFile } from './file-system.ts';
import { heldPath, holding, sweep, temporary, type Held } from './held.ts';
import { resolvePath } from './paths.ts';
import { openRegular } from './regular.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_WRONLY } = constants;

export interface FileAttributes {
  mode: number;
  uid: number;
  gid: number;
  /** The file that these are of: ACL and extended attributes come from it, too. */
  of?: string;
  /** As far as the file system takes them: a way back must not end at that. */
  mayLose?: boolean;
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** null when there is none. Throws at a link that resolvePath() does not follow. */
export async function readIfThere(path: string, files: FileSystem = nodeFiles): Promise<Buffer | null> {
  const file = await openThere(path, files);
  return file && closing(file, () => readAll(file));
}

async function openThere(path: string, files: FileSystem): Promise<OpenFile | null> {
  const file = await openRegular(path, files);
  if (!file) return null;
  try {
    // Looked at once it is open: no link can be put there any more.
    const found = await files.readlink(heldPath(file));
    const isAt = (at: string) => found === at || found === `${at} (deleted)`;
    if (!isAt(resolve(path)) && !isAt(await resolvePath(path, files)))
      throw new Changed(`${path} was moved to ${found} while it was read: try again`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Permissions and owner; null when there is none. */
export async function attributesOf(path: string, files: FileSystem = nodeFiles): Promise<FileAttributes | null> {
  const found = await files.stat(path).catch(nullIfMissing);
  return found && { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid, of: path };
}

/** Where a file may be written, and over what. */
export interface Place {
  files?: FileSystem;
  /** Nothing outside of this directory. */
  within?: string;
  /** What is there, or null for nothing; when it is something else by now, that stays. */
  replaced?: Buffer | null;
}

/** Writes the whole file under a name of its own, and renames that; `alone` as for tidy(). */
export async function putFile(
  path: string,
  bytes: Buffer,
  attributes: FileAttributes,
  { files = nodeFiles, within, replaced, alone = false }: Place & { alone?: boolean } = {},
): Promise<void> {
  await holding(path, files, within, async (held) => {
    if (alone) await sweep(held, files);
    await beside(held, bytes, attributes, files, async (written) => {
      if (replaced !== undefined) mustBe(replaced, await readIn(held, files, path), path);
      await files.rename(written, held.at(held.name));
    });
    await held.directory.sync();
  });
}

/** Does all that putFile() does, but for putting the file in its place, and nothing of it stays; what is there must let itself be written, too. */
export async function tryFile(
  path: string,
  bytes: Buffer,
  attributes: FileAttributes,
  { files = nodeFiles, within, alone = false }: Pick<Place, 'files' | 'within'> & { alone?: boolean },
): Promise<void> {
  await holding(path, files, within, async (held) => {
    if (alone) await sweep(held, files);
    await beside(held, bytes, attributes, files, async (written) => {
      // Where new names are taken, old ones may have to stay.
      const again = temporary(held);
      await files.rename(written, again);
      await files.unlink(again);
    });
    // One that may not be changed may not be replaced either.
    const there = await openRegular(held.at(held.name), files, { flags: O_WRONLY | O_NOFOLLOW, called: path });
    await there?.close();
  });
}

/** A file beside the one that is held, which is gone when `work` throws. */
async function beside(
  held: Held,
  bytes: Buffer,
  attributes: FileAttributes,
  files: FileSystem,
  work: (written: string) => Promise<void>,
): Promise<void> {
  const written = temporary(held);
  const file = await files.open(written, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await closing(file, async () => {
      if (attributes.of) await copyAttributes(attributes.of, file, files, attributes.mayLose);
      await fill(file, bytes, attributes);
    });
    await work(written);
  } catch (error) {
    await files.unlink(written).catch(() => undefined);
    throw error;
  }
}

/** Writes over the bytes of a file that is there, which keeps its inode. Not whole or nothing: see in-place.ts. */
export async function writeOver(
  path: string,
  bytes: Buffer,
  attributes: FileAttributes,
  { files = nodeFiles, within, replaced }: Place,
): Promise<void> {
  await holding(path, files, within, async ({ name, at }) => {
    const file = await openRegular(at(name), files, { flags: O_RDWR | O_NOFOLLOW, called: path });
    if (!file) throw new Error(`${path} was taken away while we worked on it`);
    await closing(file, async () => {
      if (replaced !== undefined) mustBe(replaced, await readAll(file), path);
      await fill(file, bytes, attributes);
    });
  });
}

/** What is there is not what was looked at, and was not touched. */
export class Changed extends Error {
  override name = 'Changed';
}

function mustBe(expected: Buffer | null, found: Buffer | null, path: string): void {
  if (expected && found ? !expected.equals(found) : expected !== found)
    throw new Changed(`${path} was changed while it was about to be replaced: it stays as it is, try again`);
}

async function readIn({ name, at }: Held, files: FileSystem, called: string): Promise<Buffer | null> {
  const file = await openRegular(at(name), files, { flags: O_RDONLY | O_NOFOLLOW, called });
  return file && closing(file, () => readAll(file));
}

/** Copies a file with all its attributes into a directory that only its owner may read. */
export async function copyInto(path: string, copy: string, files: FileSystem, mayLose: boolean): Promise<void> {
  const file = await openThere(path, files);
  if (!file) throw new Error(`${path} is gone, so there is nothing to copy to ${copy}`);
  await closing(file, async () => {
    const { mode, uid, gid } = await file.stat();
    await makeDirectories(dirname(copy), 0o700, files);
    await putFile(copy, await readAll(file), { mode: mode & 0o7777, uid, gid, of: path, mayLose }, { files });
  });
}

/** Makes a directory and the parents that are missing, whatever the umask is. */
export async function makeDirectories(path: string, mode: number, files: FileSystem): Promise<void> {
  await makeReal(await resolvePath(path, files), mode, files);
}

async function makeReal(path: string, mode: number, files: FileSystem): Promise<void> {
  if (await attributesOf(path, files)) return;
  await makeReal(dirname(path), mode, files);
  await files.mkdir(path, mode).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const directory = await files.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  await closing(directory, async () => {
    await directory.chmod(mode);
    await directory.sync();
  });
  await syncDirectory(dirname(path), files);
}

/** One that is gone is fine; one that is not `replaced` any more, where that is told, is not removed. */
export async function removeFile(path: string, files: FileSystem, replaced?: Buffer): Promise<void> {
  if (!(await attributesOf(dirname(path), files))) return;
  await holding(path, files, undefined, async (held) => {
    const { name, directory, at } = held;
    if (replaced) {
      const there = await readIn(held, files, path);
      if (there) mustBe(replaced, there, path);
    }
    await files.unlink(at(name)).catch(nullIfMissing);
    await directory.sync();
  });
}

/** Takes away what writers of a file that were killed have left, and has the rest of their work on the disk. Only for who keeps other writers away. */
export async function tidy(path: string, files: FileSystem): Promise<void> {
  if (!(await attributesOf(dirname(path), files))) return;
  await holding(path, files, undefined, async (held) => {
    await sweep(held, files);
    await held.directory.sync();
  });
}

/** Moves what can't be read out of the way, and gives its new name. */
export async function setAside(path: string, files: FileSystem): Promise<string> {
  const aside = `${path}.aside-${Date.now()}`;
  await files.rename(path, aside);
  return aside;
}

export async function syncDirectory(path: string, files: FileSystem = nodeFiles): Promise<void> {
  const directory = await files.open(path, O_RDONLY | O_DIRECTORY);
  await closing(directory, () => directory.sync());
}

async function copyAttributes(path: string, to: OpenFile, files: FileSystem, mayLose = false): Promise<void> {
  const from = await openRegular(await resolvePath(path, files), files, { flags: O_RDONLY | O_NOFOLLOW });
  if (!from) throw new Error(`${path} was taken away while we worked on it`);
  await closing(from, () => files.copyAttributes(from, to, mayLose)).catch(async (error: unknown) => {
    if (!(error instanceof NotKept)) throw error;
    const where = dirname(await files.readlink(heldPath(to)));
    throw new NotKept(
      `The ACL and extended attributes of ${path} can't all be kept in ${where} (${error.message}): give it a file system that keeps them, or take off what can't be kept ("getfattr -d -m -" shows it)`,
    );
  });
}

async function fill(file: OpenFile, bytes: Buffer, { uid, gid, mode }: FileAttributes): Promise<void> {
  await writeAll(file, bytes, 0);
  await file.truncate(bytes.length);
  const found = await file.stat();
  if (found.uid !== uid || found.gid !== gid) await file.chown(uid, gid);
  await file.chmod(mode);
  await file.sync();
}
