// What an activity has done so far, in a file that outlives its worker: a JSON line each, read back when the activity is tried again.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Context } from '@temporalio/activity';

export interface ActivityLog<T> {
  /** Of every activity that wrote to this file, in order. */
  all: T[];
  /** Of this activity, its earlier attempts included. */
  mine: T[];
  /** In the kernel's hands when it returns, so that a SIGKILL loses nothing; on the disk within a second, or when closed. */
  add(line: T): void;
  close(): void;
}

const syncEveryMs = 1_000;

/** Opens or creates `<state>/acks/<name>.jsonl`; half a line at its end, from a power cut, is cut off. */
export function openActivityLog<T extends object>(state: string, name: string): ActivityLog<T> {
  const path = join(state, 'acks', `${encodeURIComponent(name)}.jsonl`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lines = readWhole<T>(path);
  const activity = activityId();
  const all: T[] = [...lines];
  const mine: T[] = lines.filter((line) => line.activity === activity);
  const file = openSync(path, 'a', 0o600);
  let syncedAt = performance.now();
  return {
    all,
    mine,
    add(line) {
      const text = Buffer.from(`${JSON.stringify({ activity, ...line })}\n`);
      if (writeSync(file, text) !== text.length)
        throw new Error(`${path} took only a part of a line: is the disk full?`);
      all.push(line);
      mine.push(line);
      if (performance.now() - syncedAt < syncEveryMs) return;
      fsyncSync(file);
      syncedAt = performance.now();
    },
    close() {
      fsyncSync(file);
      closeSync(file);
    },
  };
}

function readWhole<T>(path: string): (T & { activity: string })[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  if (whole.length < bytes.length) truncateSync(path, whole.length);
  return whole
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T & { activity: string });
}

/** The same for all attempts of one activity, and different for every other: the ids of activities begin anew in each history. */
function activityId(): string {
  try {
    const { workflowExecution, activityId: id } = Context.current().info;
    return `${workflowExecution?.runId ?? ''}/${id}`;
  } catch {
    return 'direct';
  }
}
