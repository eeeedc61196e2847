// An emergency where the ledger can be read and not written, as when the kernel made its disk read-only after an error: over a copy of it in memory.
import { execa } from 'execa';
import { mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../context/host.ts';
import { sha256 } from '../files/disk.ts';
import { copyProgram } from '../files/file-system.ts';
import { withLock, rollbackOf } from './lock.ts';

/** Of the system, in memory, and gone with the next start. */
const inMemory = '/run';
const copyMs = 60_000;
/** Long enough for another rollback to finish. */
const patience = { waitMs: 120_000 };
/** All that an undo reads. */
const read = ['ledger.jsonl', 'backups', 'stopped', 'in-place', 'faults'];

/** That there is no space is another matter: for that some is reserved. */
export function isUnwritable(error: unknown): boolean {
  return ['EROFS', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * Works on the machine as it is, but for its ledger, which is a copy: what is undone is undone, and not on record. The copy stays, since what
 * is left may be kept in it; each time another one is made, as the ledger may have been written meanwhile.
 */
export async function overCopy<T>(host: Host, run: string, work: (host: Host) => Promise<T>): Promise<T> {
  const directory = join(inMemory, `hubshift-${sha256(host.state).slice(0, 8)}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // In the place of the machine's own lock, which can't be taken.
  return withLock(join(directory, 'lock'), rollbackOf(run), patience, async () => {
    const state = await mkdtemp(join(directory, 'state-'));
    const there = await readdir(host.state);
    const names = read.filter((name) => there.includes(name)).map((name) => join(host.state, name));
    await execa(copyProgram, ['--archive', '--', ...names, state], { stdin: 'ignore', timeout: copyMs });
    return work({ ...host, state });
  });
}
