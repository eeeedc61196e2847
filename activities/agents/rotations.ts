// The files that lie beside a log, and which of them were the log before.
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nullIfMissing } from '../files/errors.ts';
import { wasNamed } from '../files/rotated.ts';

export interface Beside {
  path: string;
  inode: number;
  mtimeMs: number;
  /** Of a file system that does not say it: when it was written to. */
  bornMs: number;
  /** By its name. */
  isRotated: boolean;
}

/** Where the log is a link, those beside what it leads to as well. */
export async function besides(log: string): Promise<Beside[]> {
  const real = await realOf(log);
  const inode = (await stat(real).catch(nullIfMissing))?.ino;
  const paths = await Promise.all(
    directoriesOf(log, real).map(async (directory) => {
      const names = (await readdir(directory).catch(nullIfMissing)) ?? [];
      return names.map((name) => join(directory, name));
    }),
  );
  const found = await Promise.all(
    paths.flat().map(async (path) => {
      // What can't be looked at, as a link that leads to itself, was no log.
      const is = await stat(path).catch(() => null);
      if (!is?.isFile() || is.ino === inode) return [];
      const { ino, mtimeMs, birthtimeMs } = is;
      return [{ path, inode: ino, mtimeMs, bornMs: birthtimeMs || mtimeMs, isRotated: isRotated(log, real, path) }];
    }),
  );
  return [...new Map(found.flat().map((one) => [one.inode, one])).values()];
}

/** Whether something came or went beside a log since then. */
export async function isOtherSince(log: string, ms: number): Promise<boolean> {
  const found = await Promise.all(
    directoriesOf(log, await realOf(log)).map((directory) => stat(directory).catch(nullIfMissing)),
  );
  return found.some((directory) => directory !== null && directory.mtimeMs >= ms);
}

/**
 * What a log was rotated to since then, the oldest first. Names that nobody knows are those of a rotated log when they are `like` that of
 * one, but for their numbers.
 */
export function rotatedSince(ms: number, all: Beside[], like?: Beside): Beside[] {
  return all
    .filter(({ path, mtimeMs, bornMs, isRotated: isKnown }) => {
      if (mtimeMs < ms || bornMs < ms || all.some((other) => isOf(path, other.path))) return false;
      return isKnown || (like !== undefined && like.path !== path && nameOf(like.path) === nameOf(path));
    })
    .sort((a, b) => a.mtimeMs - b.mtimeMs);
}

/** Compressed from a file that is still there. */
function isOf(path: string, other: string): boolean {
  return path !== other && path.replace(compressed, '') === other;
}

async function realOf(log: string): Promise<string> {
  return (await realpath(log).catch(nullIfMissing)) ?? log;
}

function directoriesOf(log: string, real: string): string[] {
  return [...new Set([dirname(log), dirname(real)])];
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
  return wasNamed(was, name) || (real !== log && (wasNamed(to, name) || nameOf(real) === nameOf(other)));
}

/** But for its numbers, and for what a compression added. */
function nameOf(path: string): string {
  return basename(path).replace(compressed, '').replaceAll(/\d+/g, '0');
}
