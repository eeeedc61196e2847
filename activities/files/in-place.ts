// A file that is mounted by itself must keep its inode, so it is written over; a copy of both is kept meanwhile, from which a torn one is mended.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  attributesOf,
  ChangedMeanwhile,
  makeDirectories,
  putFile,
  readIfThere,
  removeFile,
  setAside,
  writeOver,
} from './disk.ts';
import type { FileAttributes } from './disk.ts';
import { nullIfMissing } from './errors.ts';
import type { FileSystem } from './file-system.ts';

/** What stays on the disk while a file is written over; the bytes in Base64. */
interface Overwriting extends FileAttributes {
  path: string;
  within: string;
  before: string;
  after: string;
}

/** Where a machine keeps its copies. */
const copiesIn = (state: string): string => join(state, 'in-place');

/** Writes over a file that is there, and what it replaces. When it fails, what was there before is put back. */
export async function overwrite(
  state: string,
  path: string,
  bytes: Buffer,
  attributes: FileAttributes,
  { files, within, replaces }: { files: FileSystem; within: string; replaces?: Buffer | null },
): Promise<void> {
  const [before, had] = [await readIfThere(path, files), await attributesOf(path, files)];
  if (!before || !had) throw new Error(`${path} was taken away while we worked on it`);
  const copy = join(copiesIn(state), `${randomBytes(8).toString('hex')}.json`);
  const kept = { path, within, ...attributes, before: before.toString('base64'), after: bytes.toString('base64') };
  await makeDirectories(copiesIn(state), 0o700, files);
  await putFile(copy, Buffer.from(JSON.stringify(kept satisfies Overwriting)), ownerAlone(), { files });
  try {
    await writeOver(path, bytes, attributes, { files, within, replaces: replaces ?? before });
  } catch (error) {
    if (error instanceof ChangedMeanwhile) {
      await removeFile(copy, files);
      throw error;
    }
    // The space of before is still the file's. Should even that fail, the copy stays for whoever has the machine's lock next.
    await writeOver(path, before, had, { files, within }).then(
      () => removeFile(copy, files),
      () => undefined,
    );
    throw error;
  }
  await removeFile(copy, files);
}

/** Ends what was begun and cut off; a file that somebody changed since stays. Says what could not be ended. Only the holder of the machine's lock may. */
export async function endOverwrites(state: string, files: FileSystem): Promise<string[]> {
  const told: string[] = [];
  for (const name of (await files.readdir(copiesIn(state)).catch(nullIfMissing)) ?? []) {
    if (!name.endsWith('.json')) continue;
    const copy = join(copiesIn(state), name);
    const kept = parsed(await readIfThere(copy, files));
    if (!kept) told.push(`the copy of a file can't be read, kept as ${await setAside(copy, files)}`);
    else
      try {
        if (await endOverwrite(kept, files)) await removeFile(copy, files);
        else
          told.push(
            `${kept.path} was being written and was changed since: its contents of before are kept in ${await setAside(copy, files)}`,
          );
      } catch (error) {
        told.push(`${kept.path} may be torn, its contents are in ${copy}: ${(error as Error).message}`);
      }
  }
  return told;
}

/** false when somebody changed the file since. */
async function endOverwrite({ path, within, before, after, ...attributes }: Overwriting, files: FileSystem) {
  const [one, other] = [Buffer.from(before, 'base64'), Buffer.from(after, 'base64')];
  const current = await readIfThere(path, files);
  if (!current || !isMixture(current, one, other)) return false;
  await writeOver(path, other, attributes, { files, within });
  return true;
}

/** Whether every byte is of one or the other, or was never written. */
export function isMixture(found: Buffer, one: Buffer, other: Buffer): boolean {
  const [shortest, longest] = [Math.min(one.length, other.length), Math.max(one.length, other.length)];
  if (found.length < shortest || found.length > longest) return false;
  return found.every((byte, index) => byte === 0 || byte === one[index] || byte === other[index]);
}

export function ownerAlone(): FileAttributes {
  return { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

function parsed(bytes: Buffer | null): Overwriting | null {
  try {
    return bytes && (JSON.parse(bytes.toString()) as Overwriting);
  } catch {
    return null;
  }
}
