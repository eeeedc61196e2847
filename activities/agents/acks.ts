// Acknowledgement logs of agents: JSON lines, read from the end backwards as far as the window reaches.
import { z } from 'zod';
import { rangesOf } from '../../plan/evidence/sequence-sets.ts';
import type { AckRuns, AgentActivities } from '../../plan/machine-api/agents.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import type { OpenFile } from '../files/file-system.ts';
import { piecesFrom } from '../files/lines.ts';
import { openRegular } from '../files/regular.ts';

const Ack = z.object({ seq: z.number().int(), hub: z.string(), at: z.number() });
type Ack = z.infer<typeof Ack>;

const blockBytes = 64 * 1024;
/** A clock may be set back a little: lines that much older are still looked at. */
const slackMs = 60_000;

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

async function readAcks(file: string, fromMs: number, toMs: number): Promise<AckRuns> {
  const runs: { hub: string; fromMs: number; toMs: number; numbers: number[] }[] = [];
  let unreadable = 0;
  reading: for await (const { lines } of piecesFrom(file, await begin(file, fromMs - slackMs))) {
    for (const line of lines) {
      const ack = ackOf(line);
      if (!ack) unreadable += 1;
      if (!ack || ack.at < fromMs || ack.at > toMs) {
        if (ack && ack.at > toMs + slackMs) break reading;
        continue;
      }
      const run = runs.at(-1);
      if (run?.hub === ack.hub) {
        run.toMs = Math.max(run.toMs, ack.at);
        run.numbers.push(ack.seq);
      } else runs.push({ hub: ack.hub, fromMs: ack.at, toMs: ack.at, numbers: [ack.seq] });
    }
  }
  return {
    runs: runs.map(({ numbers, ...run }) => ({ ...run, sequences: rangesOf(numbers), count: numbers.length })),
    unreadable,
  };
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
