// What a log was rotated to since it was looked at: files in which something is that nobody has read.
import { stat } from 'node:fs/promises';
import { nullIfMissing } from '../files/errors.ts';
import { isPartOf, type Source, sourceOf } from './log-source.ts';
import { type Beside, besides, isPacked, rotatedSince } from './rotations.ts';

export interface Unseen {
  /** The oldest first. */
  found: { inode: number; file: Source }[];
  /** So many can't be unpacked. */
  missed: number;
  /** One is still being compressed, or was renamed just now. */
  isUnderWay: boolean;
}

export const nothingUnseen: Unseen = { found: [], missed: 0, isUnderWay: false };

/** `followed`: what is read anyway, by its inode. */
export async function unseenSince(ms: number, log: string, followed: Map<number, Source>): Promise<Unseen> {
  const all = await besides(log);
  const like = all.find(({ inode }) => followed.has(inode));
  const there = [...all.map(({ inode }) => inode), (await stat(log).catch(nullIfMissing))?.ino];
  // Their archives may lie there.
  const gone = [...followed].flatMap(([inode, file]) => (there.includes(inode) ? [] : [file]));
  const unseen: Unseen = { found: [], missed: 0, isUnderWay: false };
  for (const one of rotatedSince(ms, all, like)) {
    if (followed.has(one.inode)) continue;
    if (isPacked(one.path)) {
      if (!(await isOfOne(one, gone))) unseen.missed += 1;
      continue;
    }
    const file = await sourceOf(one.path);
    if (file && (await file.stat()).ino === one.inode) {
      const known = [...followed.values(), ...unseen.found.map((other) => other.file)];
      if (await isPartOfOne(file, known)) await file.close();
      else unseen.found.push({ inode: one.inode, file });
    } else {
      unseen.isUnderWay = true;
      await file?.close();
    }
  }
  return unseen;
}

/** Compressed, or copied, from what is read anyway. */
async function isPartOfOne(file: Source, others: Source[]): Promise<boolean> {
  for (const other of others) if (await isPartOf(file, other)) return true;
  return false;
}

/** Packed from what is read anyway, and has its time. */
async function isOfOne({ mtimeMs }: Beside, gone: Source[]): Promise<boolean> {
  for (const file of gone) if (Math.abs((await file.stat()).mtimeMs - mtimeMs) < 1_000) return true;
  return false;
}
