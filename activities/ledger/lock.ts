// The machine's lock: one change or rollback at a time, over all processes; a holder that died is taken over.
import { link, mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelled, pause, within } from '../context/cancellation.ts';
import { nullIfMissing } from '../files/disk.ts';
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
 * Runs `work` while this process alone holds the lock. `directory` is the lock's own.
 * Throws a plain error that names the holder when the lock is not free in time.
 */
export async function withLock<T>(
  directory: string,
  what: string,
  patience: Patience,
  work: () => Promise<T>,
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
      throw await heldBy(directory, what, patience);
    const lock = await take(directory, what, patience, started);
    try {
      return await work();
    } finally {
      await truncate(lock);
    }
  } finally {
    leave();
  }
}

/** Who has the lock at this moment. */
export async function holder(directory: string): Promise<Holder | null> {
  const [top] = await generations(directory);
  if (top === undefined) return null;
  const text = await readFile(join(directory, `${top}`), 'utf8').catch(nullIfMissing);
  const found = text ? (JSON.parse(text) as Holder) : null;
  return found && isAlive(found) ? found : null;
}

async function take(directory: string, what: string, patience: Patience, started: number): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (;;) {
    const lock = await claim(directory, what);
    if (lock) return lock;
    const found = await holder(directory);
    const waitedMs = performance.now() - started;
    if (
      patience.emergency &&
      found &&
      waitedMs > emergencyAfterMs &&
      !found.what.startsWith(rollbackOf('')) &&
      found.pid !== process.pid
    )
      kill(found);
    if (waitedMs > patience.waitMs) throw await heldBy(directory, what, patience);
    await pause(25);
  }
}

/**
 * The lock is the file with the highest number; an empty one is free. Whoever makes the next number holds it, and linking
 * a finished file makes that atomic. Numbers never go down, so that two who find the same dead holder can't both win.
 */
async function claim(directory: string, what: string): Promise<string | null> {
  const [top = 0] = await generations(directory);
  if (await holder(directory)) return null;
  const lock = join(directory, `${top + 1}`);
  const draft = join(directory, `draft-${process.pid}`);
  await writeFile(draft, JSON.stringify({ ...processId(process.pid), what, since: Date.now() } satisfies Holder));
  try {
    await link(draft, lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const [highest, ...older] = await generations(directory);
  if (highest !== top + 1) {
    await rm(lock, { force: true });
    return null;
  }
  for (const number of older) await rm(join(directory, `${number}`), { force: true });
  return lock;
}

async function generations(directory: string): Promise<number[]> {
  const names = (await readdir(directory).catch(nullIfMissing)) ?? [];
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

async function heldBy(directory: string, what: string, patience: Patience): Promise<Error> {
  const found = await holder(directory);
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
