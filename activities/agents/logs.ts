// Watches logs for errors, through rotation, truncation and the death of the worker.
import type { AgentActivities } from '../../plan/machine-api/agents.ts';
import { nothingRead, readLine, type Reading } from '../../plan/logs/errors.ts';
import { cancelled, rest } from '../context/cancellation.ts';
import { reportProgress, previousHeartbeat } from '../context/heartbeat.ts';
import type { Host } from '../context/host.ts';
import { endOf, follow, type Followed, type Follower } from './follow.ts';
import { lineWithLevel } from './log-lines.ts';

interface Cursor extends Followed {
  startedAt: number;
  bytes: number;
  lines: number;
  matches: number;
  first: string[];
  /** Earlier builds did not keep it. */
  reading?: Reading;
}

const everyMs = 500;
const firstKept = 5;
const lineKept = 200;

export function logActivities(host: Host): Pick<AgentActivities, 'watchLog' | 'logOffset' | 'logLine'> {
  return {
    async logOffset({ path }) {
      const place = await endOf(host.path(path));
      return { offset: place.offset, place };
    },

    logLine: async ({ path }) => ({ line: await lineWithLevel(host.path(path)) }),

    async watchLog({ path, fromOffset, place, untilMs, patterns }) {
      const file = host.path(path);
      const expressions = patterns.map((pattern) => new RegExp(pattern));
      let cursor = previousHeartbeat<Cursor>() ?? (await begin(file, fromOffset, place));
      const follower = follow(file);
      try {
        for (;;) {
          cursor = await readOn(follower, cursor, expressions);
          reportProgress(cursor);
          const leftMs = untilMs - Date.now();
          if (leftMs <= 0 || cancelled().aborted) break;
          await rest(Math.min(everyMs, leftMs));
        }
      } finally {
        await follower.close();
      }
      const { inode, offset, before, bytes, lines, matches, first, missed = 0, startedAt } = cursor;
      return {
        offset,
        place: { inode, offset, before },
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
async function begin(
  file: string,
  fromOffset: number | null,
  place?: Pick<Cursor, 'inode' | 'offset' | 'before'>,
): Promise<Cursor> {
  const now = await endOf(file);
  const start = place ?? (fromOffset === null ? now : { inode: now.inode, offset: fromOffset });
  return { startedAt: Date.now(), ...start, bytes: 0, lines: 0, matches: 0, first: [] };
}

/** Reads what is new. */
async function readOn(follower: Follower, cursor: Cursor, expressions: RegExp[]): Promise<Cursor> {
  let { bytes, lines, matches, reading = nothingRead } = cursor;
  const first = [...cursor.first];
  const followed = await follower.readOn(cursor, (piece, length) => {
    for (const line of piece) {
      const read = readLine(line, expressions, reading);
      ({ reading } = read);
      if (!read.isError) continue;
      matches += 1;
      if (first.length < firstKept) first.push(line.slice(0, lineKept));
    }
    lines += piece.length;
    bytes += length;
  });
  return { ...cursor, ...followed, bytes, lines, matches, first, reading };
}
