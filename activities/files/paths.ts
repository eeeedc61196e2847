// Paths of this host: which lies in which, and where one leads, links resolved.
import { isAbsolute, join } from 'node:path';
import { nullIfMissing } from './errors.ts';
import type { FileSystem, Status } from './file-system.ts';

/** As many as Linux follows. */
const linksAtMost = 40;

export function isWithin(directory: string, path: string): boolean {
  return path === directory || path.startsWith(`${directory.replace(/\/+$/, '')}/`);
}

/**
 * Where a path leads; what is missing counts as named. A link is followed when root or we made it, or the owner of what it leads to:
 * a user must not be able to send us, who may more, to somebody else's file. Throws, naming it, at any other.
 */
export async function resolvePath(
  path: string,
  files: FileSystem,
  seen: (found: Status | null) => void = () => undefined,
): Promise<string> {
  const rest = (isAbsolute(path) ? path : `${process.cwd()}/${path}`).split('/');
  let at = '/';
  for (let links = 0, name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = join(at, name);
    const found = await files.lstat(next).catch(nullIfMissing);
    seen(found);
    if (!found?.isSymbolicLink()) {
      at = next;
      continue;
    }
    const target = await files.stat(next).catch(nullIfMissing);
    if (![0, process.getuid?.(), target?.uid].includes(found.uid))
      throw new Error(
        `${next} is a link of uid ${found.uid} to ${target ? `what belongs to uid ${target.uid}` : 'nothing'}, and is not followed: remove it, or give it to root if it is right`,
      );
    if (++links > linksAtMost) throw new Error(`${path} leads through more than ${linksAtMost} links`);
    const to = await files.readlink(next);
    if (to.startsWith('/')) at = '/';
    rest.unshift(...to.split('/'));
  }
  return at;
}

/**
 * When what is read at a path came to be there, in Unix milliseconds: by the file, the links on the way, and the directories that were moved
 * or changed owner last (one in which something was made since tells only that). null when there is none.
 */
export async function changedAt(path: string, files: FileSystem): Promise<number | null> {
  let [newest, last] = [0, null as Status | null];
  await resolvePath(path, files, (found) => {
    last = found;
    if (!found?.isDirectory() || found.ctimeMs > found.mtimeMs) newest = Math.max(newest, found?.ctimeMs ?? 0);
  });
  return last && newest;
}
