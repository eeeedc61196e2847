// Removes a directory that we made: what the week and its containers put there, and itself and the parents made for it where nothing else is in them.
import { basename, dirname, join } from 'node:path';
import { targetOf, type Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { attributesOf, syncDirectory } from '../files/disk.ts';
import { nullIfMissing } from '../files/errors.ts';
import { containersUsing } from '../files/mounts.ts';
import { isWithin, resolvePath } from '../files/paths.ts';
import { isLive, type Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { contentsOf, ownership, type Place } from './contents.ts';
import { containersIn } from './removed.ts';

type DirectoryRemove = Extract<Undo, { kind: 'directory.remove' }>;

/** So many of the things that stay are named in the first line, and in all. */
const namedFirst = 5;
const namedAtMost = 50;

export async function removeDirectory(host: Host, undo: DirectoryRemove, entry: Entry, round: Round): Promise<Outcome> {
  const { path } = undo;
  const real = join(await resolvePath(dirname(host.path(path)), host.files), basename(path));
  const found = await host.files.lstat(real).catch(nullIfMissing);
  if (!found) {
    await mustBeGone(host, undo, round);
    if (!round.dryRun) await endOf(host, undo, real);
    return { result: 'already' };
  }
  if (!found.isDirectory()) return { result: 'left', detail: `${path} on ${host.machine} is not a directory any more` };
  mustBeUndone(host, path, entry, round);
  const place: Place = { path, real, files: host.files, isOurs: await ownership(host, undo, real, round) };
  const { foreign, inodes } = await contentsOf(place, false);
  await mustBeUnused(host, path, inodes, round);
  const detail = `${path} on ${host.machine} stays with what the week did not put there: ${listed(path, foreign)}`;
  if (round.dryRun) {
    if (foreign.length === 0) round.foreseen.set(path, null);
    return foreign.length > 0 ? { result: 'left', detail } : { result: 'undone' };
  }
  await contentsOf(place, true);
  if (foreign.length > 0) return { result: 'left', detail };
  await endOf(host, undo, real);
  return { result: 'undone' };
}

/** What is in it and could not be undone may be so later: until then it is neither ours to remove nor somebody else's. */
function mustBeUndone(host: Host, path: string, entry: Entry, { known, removed, results }: Round): void {
  const goes = (other: Entry) => removed.some(({ undo }) => targetOf(undo) === targetOf(other.undo));
  const others = known.filter((other) => results.get(other.n) === 'failed' || (isLive(other) && !goes(other)));
  const inside = others.flatMap(({ n, step, undo }) =>
    n !== entry.n && 'path' in undo && isWithin(path, undo.path) ? [`${undo.path} of ${step}`] : [],
  );
  if (inside.length > 0)
    throw new Error(
      `${path} on ${host.machine} has in it what is not undone: ${[...new Set(inside)].join(', ')}. Roll that back first`,
    );
}

/** A container that this rollback removes has no say, though it still runs in a dry run. */
async function mustBeUnused(host: Host, path: string, inodes: Set<string>, round: Round): Promise<void> {
  const going = round.dryRun ? containersIn(round) : [];
  const users = (await containersUsing(host, inodes)).filter((name) => !going.includes(name));
  if (users.length > 0)
    throw new Error(
      `${path} on ${host.machine} is in use by the running containers ${users.join(', ')}: stop them, then roll back again`,
    );
}

/** Missing with what it was made in, it may be away with that. Ledgers of before do not know its volume. */
async function mustBeGone(host: Host, { path, parents, volume }: DirectoryRemove, { known }: Round): Promise<void> {
  if (volume) return;
  const made = known.flatMap(({ undo }) => (undo.kind === 'directory.remove' ? [undo.path, ...undo.parents] : []));
  let there = dirname(path);
  while (parents.includes(there) || made.includes(there)) there = dirname(there);
  if (!(await attributesOf(host.path(there), host.files)))
    throw new Error(
      `${path} on ${host.machine} can't be looked at: ${there}, where it was made, is missing. Mount its volume, then roll back again`,
    );
}

/** Its parents go where they are empty. Also when it was gone already: whoever removed it may have been killed before this. */
async function endOf(host: Host, { parents }: DirectoryRemove, real: string): Promise<void> {
  await host.files.rmdir(real).catch(nullIfMissing);
  for (const parent of parents)
    if (!(await removeIfEmpty(host, await resolvePath(host.path(parent), host.files)))) break;
  let nearest = dirname(real);
  while (!(await attributesOf(nearest, host.files))) nearest = dirname(nearest);
  await syncDirectory(nearest, host.files);
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

/** By their paths in the directory: the first of them in the first line, which is what a table has room for. */
function listed(path: string, foreign: string[]): string {
  const names = foreign.map((one) => one.slice(path.length + 1) || one);
  const more = names.length - namedFirst;
  if (more <= 0) return names.join(', ');
  const rest = names.slice(namedFirst, namedAtMost);
  const untold = names.length - namedAtMost;
  return `${names.slice(0, namedFirst).join(', ')} and ${more} more\n${[...rest, ...(untold > 0 ? [`and ${untold} more`] : [])].join('\n')}`;
}
