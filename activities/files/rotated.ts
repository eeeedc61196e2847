// A log and what it was rotated to: the files that may hold lines of a time.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { nullIfMissing } from './errors.ts';

/**
 * What is added to a name: a number, a date (with a time, perhaps), or "old". Before the ending, as in "hub-20261127.log", only a date
 * is taken: "hub.1.log" may as well be the log of another program.
 */
const numbered = /^\.\d{1,3}$/;
const dated = /^[-._]\d{4}-?\d{2}-?\d{2}([-._T]?[\d:.-]+Z?)?$/;
const old = /^\.old$/;

export interface Written {
  path: string;
  /** Another one for another file, whatever it is called. */
  file: string;
}

/**
 * The file itself last, before it those that it was rotated to, the oldest first: as far back as somebody wrote to them since then, and
 * one more. Names that are linked to the file are left out.
 */
export async function writtenSince(path: string, sinceMs: number): Promise<Written[]> {
  const names = (await readdir(dirname(path)).catch(nullIfMissing)) ?? [];
  const current = (await lookAt(path)) ?? { path, file: '', mtimeMs: 0 };
  const rotated = await Promise.all(
    names
      .filter((name) => wasNamed(basename(path), name.replace(/\.gz$/, '')))
      .map((name) => lookAt(join(dirname(path), name))),
  );
  const found = rotated
    .flatMap((one) => (one && one.file !== current.file ? [one] : []))
    .sort((one, other) => one.mtimeMs - other.mtimeMs);
  const first = found.findIndex(({ mtimeMs }) => mtimeMs >= sinceMs);
  return [...found.slice(Math.max(0, (first < 0 ? found.length : first) - 1)), current];
}

/** Whether a file is one to which this one was rotated: by its name, without what a compression added. */
export function wasNamed(name: string, other: string): boolean {
  if (other.startsWith(name)) return [numbered, dated, old].some((kind) => kind.test(other.slice(name.length)));
  const ending = extname(name);
  const stem = name.slice(0, name.length - ending.length);
  return (
    ending !== '' &&
    other.startsWith(stem) &&
    other.endsWith(ending) &&
    dated.test(other.slice(stem.length, other.length - ending.length))
  );
}

async function lookAt(path: string): Promise<(Written & { mtimeMs: number }) | null> {
  const found = await stat(path).catch(nullIfMissing);
  return found?.isFile() ? { path, file: `${found.dev} ${found.ino}`, mtimeMs: found.mtimeMs } : null;
}

/** Of a file that gzip made. One that is cut off, as it is while gzip writes it, has the lines that are there. */
export async function* compressedLines(path: string): AsyncGenerator<string> {
  const text = pipeline(createReadStream(path), createGunzip(), () => undefined).setEncoding('utf8');
  let rest = '';
  try {
    for await (const piece of text) {
      const lines = `${rest}${String(piece)}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch {
    // Not all of it: what is missing shows in the numbers.
  }
}
