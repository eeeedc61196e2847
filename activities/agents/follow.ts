// A log that is followed by what its file is, not by its name: through renames, copies, and the death of who follows it.
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { LogPlace } from '../../plan/machine-api/agents.ts';
import { cancelled } from '../context/cancellation.ts';
import { nullIfMissing } from '../files/errors.ts';
import { piecesOf } from '../files/lines.ts';
import { openRegular } from '../files/regular.ts';
import { digestBefore, reaches, type Source, sourceOf } from './log-source.ts';
import { besides, isOtherSince, isPacked } from './rotations.ts';
import { nothingUnseen, type Unseen, unseenSince } from './unseen.ts';

export interface Followed extends LogPlace {
  /** How often something was gone before it was read. */
  missed?: number;
}

/** Who writes a log opens its new file long before that. */
const quietMs = 60_000;
/** A line whose end does not come for so long has none. */
const halfLineMs = 1_000;
/** So much may the times of a file be behind the clock. */
const coarseMs = 1_000;

/** Where a log ends now; inode 0 when there is none. Whoever wrote it may still be at the file that it was until just now. */
export async function endOf(path: string): Promise<LogPlace> {
  const at = Date.now();
  const rotated = (await besides(path)).filter((one) => one.isRotated && one.mtimeMs > at - quietMs);
  const [newest] = rotated.filter((one) => !isPacked(one.path)).sort((a, b) => b.mtimeMs - a.mtimeMs);
  const older = newest && (await endIn(await sourceOf(newest.path)));
  const end = (await endIn(await openRegular(path))) ?? { inode: 0, offset: 0 };
  return { ...end, at, ...(older ? { older: [older] } : {}) };
}

async function endIn(file: Source | null): Promise<LogPlace | null> {
  if (!file) return null;
  try {
    const { ino, size } = await file.stat();
    return { inode: ino, offset: size, before: await digestBefore(file, size) };
  } finally {
    await file.close();
  }
}

type Take = (lines: string[], bytes: number) => void;
type Found = Unseen['found'][number];

export interface Follower {
  /** Gives what is new, in the order in which it was written, and how far that is. `toItsEnd`: and a last line that was never ended. */
  readOn(from: Followed, take: Take, toItsEnd?: boolean): Promise<Followed>;
  close(): Promise<void>;
}

/** Holds open what it reads: a file that is renamed, compressed and removed can still be read to its end. */
export function follow(path: string): Follower {
  const held = new Map<number, Source>();

  /** The one that has the log's name. */
  async function current(inode: number): Promise<Source | null> {
    const known = held.get(inode);
    if (known) return known;
    const file = await sourceOf(path);
    if (file && (await file.stat()).ino === inode) held.set(inode, file);
    else await file?.close();
    return held.get(inode) ?? null;
  }

  /** What has a place's file under another name; null when it is gone. What was copied or compressed from it has another number. */
  async function rotated(place: LogPlace): Promise<Found | null> {
    const known = held.get(place.inode);
    if (known && (await reaches(known, place))) return { file: known, inode: place.inode };
    const all = await besides(path);
    const same = all.filter((one) => one.inode === place.inode);
    const others = place.before ? all.filter((one) => one.inode !== place.inode && one.isRotated) : [];
    for (const { path: name, inode } of [...same, ...others]) {
      const file = held.get(inode) ?? (await sourceOf(name));
      // By what was read of it as well: its number may be another's by now.
      if (file && (await reaches(file, place))) {
        held.set(inode, file);
        return { file, inode };
      }
      if (!held.has(inode)) await file?.close();
    }
    return null;
  }

  async function isOver({ inode, offset }: LogPlace): Promise<boolean> {
    const is = await held.get(inode)?.stat();
    return is !== undefined && is.size <= offset && Date.now() - is.mtimeMs > quietMs;
  }

  async function letGo({ inode }: LogPlace): Promise<void> {
    await held.get(inode)?.close();
    held.delete(inode);
  }

  async function isCutOff(now: LogPlace): Promise<boolean> {
    const file = await current(now.inode);
    return file !== null && !(await reaches(file, now));
  }

  /** Nothing was read of it that would tell it from another file that was given its number. */
  function mayBeAnother({ inode, offset, at }: LogPlace, is: Stats): boolean {
    if (offset > 0 || held.has(inode)) return false;
    return at !== undefined && is.birthtimeMs > 0 ? Math.floor(is.birthtimeMs) > at : is.size > 0;
  }

  /** A last line that was not ended is one when nobody wrote to the file for so long. */
  async function readFrom(offset: number, { file, inode }: Found, take: Take, untouchedMs: number): Promise<LogPlace> {
    let end = offset;
    const whole = Date.now() - (await file.stat()).mtimeMs >= untouchedMs;
    for await (const piece of piecesOf(file, offset, { whole })) {
      take(piece.lines, piece.end - end);
      ({ end } = piece);
      if (cancelled().aborted) break;
    }
    return { inode, offset: end, before: await digestBefore(file, end) };
  }

  return {
    async readOn({ older = [], missed = 0, ...from }, take, toItsEnd = false) {
      const at = Date.now();
      const untouchedMs = toItsEnd ? 0 : quietMs;
      const is = await stat(path).catch(nullIfMissing);
      const before = [...older];
      let now: LogPlace = from.inode === 0 ? { inode: is?.ino ?? 0, offset: 0 } : from;
      const isAnother = is !== null && is.ino !== now.inode;
      let isUnknown = is !== null && !isAnother && from.inode !== 0 && mayBeAnother(from, is);
      if (isAnother || (await isCutOff(now))) {
        before.push(now);
        now = { inode: is?.ino ?? now.inode, offset: 0 };
      }

      const read: LogPlace[] = [];
      for (const place of before) {
        const found = await rotated(place);
        if (found) read.push(await readFrom(place.offset, found, take, untouchedMs));
        // Of what was empty nothing is known by which it would be found.
        else if (place === from && place.offset === 0) isUnknown = true;
        else missed += 1;
      }
      // What is there now is held, so that a copy of it is known as one.
      const file = (await current(now.inode)) ?? (await rotated(now))?.file;
      const since = (from.at ?? (await held.get(from.inode)?.stat())?.mtimeMs ?? Infinity) - coarseMs;
      const mayBeRotated = isUnknown || now.inode !== from.inode || (await isOtherSince(path, since));
      const unseen = mayBeRotated ? await unseenSince(since, path, held) : nothingUnseen;
      for (const found of unseen.found) {
        held.set(found.inode, found.file);
        const offset = from.before && (await reaches(found.file, from)) ? from.offset : 0;
        // What was read of the log came again, word for word, after it was cut off.
        if (offset > 0 && now.inode === from.inode) now = { inode: now.inode, offset: 0 };
        read.push(await readFrom(offset, found, take, untouchedMs));
      }
      if (isUnknown && unseen.found.length === 0) missed += 1;
      missed += unseen.missed + (unseen.isUnderWay && toItsEnd ? 1 : 0);

      const rest: LogPlace[] = [];
      for (const place of read) {
        if (!unseen.isUnderWay && (await isOver(place))) await letGo(place);
        else rest.push(place);
      }
      if (file) now = await readFrom(now.offset, { file, inode: now.inode }, take, toItsEnd ? halfLineMs : Infinity);
      else if (now.inode !== 0) {
        missed += 1;
        now = { inode: 0, offset: 0 };
      }
      return { ...now, at: unseen.isUnderWay ? from.at : at, older: rest, missed };
    },

    async close() {
      for (const file of held.values()) await file.close();
      held.clear();
    },
  };
}
