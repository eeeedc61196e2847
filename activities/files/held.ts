// A file by its name in a directory that is held open, and what writers leave beside it.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { closing } from './bytes.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { isWithin, resolvePath } from './paths.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** A name in a directory that is held open: whatever happens to the path meanwhile, this is the directory that was looked at. */
export interface Held {
  name: string;
  directory: OpenFile;
  at(name: string): string;
}

/** Where an open file is found, whatever becomes of its path. */
export const heldPath = ({ fd }: OpenFile): string => `/proc/self/fd/${fd}`;

/** Nothing outside of `within`. Throws when the directory is moved meanwhile. */
export async function holding<T>(
  path: string,
  files: FileSystem,
  within: string | undefined,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const real = await resolvePath(path, files);
  if (within !== undefined && !isWithin(await resolvePath(within, files), real))
    throw new Error(`${path} leads to ${real}, which is not in ${within}: correct the link`);
  const directory = await files.open(dirname(real), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  return closing(directory, async () => {
    const held = heldPath(directory);
    const now = await files.readlink(held);
    if (now !== dirname(real)) throw new Error(`${dirname(real)} was moved to ${now} while we looked at it: try again`);
    return work({ name: basename(real), directory, at: (name) => join(held, name) });
  });
}

/** No other writer has it. */
export const temporary = ({ name, at }: Held): string => at(`.${name}.${randomBytes(8).toString('hex')}.hubshift`);

/** Takes away what writers of a file have left beside it. */
export async function sweep({ name, at }: Held, files: FileSystem): Promise<void> {
  for (const found of await files.readdir(at('')))
    if (found.startsWith(`.${name}.`) && /^([0-9a-f]{16}\.)?hubshift$/.test(found.slice(name.length + 2)))
      await files.unlink(at(found));
}
