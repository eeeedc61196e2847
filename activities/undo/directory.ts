// Removes a directory that we made, and the parents made for it while they are empty.
import { dirname } from 'node:path';
import type { Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { attributesOf, syncDirectory } from '../files/disk.ts';
import { nullIfMissing } from '../files/errors.ts';
import { containersUsing, mountPointsIn } from '../files/mounts.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';

export async function removeDirectory(
  host: Host,
  { path, parents }: Extract<Undo, { kind: 'directory.remove' }>,
  { dryRun }: Round,
): Promise<Outcome> {
  const directory = host.path(path);
  const found = await host.files.lstat(directory).catch(nullIfMissing);
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
    await host.files.rm(directory, { recursive: true, force: true });
  }
  for (const parent of parents) if (!(await removeIfEmpty(host, host.path(parent)))) break;
  // Also when it was gone already: whoever removed it may have been killed before this.
  let nearest = dirname(directory);
  while (!(await attributesOf(nearest, host.files))) nearest = dirname(nearest);
  await syncDirectory(nearest, host.files);
  return { result: found ? 'undone' : 'already' };
}

async function removeIfEmpty(host: Host, path: string): Promise<boolean> {
  try {
    await host.files.rmdir(path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (['ENOTEMPTY', 'EEXIST', 'EBUSY'].includes(code)) return false;
    throw error;
  }
}
