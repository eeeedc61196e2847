// Watches logs for patterns by byte offset, through rotation, truncation and the death of the worker.
import { stat } from 'node:fs/promises';
import type { AgentActivities } from '../../plan/machine-api/agents.ts';
import { cancelled, rest } from '../context/cancellation.ts';
import { reportProgress, previousHeartbeat } from '../context/heartbeat.ts';
import type { Host } from '../context/host.ts';
import { nullIfMissing } from '../files/errors.ts';
import { piecesFrom } from '../files/lines.ts';

interface Cursor {
  startedAt: number;
  /** 0: no file yet. */
  inode: number;
  offset: number;
  bytes: number;
  lines: number;
  matches: number;
  first: string[];
  readAt?: number;
  missed?: boolean;
}

const everyMs = 500;
const firstKept = 5;
const lineKept = 200;

export function logActivities(host: Host): Pick<AgentActivities, 'watchLog' | 'logOffset'> {
  return {
    logOffset: async ({ path }) => ({ offset: (await sizeOf(host.path(path))).size }),

    async watchLog({ path, fromOffset, inode: known, untilMs, patterns }) {
      const file = host.path(path);
      const expressions = patterns.map((pattern) => new RegExp(pattern));
      let cursor = previousHeartbeat<Cursor>() ?? (await begin(file, fromOffset, known));
      for (;;) {
        const readAt = Date.now();
        cursor = await readOn(file, cursor, expressions);
        // What was cut off in the middle was not read to its end.
        if (!cancelled().aborted) cursor = { ...cursor, readAt };
        reportProgress(cursor);
        const leftMs = untilMs - readAt;
        if (leftMs <= 0 || cancelled().aborted) break;
        await rest(Math.min(everyMs, leftMs));
      }
      const { startedAt, ...found } = cursor;
      return {
        ...found,
        watchedMs: Math.max(0, Math.min(Date.now(), untilMs) - startedAt),
      };
    },
  };
}

async function begin(file: string, fromOffset: number | null, known?: number): Promise<Cursor> {
  const { inode, size } = await sizeOf(file);
  const offset = fromOffset ?? size;
  return { startedAt: Date.now(), inode: known ?? inode, offset, bytes: 0, lines: 0, matches: 0, first: [] };
}

/** Reads what is new: the rest of the file that was there, when a new one has taken its place, then the new one from its begin. */
async function readOn(file: string, cursor: Cursor, expressions: RegExp[]): Promise<Cursor> {
  const { inode, size } = await sizeOf(file);
  if (inode === 0) return cursor;
  if (inode !== cursor.inode && cursor.inode !== 0) {
    const rotated = `${file}.1`;
    const moved = (await sizeOf(rotated)).inode === cursor.inode;
    const finished = moved ? await scan(rotated, cursor, expressions) : { ...cursor, missed: true };
    return scan(file, { ...finished, inode, offset: 0 }, expressions);
  }
  return scan(file, { ...cursor, inode, offset: size < cursor.offset ? 0 : cursor.offset }, expressions);
}

async function scan(file: string, cursor: Cursor, expressions: RegExp[]): Promise<Cursor> {
  let { offset, bytes, lines, matches } = cursor;
  const first = [...cursor.first];
  for await (const piece of piecesFrom(file, offset)) {
    for (const line of piece.lines) {
      if (!expressions.some((expression) => expression.test(line))) continue;
      matches += 1;
      if (first.length < firstKept) first.push(line.slice(0, lineKept));
    }
    lines += piece.lines.length;
    bytes += piece.end - offset;
    offset = piece.end;
    if (cancelled().aborted) break;
  }
  return { ...cursor, offset, bytes, lines, matches, first };
}

async function sizeOf(file: string): Promise<{ inode: number; size: number }> {
  const found = await stat(file).catch(nullIfMissing);
  return { inode: found?.ino ?? 0, size: found?.size ?? 0 };
}
