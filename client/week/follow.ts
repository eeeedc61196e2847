// Follows a week until something is reached: repaints a terminal in place, or prints the lines that changed.
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { Client } from '@temporalio/client';
import { isUnreachable } from './connect.ts';
import { look, type Look } from './look.ts';
import { progressLines } from '../show/progress.ts';
import { paintFor, plain, utc } from '../show/text.ts';

const usuallyEveryMs = 1_000;
/** Who follows has time: a loaded worker may answer late. */
const answerMs = 4_000;
/** A server that is away for this long is not coming back by itself. */
const usualPatienceMs = 60_000;

export interface Following {
  plan: string;
  id?: string;
  /** Shows nothing. */
  quiet?: boolean;
  /** Between two looks. */
  everyMs?: number;
  /** How long Temporal may be away. */
  patienceMs?: number;
  reached: (seen: Look) => boolean;
}

/** Returns the look with which it was reached. Throws when Temporal stays away. */
export async function follow(
  client: Client,
  { plan, id, quiet, everyMs = usuallyEveryMs, patienceMs = usualPatienceMs, reached }: Following,
): Promise<Look> {
  const show = quiet ? () => undefined : process.stdout.isTTY ? repainter(process.stdout) : printer(process.stdout);
  let answeredAt = Date.now();
  for (;;) {
    const seen = await lookOrWait(client, plan, id, answeredAt + patienceMs);
    if (seen) {
      answeredAt = Date.now();
      show(seen);
      if (reached(seen)) return seen;
    }
    await setTimeout(everyMs);
  }
}

export function hasEnded(seen: Look): boolean {
  return seen.execution !== 'running';
}

/** Undefined while Temporal is away. */
async function lookOrWait(
  client: Client,
  plan: string,
  id: string | undefined,
  until: number,
): Promise<Look | undefined> {
  try {
    return await look(client, plan, { id, withinMs: answerMs });
  } catch (error) {
    if (isUnreachable(error) && Date.now() < until) return undefined;
    throw error;
  }
}

function repainter(stream: NodeJS.WriteStream): (seen: Look) => void {
  const paint = paintFor(stream);
  let height = 0;
  return (seen) => {
    const lines = fitting(progressLines(seen, { paint, now: Date.now(), ticking: true }), stream);
    moveCursor(stream, 0, -height);
    cursorTo(stream, 0);
    clearScreenDown(stream);
    stream.write(lines.map((line) => `${line}\n`).join(''));
    height = rowsOf(lines, stream);
  };
}

/** As many lines as the screen holds: what has scrolled away can't be repainted. */
function fitting(lines: string[], stream: NodeJS.WriteStream): string[] {
  const fits = lines.findIndex((_, index) => rowsOf(lines.slice(0, index + 1), stream) >= stream.rows);
  return fits === -1 ? lines : lines.slice(0, fits);
}

/** Rows of the screen that lines take, those that wrap counted. */
function rowsOf(lines: string[], { columns }: NodeJS.WriteStream): number {
  return lines.reduce(
    (rows, line) => rows + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)),
    0,
  );
}

function printer(stream: NodeJS.WriteStream): (seen: Look) => void {
  let known = new Set<string>();
  return (seen) => {
    const lines = progressLines(seen, { paint: plain, now: Date.now(), ticking: false }).filter(Boolean);
    const fresh = lines.filter((line) => !known.has(line));
    for (const line of fresh) stream.write(`${utc(Date.now()).slice(11, 19)}  ${line.trimStart()}\n`);
    known = new Set(lines);
  };
}
