// Removes a directory that we made, and the parents made for it while they are empty.
import { lstat, rm, rmdir } from 'node:fs/promises';
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { nullIfMissing } from '../files/disk.ts';
import { containersUsing, mountPointsIn } from '../files/mounts.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';

export async function removeDirectory(
  host: Host,
  { path, parents }: Extract<Undo, { kind: 'directory.remove' }>,
  { dryRun }: Round,
): Promise<Outcome> {
  const directory = host.path(path);
  const found = await lstat(directory).catch(nullIfMissing);
  if (found && !found.isDirectory()) return { result: 'left', detail: `${path} is not a directory any more` };
  const mounted = await mountPointsIn(directory);
  if (mounted.length > 0)
    return { result: 'left', detail: `${mounted.join(', ')} is mounted there: unmount it and remove ${path}` };
  if (dryRun) return { result: found ? 'undone' : 'already' };
  if (found) {
    const users = await containersUsing(host, directory);
    if (users.length > 0)
      throw new Error(
        `${path} on ${host.machine} is in use by the running containers ${users.join(', ')}: stop them, then roll back again`,
      );
    await rm(directory, { recursive: true, force: true });
  }
  for (const parent of parents) if (!(await removeIfEmpty(host.path(parent)))) break;
  return { result: found ? 'undone' : 'already' };
}

async function removeIfEmpty(path: string): Promise<boolean> {
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (['ENOTEMPTY', 'EEXIST', 'EBUSY'].includes(code)) return false;
    throw error;
  }
}
