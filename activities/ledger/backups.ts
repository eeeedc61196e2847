// The files that the ledger keeps for its undos: what was there before, what we wrote, what others made of it.
import { basename, dirname, join } from 'node:path';
import { copyInto, attributesOf, makeDirectories, putFile, sha256 } from '../files/disk.ts';
import type { FileSystem } from '../files/file-system.ts';
import { ownerAlone } from '../files/in-place.ts';
import { append, type Entry } from './journal.ts';

/** A file of entry `n`, relative to the ledger's directory. */
export function backupName(
  entry: { run: string; n: number },
  path: string,
  suffix: '' | '.wrote' | '.changed' = '',
): string {
  return join('backups', encodeURIComponent(entry.run), `${entry.n}-${basename(path)}${suffix}`);
}

/** Copies a file of this host with permissions and owner; the copy's name, or null when there is no such file. */
export async function backUp(
  directory: string,
  entry: { run: string; n: number },
  path: string,
  suffix: '' | '.changed',
  files: FileSystem,
): Promise<string | null> {
  if (!(await attributesOf(path, files))) return null;
  const name = backupName(entry, path, suffix);
  await copyInto(path, join(directory, name), files);
  return name;
}

/** Keeps what we write, so that a later difference shows only what others changed. */
export async function keepWritten(directory: string, entry: Entry, content: Buffer, files: FileSystem): Promise<void> {
  const digest = sha256(content);
  if (!entry.wrote.includes(digest)) await append(directory, [{ wrote: entry.n, digest, at: Date.now() }], files);
  const path = fileOf(entry);
  if (!path) return;
  const copy = join(directory, backupName(entry, path, '.wrote'));
  await makeDirectories(dirname(copy), 0o700, files);
  await putFile(copy, content, ownerAlone(), { files });
}

function fileOf({ undo }: Entry): string | null {
  if (undo.kind === 'file.restore') return undo.path;
  return undo.kind === 'agent.restore' ? undo.config : null;
}
