// Watches logs for errors, through rotation, truncation and the death of the worker.
import type { AgentActivities, LogPlace } from '../../plan/machine-api/agents.ts';
import { nothingRead, readLine, type Reading } from '../../plan/logs/errors.ts';
import { cancelled, rest } from '../context/cancellation.ts';
import { reportProgress, previousHeartbeat } from '../context/heartbeat.ts';
import type { Host } from '../context/host.ts';
import { endOf, follow, type Followed, type Follower } from './follow.ts';
import { levelsIn } from './log-lines.ts';
import { logFileOf } from './log-source.ts';
import { cut } from '../../plan/week/cut-text.ts';

interface Cursor extends Followed {
  startedAt: number;
  bytes: number;
  lines: number;
  matches: number;
  first: string[];
  readAt?: number;
  /** Earlier builds did not keep it. */
  reading?: Reading;
}

const everyMs = 500;
const firstKept = 5;
const lineKept = 200;
/** Handed over of files that were rotated just now: what was before that is hardly written to. But it may not be read to its end. */
const olderKept = 1;

export function logActivities(host: Host): Pick<AgentActivities, 'watchLog' | 'logOffset' | 'logLine'> {
  return {
    async logOffset({ path }) {
      const place = await endOf(await logFileOf(host, path));
      return { offset: place.offset, place };
    },

    logLine: async ({ path }) => levelsIn(await logFileOf(host, path)),

    async watchLog({ path, fromOffset, place, untilMs, patterns }) {
      const file = await logFileOf(host, path);
      const expressions = patterns.map((pattern) => new RegExp(pattern));
      let cursor = previousHeartbeat<Cursor>() ?? (await begin(file, fromOffset, place));
      const follower = follow(file);
      try {
        for (;;) {
          const readAt = Date.now();
          cursor = await readOn(follower, cursor, expressions, readAt >= untilMs);
          // What was cut off in the middle was not read to its end.
          if (!cancelled().aborted) cursor = { ...cursor, readAt };
          reportProgress(cursor);
          const leftMs = untilMs - readAt;
          if (leftMs <= 0 || cancelled().aborted) break;
          await rest(Math.min(everyMs, leftMs));
        }
      } finally {
        await follower.close();
      }
      const { inode, offset, before, at, bytes, lines, matches, first, readAt, missed = 0, startedAt } = cursor;
      const older = (cursor.older ?? []).slice(cancelled().aborted ? 0 : -olderKept);
      return {
        offset,
        place: { inode, offset, before, at, ...(older.length > 0 ? { older } : {}) },
        readAt,
        bytes,
        lines,
        matches,
        first,
        watchedMs: Math.max(0, Math.min(Date.now(), untilMs) - startedAt),
        ...(missed > 0 ? { missed } : {}),
      };
    },
  };
}

/** Weeks of before say an offset without the file that it is of: then it is of that which is there now. */
async function begin(file: string, fromOffset: number | null, place?: LogPlace): Promise<Cursor> {
  const now = await endOf(file);
  const start = place ?? (fromOffset === null ? now : { inode: now.inode, offset: fromOffset, at: now.at });
  return { startedAt: Date.now(), ...start, bytes: 0, lines: 0, matches: 0, first: [] };
}

/** Reads what is new. */
async function readOn(follower: Follower, cursor: Cursor, expressions: RegExp[], toItsEnd: boolean): Promise<Cursor> {
  let { bytes, lines, matches, reading = nothingRead } = cursor;
  const first = [...cursor.first];
  const followed = await follower.readOn(
    cursor,
    (piece, length) => {
      for (const line of piece) {
        const read = readLine(line, expressions, reading);
        ({ reading } = read);
        if (read.error === null) continue;
        matches += 1;
        if (first.length < firstKept) first.push(cut(read.error, lineKept));
      }
      lines += piece.length;
      bytes += length;
    },
    toItsEnd,
  );
  return { ...cursor, ...followed, bytes, lines, matches, first, reading };
}
