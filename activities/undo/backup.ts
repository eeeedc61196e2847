// What was there before, from its backup: byte for byte, with permissions and owner, unless somebody changed it since.
import { basename, join } from 'node:path';
import type { Host } from '../context/host.ts';
import { attributesOf, readIfThere, sha256, tidy, type FileAttributes } from '../files/disk.ts';
import { isFull } from '../files/errors.ts';
import { NotKept } from '../files/file-system.ts';
import { isMountedAlone } from '../files/mounts.ts';
import { mustTakeFile, placeFile } from '../files/place.ts';
import { difference } from '../files/unified-diff.ts';
import { backUp, backupName } from '../ledger/backups.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome } from '../ledger/rollback.ts';

/** The original of a file. Throws when it is gone, or is not what was kept (where the ledger knows the digest of that). */
export async function backupAt(host: Host, path: string, backup: string, digest?: string): Promise<Buffer> {
  const found = await readIfThere(backup, host.files);
  if (found && digest !== undefined && sha256(found) !== digest)
    throw new Error(
      `The backup of ${path} on ${host.machine} is not what was kept (${backup} has sha256 ${sha256(found).slice(0, 12)}, not ${digest.slice(0, 12)}): look at both, and restore the file by hand`,
    );
  if (!found) throw new Error(`The backup of ${path} on ${host.machine} is gone (${backup}): restore the file by hand`);
  return found;
}

/** What is given back, and how. */
interface Back {
  bytes: Buffer;
  attributes: FileAttributes;
  inPlace: boolean;
}

export async function backOf(host: Host, file: string, backup: string): Promise<Back> {
  const [bytes, attributes] = [await readIfThere(backup, host.files), await attributesOf(backup, host.files)];
  if (!bytes || !attributes) throw new Error(`The backup ${backup} was taken away while we worked on it`);
  return { bytes, attributes, inPlace: await isMountedAlone(host, file) };
}

/** Throws where that can't be done: whoever has the file is not stopped in vain. */
export async function mustTakeBack(host: Host, file: string, { bytes, attributes, inPlace }: Back): Promise<void> {
  await mustTakeFile(host, file, bytes, { ...attributes, mayLose: true }, inPlace).catch((error: unknown) => {
    if (!isFull(error)) throw error;
  });
}

/** In the place of what was looked at. Says what of its attributes its file system does not take any more. */
export async function putBack(
  host: Host,
  file: string,
  { bytes, attributes, inPlace }: Back,
  replaced: Buffer | null,
): Promise<Pick<Outcome, 'detail'>> {
  const place = async (over: boolean, mayLose: boolean): Promise<Pick<Outcome, 'detail'>> => {
    try {
      await placeFile(host, file, bytes, { ...attributes, mayLose }, over, replaced);
      return {};
    } catch (error) {
      if (error instanceof NotKept && !mayLose) return { ...(await place(over, true)), detail: error.message };
      // On a full disk the space that it has is enough, as a rule: what we wrote is longer.
      if (isFull(error) && !over) return place(true, mayLose);
      throw error;
    }
  };
  return place(inPlace, false);
}

/** Somebody changed the file since: it stays as it is, and what we know of it is kept beside the backup, should its directory go. */
export async function leave(
  host: Host,
  entry: Entry,
  path: string,
  current: Buffer,
  backup: string,
  dryRun: boolean,
): Promise<Outcome> {
  const wrote = await readIfThere(join(host.state, backupName(entry, path, '.wrote')), host.files);
  const before = wrote ?? (backup ? await backupAt(host, path, backup) : Buffer.alloc(0));
  if (!dryRun) await tidy(host.path(path), host.files);
  const kept = dryRun ? null : await backUp(host.state, entry, host.path(path), '.changed', host.files);
  const where = [
    backup ? `the original is kept as ${backup}` : '',
    kept ? `the changed one also as ${join(host.state, kept)}` : '',
  ]
    .filter(Boolean)
    .join(', ');
  const changes = difference(basename(path), before.toString(), current.toString(), {
    before: wrote ? 'as we wrote it' : 'original',
    after: 'as it is',
  });
  return {
    result: 'left',
    detail: `${path} on ${host.machine} was changed since and stays as it is${where ? `; ${where}` : ''}\n${changes}`,
  };
}
