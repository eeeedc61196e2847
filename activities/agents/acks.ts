// Acknowledgement logs of agents: JSON lines, read from the end backwards as far as the window reaches, through rotation.
import { z } from 'zod';
import { rangesOf } from '../../plan/evidence/sequence-sets.ts';
import type { AckRuns, AgentActivities } from '../../plan/machine-api/agents.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import type { OpenFile } from '../files/file-system.ts';
import { piecesFrom } from '../files/lines.ts';
import { openRegular } from '../files/regular.ts';
import { compressedLines, type Written, writtenSince } from '../files/rotated.ts';

const Ack = z.object({ seq: z.number().int(), hub: z.string(), at: z.number() });
type Ack = z.infer<typeof Ack>;

const blockBytes = 64 * 1024;
/** A clock may be set back a little: lines that much older are still looked at. */
const slackMs = 60_000;
const looksAtMost = 5;

export function ackActivities(host: Host): Pick<AgentActivities, 'readAcks' | 'awaitHub'> {
  return {
    readAcks: ({ path, fromMs, toMs }) => readAcks(host.path(path), fromMs, toMs),

    async awaitHub({ path, hub, acks, sinceMs, withinMs }) {
      const newest = async () => (await readAcks(host.path(path), sinceMs, Infinity)).runs.at(-1) ?? null;
      const { value, done, waitedMs } = await until(withinMs, newest, (run) => run?.hub === hub && run.count >= acks);
      return { reached: done, waitedMs, hub: value?.hub ?? null };
    },
  };
}

/** Rotated while it is read, some of it would be passed over: it is read again. */
async function readAcks(path: string, fromMs: number, toMs: number): Promise<AckRuns> {
  const look = async () => {
    const files = await writtenSince(path, fromMs - slackMs);
    // It is asked again and again: a file that reaches back needs none before it.
    return (await startsBefore(path, fromMs - slackMs)) ? files.slice(-1) : files;
  };
  const inOrder = (files: Written[]) => files.map(({ file }) => file).join();
  for (let files = await look(), looks = 1; ; looks += 1) {
    const found = await readAll(files, fromMs, toMs);
    const now = await look();
    if (looks === looksAtMost || inOrder(now) === inOrder(files)) return found;
    files = now;
  }
}

async function readAll(files: Written[], fromMs: number, toMs: number): Promise<AckRuns> {
  const acks = new Map<string, Ack>();
  let before: Ack | null = null;
  let unreadable = 0;
  for (const { path } of files)
    for await (const line of linesOf(path, fromMs - slackMs)) {
      const ack = ackOf(line);
      if (!ack) unreadable += 1;
      else if (ack.at > toMs + slackMs) break;
      else if (ack.at < fromMs) before = before && before.at > ack.at ? before : ack;
      // A copy of a file has the same lines.
      else if (ack.at <= toMs) acks.set(`${ack.seq} ${ack.hub} ${ack.at}`, ack);
    }
  const runs: { hub: string; fromMs: number; toMs: number; numbers: number[] }[] = [];
  for (const ack of acks.values()) {
    const run = runs.at(-1);
    if (run?.hub === ack.hub) {
      run.toMs = Math.max(run.toMs, ack.at);
      run.numbers.push(ack.seq);
    } else runs.push({ hub: ack.hub, fromMs: ack.at, toMs: ack.at, numbers: [ack.seq] });
  }
  return {
    runs: runs.map(({ numbers, ...run }) => ({ ...run, sequences: rangesOf(numbers), count: numbers.length })),
    unreadable,
    before: before && before.seq,
  };
}

async function startsBefore(path: string, sinceMs: number): Promise<boolean> {
  const file = await openRegular(path);
  try {
    const first = file && (await firstLine(file, 0));
    return first ? first.ack.at < sinceMs : false;
  } finally {
    await file?.close();
  }
}

/** Lines of a file that may hold some that are not older than this. What is compressed has no end to begin from. */
async function* linesOf(path: string, sinceMs: number): AsyncGenerator<string> {
  if (path.endsWith('.gz')) yield* compressedLines(path);
  else for await (const { lines } of piecesFrom(path, await begin(path, sinceMs))) yield* lines;
}

/** Offset of a line that is older than `beforeMs`, with all lines of the window after it. */
async function begin(path: string, beforeMs: number): Promise<number> {
  const file = await openRegular(path);
  if (!file) return 0;
  try {
    let start = (await file.stat()).size;
    while (start > 0) {
      start = Math.max(0, start - blockBytes);
      const first = await firstLine(file, start);
      if (first && first.ack.at < beforeMs) return first.offset;
    }
    return 0;
  } finally {
    await file.close();
  }
}

/** The first readable line that begins in the block at `start`. */
async function firstLine(file: OpenFile, start: number): Promise<{ offset: number; ack: Ack } | null> {
  const buffer = Buffer.alloc(blockBytes);
  const { bytesRead } = await file.read(buffer, 0, blockBytes, start);
  const block = buffer.subarray(0, bytesRead);
  let offset = start === 0 ? 0 : block.indexOf(10) + 1;
  for (let end = block.indexOf(10, offset); end >= 0; end = block.indexOf(10, offset)) {
    const ack = ackOf(block.subarray(offset, end).toString());
    if (ack) return { offset: start + offset, ack };
    offset = end + 1;
  }
  return null;
}

function ackOf(line: string): Ack | null {
  try {
    return Ack.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
