// The files that the ledger keeps for its undos: what was there before, what we wrote, what others made of it.
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { copyInto, attributesOf, putFile, sha256 } from '../files/disk.ts';
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
  suffix: '' | '.changed' = '',
): Promise<string | null> {
  if (!(await attributesOf(path))) return null;
  const name = backupName(entry, path, suffix);
  await copyInto(path, join(directory, name));
  return name;
}

/** Keeps what we write, so that a later difference shows only what others changed. */
export async function keepWritten(directory: string, entry: Entry, content: Buffer): Promise<void> {
  const digest = sha256(content);
  if (!entry.wrote.includes(digest)) await append(directory, { wrote: entry.n, digest, at: Date.now() });
  const path = fileOf(entry);
  if (!path) return;
  const copy = join(directory, backupName(entry, path, '.wrote'));
  await mkdir(join(copy, '..'), { recursive: true, mode: 0o700 });
  await putFile(copy, content, { mode: 0o600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
}

function fileOf({ undo }: Entry): string | null {
  if (undo.kind === 'file.restore') return undo.path;
  return undo.kind === 'agent.restore' ? undo.config : null;
}
