// The machine's lock: one change or rollback at a time, over all processes; a holder that died is taken over.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { cancelled, pause, within } from '../context/cancellation.ts';
import { closing, writeAll } from '../files/bytes.ts';
import { makeDirectories, readIfThere, setAside } from '../files/disk.ts';
import { nullIfMissing } from '../files/errors.ts';
import { nodeFiles, type FileSystem } from '../files/file-system.ts';
import { isAlive, kill, processId, type ProcessId } from '../host/process.ts';

export interface Holder extends ProcessId {
  what: string;
  since: number;
}

/** How long to wait for the lock; an emergency ends a holder that keeps it for 2 s, but joins the queue behind a rollback. */
export interface Patience {
  waitMs: number;
  emergency?: boolean;
}

const emergencyAfterMs = 2_000;
export const rollbackOf = (run: string): string => `rollback of ${run}`;

/** The last of those who want the lock, in this process. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `work` while this process alone holds the lock, with what was found in it that can't be read. `directory` is the lock's own.
 * Throws a plain error that names the holder when the lock is not free in time.
 */
export async function withLock<T>(
  directory: string,
  what: string,
  patience: Patience,
  work: (unreadable: string[]) => Promise<T>,
  files: FileSystem = nodeFiles,
): Promise<T> {
  const before = queues.get(directory) ?? Promise.resolve();
  const { promise: mine, resolve: leave } = withResolvers();
  queues.set(
    directory,
    before.then(() => mine),
  );
  const started = performance.now();
  try {
    if (!(await Promise.race([before.then(() => true), over(patience.waitMs)])))
      throw await heldBy(directory, what, patience, files);
    const { lock, unreadable } = await take(directory, what, patience, started, files);
    try {
      return await work(unreadable);
    } finally {
      await empty(lock, files);
    }
  } finally {
    leave();
  }
}

/** Who has the lock at this moment. */
export async function holder(directory: string, files: FileSystem = nodeFiles): Promise<Holder | null> {
  const [top] = await generations(directory, files);
  const found = top === undefined ? null : await written(join(directory, `${top}`), files);
  return found && found !== 'unreadable' && isAlive(found) ? found : null;
}

/** A holder's whole file is there at once: one that can't be read is what a power cut left. */
async function written(lock: string, files: FileSystem): Promise<Holder | 'unreadable' | null> {
  const bytes = await readIfThere(lock, files);
  if (!bytes?.length) return null;
  try {
    const found = JSON.parse(bytes.toString()) as Holder | null;
    return found?.boot === undefined ? 'unreadable' : found;
  } catch {
    return 'unreadable';
  }
}

interface Taken {
  lock: string;
  unreadable: string[];
}

async function take(
  directory: string,
  what: string,
  patience: Patience,
  started: number,
  files: FileSystem,
): Promise<Taken> {
  await makeDirectories(directory, 0o700, files);
  for (;;) {
    const taken = await claim(directory, what, files);
    if (taken) return taken;
    const found = await holder(directory, files);
    const waitedMs = performance.now() - started;
    if (
      patience.emergency &&
      found &&
      waitedMs > emergencyAfterMs &&
      !found.what.startsWith(rollbackOf('')) &&
      found.pid !== process.pid
    )
      kill(found);
    if (waitedMs > patience.waitMs) throw await heldBy(directory, what, patience, files);
    await pause(25);
  }
}

/**
 * The lock is the file with the highest number; an empty one is free. Whoever makes the next number holds it, and linking
 * a finished file makes that atomic. Numbers never go down, so that two who find the same dead holder can't both win.
 */
async function claim(directory: string, what: string, files: FileSystem): Promise<Taken | null> {
  const [top = 0] = await generations(directory, files);
  if (await holder(directory, files)) return null;
  const lock = join(directory, `${top + 1}`);
  const draft = join(directory, `draft-${randomBytes(8).toString('hex')}`);
  const self = { ...processId(process.pid), what, since: Date.now() } satisfies Holder;
  const file = await files.open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await closing(file, () => writeAll(file, Buffer.from(JSON.stringify(self)), 0));
    await files.link(draft, lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  } finally {
    await files.unlink(draft).catch(nullIfMissing);
  }
  const [highest, ...older] = await generations(directory, files);
  if (highest !== top + 1) {
    await files.unlink(lock).catch(nullIfMissing);
    return null;
  }
  const unreadable: string[] = [];
  for (const number of older) {
    const left = join(directory, `${number}`);
    if ((await written(left, files)) === 'unreadable')
      unreadable.push(`the lock ${left} can't be read, kept as ${await setAside(left, files)}`);
    else await files.unlink(left).catch(nullIfMissing);
  }
  return { lock, unreadable };
}

/** Lets go of it. */
async function empty(lock: string, files: FileSystem): Promise<void> {
  const file = await files.open(lock, constants.O_WRONLY);
  await closing(file, () => file.truncate(0));
}

async function generations(directory: string, files: FileSystem): Promise<number[]> {
  const names = (await files.readdir(directory).catch(nullIfMissing)) ?? [];
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

async function heldBy(directory: string, what: string, patience: Patience, files: FileSystem): Promise<Error> {
  const found = await holder(directory, files);
  const who = found
    ? `process ${found.pid} has it since ${new Date(found.since).toISOString()} for ${found.what}`
    : 'others were before us';
  return new Error(
    `No lock for ${what} within ${patience.waitMs / 1000} s: ${who} (${directory}). Wait for it, or end that process`,
  );
}

/** false after a time; throws when the activity is cancelled first. */
async function over(milliseconds: number): Promise<false> {
  cancelled().throwIfAborted();
  const end = within(milliseconds);
  return new Promise((resolve, reject) => {
    end.addEventListener('abort', () => (cancelled().aborted ? reject(cancelled().reason) : resolve(false)), {
      once: true,
    });
  });
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
