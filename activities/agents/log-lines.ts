// How the program of a log writes a level: shown by a line of it, and by how many of its entries state one.
import { entriesIn, type Entries } from '../../plan/logs/entries.ts';
import { statedLevel } from '../../plan/logs/errors.ts';
import { piecesOf } from '../files/lines.ts';
import { sourceOf } from './log-source.ts';
import { besides, isPacked } from './rotations.ts';

/** How much of a log's end is looked through. */
const lookedThrough = 256 * 1024;
/** A longer line shows nothing that a shorter one does not. */
const lineAtMost = 2_000;
/** A log that was rotated just now has hardly a line: so many entries are enough, of so many files. */
const entriesEnough = 50;
const filesAtMost = 3;

export interface Levels {
  /** The newest that states one; null where none does. */
  line: string | null;
  entries: Entries;
}

/** Of the log, and of those that were rotated last. */
export async function levelsIn(path: string): Promise<Levels> {
  const rotated = (await besides(path)).filter((one) => one.isRotated && !isPacked(one.path));
  const newestFirst = rotated.sort((a, b) => b.mtimeMs - a.mtimeMs).map((one) => one.path);
  let line: string | null = null;
  const entries = { all: 0, stated: 0 };
  for (const file of [path, ...newestFirst].slice(0, filesAtMost)) {
    const lines = await lastLines(file);
    line ??= lines.findLast((one) => one.length <= lineAtMost && statedLevel(one) !== null) ?? null;
    const { all, stated } = entriesIn(lines);
    entries.all += all;
    entries.stated += stated;
    if (entries.all >= entriesEnough) break;
  }
  return { line, entries };
}

async function lastLines(path: string): Promise<string[]> {
  const file = await sourceOf(path);
  if (!file) return [];
  try {
    const from = Math.max(0, (await file.stat()).size - lookedThrough);
    const all: string[] = [];
    for await (const { lines } of piecesOf(file, from)) all.push(...lines);
    // Of the first only the end is there.
    return from > 0 ? all.slice(1) : all;
  } finally {
    await file.close();
  }
}
