// A log that is followed by what its file is, not by its name: through renames, copies, and the death of who follows it.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { LogPlace } from '../../plan/machine-api/agents.ts';
import { cancelled } from '../context/cancellation.ts';
import { nullIfMissing } from '../files/errors.ts';
import { piecesOf } from '../files/lines.ts';
import { openRegular } from '../files/regular.ts';
import { type Source, sourceOf } from './log-source.ts';
import { type Beside, besides, isPacked, rotatedAfter } from './rotations.ts';

export interface Followed extends LogPlace {
  /** How often something was gone before it was read. */
  missed?: number;
}

/** Who writes a log opens its new file long before that. */
const quietMs = 60_000;
/** A line whose end does not come for so long has none. */
const halfLineMs = 1_000;
/** So many bytes tell one place of a log from another. */
const knownByBytes = 512;

/** Where a log ends now; inode 0 when there is none. */
export async function endOf(path: string): Promise<LogPlace> {
  const file = await openRegular(path);
  if (!file) return { inode: 0, offset: 0 };
  try {
    const { ino, size } = await file.stat();
    return { inode: ino, offset: size, before: await digestBefore(file, size) };
  } finally {
    await file.close();
  }
}

type Take = (lines: string[], bytes: number) => void;

export interface Follower {
  /** Gives what is new, in the order in which it was written, and how far that is. `toItsEnd`: and a last line that was never ended. */
  readOn(from: Followed, take: Take, toItsEnd?: boolean): Promise<Followed>;
  close(): Promise<void>;
}

/** Holds open what it reads: a file that is renamed, compressed and removed can still be read to its end. */
export function follow(path: string): Follower {
  const held = new Map<number, Source>();

  /** The file of a place, under whatever name; null when it is gone. `between`: what was rotated after it, unseen. */
  async function fileOf(place: LogPlace): Promise<{ file: Source; between: Beside[] } | null> {
    const known = held.get(place.inode);
    if (known) return { file: known, between: [] };
    const atItsPath = await sourceOf(path);
    if (atItsPath && (await atItsPath.stat()).ino === place.inode) {
      held.set(place.inode, atItsPath);
      return { file: atItsPath, between: [] };
    }
    await atItsPath?.close();
    const all = await besides(path);
    const found = await readable(place, all);
    if (!found) return null;
    held.set(place.inode, found.file);
    return { file: found.file, between: rotatedAfter(found.one, all) };
  }

  /** By its inode, and by what was read of it: that number may be another's by now. A copy, and what was compressed, have other numbers. */
  async function readable(place: LogPlace, all: Beside[]): Promise<{ file: Source; one: Beside } | null> {
    const same = all.filter((one) => one.inode === place.inode);
    const others = place.before ? all.filter((one) => one.inode !== place.inode && one.isRotated) : [];
    for (const one of [...same, ...others]) {
      const file = await sourceOf(one.path);
      if (file && (await reaches(file, place))) return { file, one };
      await file?.close();
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

  /** A log that was copied and cut off goes on at its begin; its rest is in the copy. */
  async function whereCutOff(now: LogPlace): Promise<{ older: LogPlace[]; missed: number } | null> {
    const found = now.inode === 0 ? null : await fileOf(now);
    if (!found || (await reaches(found.file, now))) return null;
    const all = await besides(path);
    const copy = await readable(now, all);
    if (!copy) return { older: [], missed: 1 };
    held.set(copy.one.inode, copy.file);
    return { older: [{ ...now, inode: copy.one.inode }, ...wholly(rotatedAfter(copy.one, all))], missed: 0 };
  }

  /** null when the file is gone. A last line that was not ended is one when nobody wrote to the file for so long. */
  async function read(place: LogPlace, take: Take, untouchedMs: number): Promise<LogPlace | null> {
    const file = (await fileOf(place))?.file;
    if (!file) return null;
    let { offset } = place;
    const whole = Date.now() - (await file.stat()).mtimeMs >= untouchedMs;
    for await (const { lines, end } of piecesOf(file, offset, { whole })) {
      take(lines, end - offset);
      offset = end;
      if (cancelled().aborted) break;
    }
    return { inode: place.inode, offset, before: await digestBefore(file, offset) };
  }

  return {
    async readOn({ older = [], missed = 0, inode: known, offset, before: digest }, take, toItsEnd = false) {
      let now: LogPlace = { inode: known, offset, before: digest };
      const inode = (await stat(path).catch(nullIfMissing))?.ino ?? 0;
      if (now.inode === 0) now = { ...now, inode };
      const before: LogPlace[] = [...older];
      if (inode !== 0 && inode !== now.inode) {
        const between = (await fileOf(now))?.between ?? [];
        const followed = [inode, ...before.map((one) => one.inode)];
        before.push(now, ...wholly(between.filter((one) => !followed.includes(one.inode))));
        now = { inode, offset: 0 };
      }
      const cut = await whereCutOff(now);
      if (cut) {
        before.push(...cut.older);
        missed += cut.missed;
        now = { inode: now.inode, offset: 0 };
      }
      const rest: LogPlace[] = [];
      for (const place of before) {
        const at = await read(place, take, toItsEnd ? 0 : quietMs);
        if (!at) missed += 1;
        else if (await isOver(at)) await letGo(at);
        else rest.push(at);
      }
      if (now.inode !== 0) {
        const at = await read(now, take, toItsEnd ? halfLineMs : Infinity);
        if (!at) missed += 1;
        now = at ?? { inode: 0, offset: 0 };
      }
      return { ...now, older: rest, missed };
    },

    async close() {
      for (const file of held.values()) await file.close();
      held.clear();
    },
  };
}

/** Whether the file has, up to the place, what was read of it. Places of earlier builds are only known by their size. */
async function reaches(file: Source, { offset, before }: LogPlace): Promise<boolean> {
  const { size } = await file.stat();
  return size >= offset && (before === undefined || (await digestBefore(file, offset)) === before);
}

async function digestBefore(file: Source, offset: number): Promise<string> {
  const length = Math.min(knownByBytes, offset);
  if (length === 0) return '';
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset - length);
  return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex').slice(0, 8);
}

/** To be read from their begin; what is compressed in another way than by gzip is missed. */
function wholly(files: Beside[]): LogPlace[] {
  return files.map(({ path, inode }) => (isPacked(path) ? gone : { inode, offset: 0 }));
}

/** Nothing has this inode, so that it is missed. */
const gone: LogPlace = { inode: -1, offset: 0 };
