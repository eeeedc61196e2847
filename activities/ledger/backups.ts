// The files that the ledger keeps for its undos: what was there before, what we wrote, what others made of it.
import { basename, dirname, join } from 'node:path';
import type { Host } from '../context/host.ts';
import { copyInto, attributesOf, makeDirectories, putFile, readIfThere, sha256 } from '../files/disk.ts';
import type { Undo } from '../../plan/week/undo.ts';
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
  // What others made of it is kept for people, by an undo.
  await copyInto(path, join(directory, name), files, suffix === '.changed');
  return name;
}

/** What a file holds before a change, kept with its digest as it lies on the disk; the names are those of an undo. */
export async function keepOriginal(
  directory: string,
  entry: { run: string; n: number },
  path: string,
  files: FileSystem,
): Promise<{ backup: string | null; originalSha256?: string }> {
  const backup = await backUp(directory, entry, path, '', files);
  const kept = backup && (await readIfThere(join(directory, backup), files));
  return kept ? { backup, originalSha256: sha256(kept) } : { backup: null };
}

/** Whether the file of an entry is what this found or wrote there. If not, others changed it since: that is what the next attempt finds. */
export async function isAsKnown(host: Host, entry: Entry): Promise<boolean> {
  const path = fileOf(entry);
  return path === null || isKnown(host, entry, await readIfThere(host.path(path), host.files));
}

/** The same of what was read there. What is gone is nobody's loss. */
export async function isKnown(host: Host, { undo, wrote }: Entry, current: Buffer | null): Promise<boolean> {
  if (undo.kind !== 'file.restore' && undo.kind !== 'agent.restore') return true;
  if (!current || wrote.includes(sha256(current))) return true;
  const kept = keptAt(host, undo);
  const found = kept && (await readIfThere(kept, host.files));
  return found ? found.equals(current) : false;
}

/** Where what a change found in its file is kept; null when there was none, or it changes no file. */
export function keptAt(host: Host, undo: Undo): string | null {
  if (undo.kind === 'file.restore') return undo.backup && join(host.state, undo.backup);
  return undo.kind === 'agent.restore' ? originalOf(host, undo) : null;
}

/** The digest of that, null for no file; undefined when it is not known any more. */
export async function replacedBy(host: Host, { undo }: Entry): Promise<string | null | undefined> {
  if ('originalSha256' in undo && undo.originalSha256) return undo.originalSha256;
  const kept = keptAt(host, undo);
  const bytes = kept && (await readIfThere(kept, host.files));
  return kept && !bytes ? undefined : bytes && sha256(bytes);
}

/** Where the configuration of an agent lies as it was: ledgers of before know only the copy beside it. */
export function originalOf(host: Host, undo: Extract<Undo, { kind: 'agent.restore' }>): string {
  return undo.original ? join(host.state, undo.original) : host.path(undo.backup);
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

/** What an entry found in its file and what it left there last, where both are kept as the ledger knows them; null otherwise. */
export async function editOf(host: Host, entry: Entry): Promise<{ before: string; wrote: string } | null> {
  const { undo } = entry;
  if (undo.kind !== 'file.restore' || undo.backup === null) return null;
  const [before, wrote] = await Promise.all(
    [undo.backup, backupName(entry, undo.path, '.wrote')].map((name) =>
      readIfThere(join(host.state, name), host.files),
    ),
  );
  if (!before || !wrote || !entry.wrote.includes(sha256(wrote))) return null;
  if (undo.originalSha256 && sha256(before) !== undo.originalSha256) return null;
  return { before: before.toString(), wrote: wrote.toString() };
}

/** Where below the ledger's directory is what was prepared for a run. */
export function preparedIn(run: string): string {
  return join('prepared', encodeURIComponent(run));
}

/** The path of the file that it changes; null when it is none. */
export function fileOf({ undo }: Entry): string | null {
  if (undo.kind === 'file.restore') return undo.path;
  return undo.kind === 'agent.restore' ? undo.config : null;
}
