// Writes files of a machine, where others live too.
import type { Host } from '../context/host.ts';
import { attributesOf, putFile, tidy, type FileAttributes } from './disk.ts';
import { overwrite } from './in-place.ts';

/**
 * Whole or not at all, inside of the machine's root, and only in the place of what is to be replaced; `inPlace` where the inode must stay.
 * Only the holder of the machine's lock may.
 */
export async function placeFile(
  host: Host,
  path: string,
  bytes: Buffer,
  attributes: FileAttributes,
  { replaces, inPlace = false }: { replaces: Buffer | null; inPlace?: boolean },
): Promise<void> {
  const place = { files: host.files, within: host.path('/'), replaces };
  if (inPlace && (await attributesOf(path, host.files))) {
    await tidy(path, host.files);
    await overwrite(host.state, path, bytes, attributes, place);
  } else await putFile(path, bytes, attributes, { ...place, alone: true });
}
