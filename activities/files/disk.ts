// Files that survive a power cut: written, synced, and only then in place.
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, realpath, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface FileAttributes {
  mode: number;
  uid: number;
  gid: number;
}

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** null when there is none. */
export async function readIfThere(path: string): Promise<Buffer | null> {
  return readFile(path).catch(nullIfMissing);
}

/** Permissions and owner; null when there is none. */
export async function attributesOf(path: string): Promise<FileAttributes | null> {
  const found = await stat(path).catch(nullIfMissing);
  return found && { mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
}

/** Writes the whole file: by rename, or in place where the inode must stay (a file that is bind-mounted by itself). */
export async function putFile(path: string, bytes: Buffer, attributes: FileAttributes, inPlace = false): Promise<void> {
  const target = (await realpath(path).catch(nullIfMissing)) ?? path;
  const overwrite = inPlace && (await attributesOf(target)) !== null;
  // One name for all attempts: the next one overwrites what a killed one left.
  const written = overwrite ? target : join(dirname(target), `.${basename(target)}.hubshift`);
  const file = await open(written, overwrite ? 'r+' : 'w', 0o600);
  try {
    await file.write(bytes, 0, bytes.length, 0);
    await file.truncate(bytes.length);
    const { uid, gid } = await file.stat();
    if (uid !== attributes.uid || gid !== attributes.gid) await file.chown(attributes.uid, attributes.gid);
    await file.chmod(attributes.mode);
    await file.sync();
  } finally {
    await file.close();
  }
  if (overwrite) return;
  await rename(written, target);
  await syncDirectory(dirname(target));
}

/** Adds to the end of a file, which has this mode from now on. */
export async function appendSynced(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'a', mode);
  try {
    await file.chmod(mode);
    await file.appendFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
}

/** Copies bytes, permissions and owner into a directory that only its owner may read. */
export async function copyInto(path: string, copy: string): Promise<void> {
  const attributes = await attributesOf(path);
  if (!attributes) throw new Error(`${path} is gone, so there is nothing to copy to ${copy}`);
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
  await putFile(copy, await readFile(path), attributes);
  await syncDirectory(dirname(dirname(copy)));
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

export function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
