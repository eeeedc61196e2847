// The ack log (a JSON line an acknowledged batch) and the sequence numbers that follow from it.
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Role } from './failover.ts';

export interface Ack {
  seq: number;
  hub: Role;
  url: string;
  /** Unix ms at which the hub's answer came in. */
  at: number;
}

export interface AckLog {
  /** The last sequence number in the file when it was opened, 0 if there was none. */
  lastSeq: number;
  /** Appends one line in one write: it is there whole or not at all. Throws if the disk refuses it. */
  append(ack: Ack): void;
  close(): void;
}

const tailBytes = 4096;
const longestLineBytes = 512;
/** More numbers than can be used without an acknowledgement, for a clock that was set back. */
const clockSetBackGap = 1_000_000;

/** Opens or creates the log; half a line at its end (power cut) is cut off. Throws if the directory is missing or the file is not an ack log. */
export function openAckLog(path: string): AckLog {
  const fd = openSync(path, 'a+');
  const { size } = fstatSync(fd);
  const tail = Buffer.alloc(Math.min(size, tailBytes));
  readSync(fd, tail, 0, tail.length, size - tail.length);
  const wholeBytes = tail.lastIndexOf('\n') + 1;
  const tornBytes = tail.length - wholeBytes;
  const lastSeq = lastSeqIn(tail.toString('utf8', 0, wholeBytes));
  if (lastSeq === undefined || tornBytes > longestLineBytes)
    throw new Error(`${path} does not end like an ack log ({"seq":…} on each line); move it away`);
  ftruncateSync(fd, size - tornBytes);
  return {
    lastSeq,
    append(ack) {
      const line = Buffer.from(`${JSON.stringify(ack)}\n`);
      const before = fstatSync(fd).size;
      const written = writeSync(fd, line);
      if (written === line.length) return;
      ftruncateSync(fd, before);
      throw new Error(`${path}: only ${written} of ${line.length} bytes could be written; is the disk full?`);
    },
    close: () => closeSync(fd),
  };
}

/** 0 for an empty text, undefined if the last line is not an ack. */
function lastSeqIn(lines: string): number | undefined {
  if (lines === '') return 0;
  try {
    const { seq } = JSON.parse(lines.trimEnd().split('\n').at(-1)!) as Partial<Ack>;
    return typeof seq === 'number' ? seq : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The first sequence number of a process: unix ms, which no earlier process can have reached with fewer than 1000 batches a
 * second. If the clock was set back behind the log, it goes on well after the last acknowledged number instead.
 */
export function firstSeq(lastSeq: number, nowMs: number): number {
  return nowMs > lastSeq ? nowMs : lastSeq + clockSetBackGap;
}
