// What this host has mounted where, as the kernel tells it to this process.
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { isWithin } from './paths.ts';

export interface Mount {
  point: string;
  /** The directory that is mounted, as its own file system names it. */
  root: string;
  source: string;
}

/** What is mounted in the file systems that this process sees, in its order. */
export async function mountsOfHost(): Promise<Mount[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** The text of a mountinfo, which writes blanks and the like as octal numbers. */
export function parseMounts(mountinfo: string): Mount[] {
  const plain = (field = '') =>
    field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return mountinfo
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [mount = '', file = ''] = line.split(' - ');
      const [, , , root, point] = mount.split(' ');
      return { point: plain(point), root: plain(root), source: plain(file.split(' ')[1]) };
    });
}

/** The volume of a directory whose links are resolved: the one that is mounted nearest, and of those the last. */
export function volumeIn(mounts: Mount[], directory: string): Mount & { inside: string } {
  const found = mounts
    .filter(({ point }) => isWithin(point, directory))
    .reduce((nearest, mount) => (mount.point.length >= nearest.point.length ? mount : nearest), {
      point: '/',
      root: '/',
      source: '',
    });
  return { ...found, inside: posix.join(found.root, posix.relative(found.point, directory)) };
}
