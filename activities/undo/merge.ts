// A hub's file that others changed since our edit: only what we put in is taken out.
import { isUtf8 } from 'node:buffer';
import { withoutEdit } from '../../plan/yaml/scrape-jobs.ts';
import type { Host } from '../context/host.ts';
import { attributesOf, tidy } from '../files/disk.ts';
import { isMountedAlone } from '../files/mounts.ts';
import { placeFile } from '../files/place.ts';
import { editOf } from '../ledger/backups.ts';
import type { Entry } from '../ledger/journal.ts';

/** The file as it is without our edit, or null when it can't be told what is ours in it. */
export async function merged(host: Host, entry: Entry, current: Buffer): Promise<Buffer | null> {
  // Of any other text not every byte would come back.
  if (!isUtf8(current)) return null;
  const edit = await editOf(host, entry);
  const text = edit && withoutEdit(current.toString(), edit);
  return text === null ? null : Buffer.from(text);
}

/** Puts it in the place of the file, whose permissions and owner it gets. */
export async function putMerged(host: Host, file: string, current: Buffer, bytes: Buffer): Promise<void> {
  if (bytes.equals(current)) return tidy(file, host.files);
  const [alone, attributes] = [await isMountedAlone(host, file), await attributesOf(file, host.files)];
  if (!attributes) throw new Error(`${file} on ${host.machine} was removed while we worked on it: roll back again`);
  await placeFile(host, file, bytes, { ...attributes, mayLose: true }, alone, current);
}
