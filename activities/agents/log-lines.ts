// A line of a log that shows how its program writes a level.
import { statedLevel } from '../../plan/logs/errors.ts';
import { piecesOf } from '../files/lines.ts';
import { sourceOf } from './log-source.ts';
import { besides, isPacked } from './rotations.ts';

/** How much of a log's end is looked through. */
const lookedThrough = 256 * 1024;
/** A longer line shows nothing that a shorter one does not. */
const lineAtMost = 2_000;
const filesAtMost = 3;

/** The newest with a level, of the log or of those that were rotated last; null where no line has one. */
export async function lineWithLevel(path: string): Promise<string | null> {
  const rotated = (await besides(path)).filter((one) => one.isRotated && !isPacked(one.path));
  const newestFirst = rotated.sort((a, b) => b.mtimeMs - a.mtimeMs).map((one) => one.path);
  for (const file of [path, ...newestFirst].slice(0, filesAtMost)) {
    const found = await newestIn(file);
    if (found !== null) return found;
  }
  return null;
}

async function newestIn(path: string): Promise<string | null> {
  const file = await sourceOf(path);
  if (!file) return null;
  try {
    let found: string | null = null;
    for await (const { lines } of piecesOf(file, Math.max(0, (await file.stat()).size - lookedThrough)))
      found = lines.findLast((line) => line.length <= lineAtMost && statedLevel(line) !== null) ?? found;
    return found;
  } finally {
    await file.close();
  }
}
