// Puts files back: byte for byte, with permissions and owner, unless somebody changed them since.
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { ReloadSpec, Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { difference } from '../files/unified-diff.ts';
import { looksOf, putFile, readIfThere, sha256, syncDirectory } from '../files/disk.ts';
import { inspect } from '../docker/containers.ts';
import { reload } from '../prometheus/hub-reload.ts';
import { backUp, backupName } from './backups.ts';
import type { Entry } from './journal.ts';
import { isMountedAlone } from '../files/mounts.ts';
import { programStatus, startProgram, stopProgram } from '../supervisor/programs.ts';
import type { Outcome, Round } from './undo.ts';

type FileRestore = Extract<Undo, { kind: 'file.restore' }>;
type AgentRestore = Extract<Undo, { kind: 'agent.restore' }>;

export async function restoreFile(
  host: Host,
  { path, backup, reload: hub }: FileRestore,
  entry: Entry,
  round: Round,
): Promise<Outcome> {
  const { dryRun, foreseen } = round;
  const file = host.path(path);
  const current = foreseen.has(path) ? (foreseen.get(path) ?? null) : await readIfThere(file);
  if (current === null && !(await looksOf(dirname(file))))
    return { result: 'already', detail: 'gone with its directory' };
  if (backup === null) {
    if (current === null) return { result: 'already' };
    if (!entry.wrote.includes(sha256(current))) return leave(host, entry, path, current, '', dryRun);
    const needed = await onlyCopy(host, path, current, round);
    if (needed) return needed;
    if (dryRun) foreseen.set(path, null);
    else await remove(file);
    return { result: 'undone' };
  }
  const original = await backupAt(host, path, join(host.state, backup));
  if (current && !current.equals(original) && !entry.wrote.includes(sha256(current)))
    return leave(host, entry, path, current, join(host.state, backup), dryRun);
  const back = current?.equals(original) ?? false;
  if (dryRun) {
    foreseen.set(path, original);
    return { result: back ? 'already' : 'undone' };
  }
  if (!back) await putBack(host, file, join(host.state, backup));
  // Also when the file is back already: we may have been killed between the two.
  if (hub) await reloadWith(host, hub, original, current);
  return { result: back && !hub ? 'already' : 'undone' };
}

/** Stops the agent, restores its configuration, starts it. */
export async function restoreAgent(
  host: Host,
  { program, config, backup, startWithinMs }: AgentRestore,
  entry: Entry,
  { dryRun, foreseen }: Round,
): Promise<Outcome> {
  const file = host.path(config);
  const current = await readIfThere(file);
  // A later look: the backup has gone the same way, and what is there is not what we wrote.
  if (dryRun && current && !entry.wrote.includes(sha256(current)) && !(await readIfThere(host.path(backup))))
    return { result: (await programStatus(host, program)).state === 'RUNNING' ? 'already' : 'undone' };
  const original = await backupAt(host, config, host.path(backup));
  const back = current?.equals(original) ?? false;
  if (current && !back && !entry.wrote.includes(sha256(current)))
    return leave(host, entry, config, current, host.path(backup), dryRun);
  // It is stopped before its file is restored, so one that runs has read the file that is there.
  if (back && (await programStatus(host, program)).state === 'RUNNING') return { result: 'already' };
  if (dryRun) {
    foreseen.set(config, original);
    return { result: 'undone' };
  }
  await stopProgram(host, program, startWithinMs);
  if (!back) await putBack(host, file, host.path(backup));
  await startProgram(host, program, startWithinMs);
  return { result: 'undone' };
}

/** A backup that we made stays while an agent's configuration was not restored from it. Throws when that can still be done. */
async function onlyCopy(
  host: Host,
  path: string,
  current: Buffer,
  { removed, foreseen }: Round,
): Promise<Outcome | null> {
  for (const { undo: known, wrote } of removed) {
    if (known.kind !== 'agent.restore' || known.backup !== path) continue;
    const config = foreseen.get(known.config) ?? (await readIfThere(host.path(known.config)));
    if (config?.equals(current)) continue;
    if (!config || wrote.includes(sha256(config)))
      throw new Error(
        `${known.config} on ${host.machine} is not restored yet, and ${path} is the only copy of the original: see why ${known.program} failed, then roll back again`,
      );
    return {
      result: 'left',
      detail: `${path} on ${host.machine} stays: it is the original of ${known.config}, which was changed since and not restored`,
    };
  }
  return null;
}

async function putBack(host: Host, file: string, backup: string): Promise<void> {
  const looks = await looksOf(backup);
  if (looks) await putFile(file, await readFile(backup), looks, await isMountedAlone(host, file));
}

async function remove(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncDirectory(dirname(file));
}

async function backupAt(host: Host, path: string, backup: string): Promise<Buffer> {
  const found = await readIfThere(backup);
  if (!found) throw new Error(`The backup of ${path} on ${host.machine} is gone (${backup}): restore the file by hand`);
  return found;
}

/** Somebody changed the file since: it stays as it is, and what we know of it is kept beside the backup, should its directory go. */
async function leave(
  host: Host,
  entry: Entry,
  path: string,
  current: Buffer,
  backup: string,
  dryRun: boolean,
): Promise<Outcome> {
  const wrote = await readIfThere(join(host.state, backupName(entry, path, '.wrote')));
  const before = wrote ?? (backup ? await readFile(backup) : Buffer.alloc(0));
  const kept = dryRun ? null : await backUp(host.state, entry, host.path(path), '.changed');
  const where = [
    backup ? `the original is kept as ${backup}` : '',
    kept ? `the changed one also as ${join(host.state, kept)}` : '',
  ]
    .filter(Boolean)
    .join(', ');
  const changes = difference(basename(path), before.toString(), current.toString(), {
    before: wrote ? 'as we wrote it' : 'original',
    after: 'as it is',
  });
  return {
    result: 'left',
    detail: `${path} on ${host.machine} was changed since and stays as it is${where ? `; ${where}` : ''}\n${changes}`,
  };
}

async function reloadWith(host: Host, hub: ReloadSpec, restored: Buffer, replaced: Buffer | null): Promise<void> {
  const found = await inspect(host, hub.container);
  // Not running: it reads the file when it starts.
  if (!found?.State.Running) return;
  const jobs = jobsIn(restored);
  const taken = await reload(
    host,
    { ...hub, url: host.own(hub.url) },
    jobs,
    jobsIn(replaced).filter((job) => !jobs.includes(job)),
  );
  if (!taken.successful)
    throw new Error(`${hub.container} on ${host.machine} has its file back but did not reload: ${taken.error}`);
}

function jobsIn(config: Buffer | null): string[] {
  const { scrape_configs: scrapes } = (parse(config?.toString() ?? '') ?? {}) as {
    scrape_configs?: { job_name: string }[];
  };
  return (scrapes ?? []).map((job) => job.job_name);
}
