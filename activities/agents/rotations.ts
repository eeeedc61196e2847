// The files that lie beside a log, and which of them were the log before.
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nullIfMissing } from '../files/errors.ts';
import { wasNamed } from '../files/rotated.ts';

export interface Beside {
  path: string;
  inode: number;
  mtimeMs: number;
  /** By its name. */
  isRotated: boolean;
}

/** Where the log is a link, those beside what it leads to as well. */
export async function besides(log: string): Promise<Beside[]> {
  const real = (await realpath(log).catch(nullIfMissing)) ?? log;
  const inode = (await stat(real).catch(nullIfMissing))?.ino;
  const directories = [...new Set([dirname(log), dirname(real)])];
  const paths = await Promise.all(
    directories.map(async (directory) => {
      const names = (await readdir(directory).catch(nullIfMissing)) ?? [];
      return names.map((name) => join(directory, name));
    }),
  );
  const found = await Promise.all(
    paths.flat().map(async (path) => {
      // What can't be looked at, as a link that leads to itself, was no log.
      const is = await stat(path).catch(() => null);
      return is?.isFile() && is.ino !== inode
        ? [{ path, inode: is.ino, mtimeMs: is.mtimeMs, isRotated: isRotated(log, real, path) }]
        : [];
    }),
  );
  return [...new Map(found.flat().map((one) => [one.inode, one])).values()];
}

/** What has the name of a rotated log, and was not written to before `one` was. */
export function rotatedAfter(one: Beside, all: Beside[]): Beside[] {
  return all
    .filter((other) => other.inode !== one.inode && other.mtimeMs >= one.mtimeMs && other.isRotated)
    .sort((a, b) => a.mtimeMs - b.mtimeMs);
}

/** In a way that nobody here can unpack. */
export function isPacked(path: string): boolean {
  return packed.test(path);
}

const packed = /\.(?:xz|zst|bz2|lz4|lzo|lzma|br|sz|zip|7z|tgz|rar|Z)$/;
const compressed = new RegExp(`\\.gz$|${packed.source}`);

/** A link that is led elsewhere leaves files that are called as its own: but for their numbers. */
function isRotated(log: string, real: string, other: string): boolean {
  const [was, to, name] = [basename(log), basename(real), basename(other).replace(compressed, '')];
  const unnumbered = (text: string) => text.replaceAll(/\d+/g, '0');
  return wasNamed(was, name) || (real !== log && (wasNamed(to, name) || unnumbered(to) === unnumbered(name)));
}
