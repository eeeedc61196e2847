// Takes one ledger entry back. Each undo looks first, can be repeated, and can be killed half-way; none depends on another machine.
import { lstat, rm, rmdir } from 'node:fs/promises';
import { runLabel, specLabel } from '../../plan/names.ts';
import type { Undo, UndoResult } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { nullIfMissing } from '../files/disk.ts';
import { inspect, removeContainer } from '../docker/containers.ts';
import type { Entry } from './journal.ts';
import { containersUsing, mountPointsIn } from '../files/mounts.ts';
import { isActive, lift } from '../faults/fault.ts';
import { restoreAgent, restoreFile } from './undo-files.ts';
import { deleteStream } from './undo-stream.ts';

/** In a dry run `undone` says that it would be. */
export interface Outcome {
  result: UndoResult;
  detail?: string;
}

export interface Round {
  /** The run's entries that are undone already or in this same rollback. */
  removed: Entry[];
  dryRun: boolean;
  /** In a dry run, the files as the undos before would have left them. */
  foreseen: Map<string, Buffer | null>;
}

/** Throws when it could not: the entry stays open. */
export async function undo(host: Host, entry: Entry, round: Round): Promise<Outcome> {
  const planned = entry.undo;
  switch (planned.kind) {
    case 'directory.remove':
      return removeDirectory(host, planned, round);
    case 'container.remove':
      return removeOurs(host, planned, entry, round);
    case 'file.restore':
      return restoreFile(host, planned, entry, round);
    case 'agent.restore':
      return restoreAgent(host, planned, entry, round);
    case 'stream.delete':
      return deleteStream(planned, containersOf(round), round);
    case 'fault.lift': {
      if (round.dryRun) return { result: (await isActive(host, planned.fault)) ? 'undone' : 'already' };
      return { result: (await lift(host, planned.fault, containersOf(round))).lifted ? 'undone' : 'already' };
    }
  }
}

async function removeDirectory(
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

async function removeOurs(
  host: Host,
  { name, stopGraceMs }: Extract<Undo, { kind: 'container.remove' }>,
  entry: Entry,
  { dryRun }: Round,
): Promise<Outcome> {
  const found = await inspect(host, name);
  if (!found) return { result: 'already' };
  const { [runLabel]: run, [specLabel]: spec } = found.Config.Labels ?? {};
  // A retry may have deployed another specification of the same run; without a run only the specification tells.
  const ours = run === undefined ? spec !== undefined && entry.wrote.includes(spec) : run === entry.run;
  if (!ours)
    return {
      result: 'left',
      detail: `the container ${name} on ${host.machine} (image ${found.Config.Image}, created ${found.Created}) is ${run ? `of run ${run}` : 'not ours'}`,
    };
  if (!dryRun) await removeContainer(host, name, stopGraceMs);
  return { result: 'undone' };
}

/** Containers that are gone, or will be with this rollback. */
function containersOf({ removed }: Round): string[] {
  return removed.flatMap(({ undo: { kind, ...rest }, end }) =>
    kind === 'container.remove' && end?.result !== 'left' && 'name' in rest ? [rest.name] : [],
  );
}
