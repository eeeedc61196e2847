// Puts a file back, and has the hub whose configuration it is reload.
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { ReloadSpec, Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { inspect } from '../docker/container.ts';
import { attributesOf, readIfThere, removeFile, sha256, tidy } from '../files/disk.ts';
import { isWithin } from '../files/paths.ts';
import type { Entry } from '../ledger/journal.ts';
import type { Outcome, Round } from '../ledger/rollback.ts';
import { reload } from '../prometheus/hub-reload.ts';
import { backOf, backupAt, leave, putBack } from './backup.ts';
import { merged, putMerged } from './merge.ts';

type FileRestore = Extract<Undo, { kind: 'file.restore' }>;

export async function restoreFile(host: Host, undo: FileRestore, entry: Entry, round: Round): Promise<Outcome> {
  const { path, backup, originalSha256, reload: hub } = undo;
  const { dryRun, foreseen } = round;
  const file = host.path(path);
  const current = foreseen.has(path) ? (foreseen.get(path) ?? null) : await readIfThere(file, host.files);
  if (current === null && !(await attributesOf(dirname(file), host.files))) {
    mustBeGone(host, undo, round);
    return { result: 'already', detail: 'gone with its directory' };
  }
  if (backup === null) {
    if (!dryRun) await tidy(file, host.files);
    if (current === null) return { result: 'already' };
    if (!entry.wrote.includes(sha256(current))) return leave(host, entry, path, current, '', dryRun);
    const needed = await onlyCopy(host, path, current, round);
    if (needed) return needed;
    if (dryRun) foreseen.set(path, null);
    else await removeFile(file, host.files, current);
    return { result: 'undone' };
  }
  const original = await backupAt(host, path, join(host.state, backup), originalSha256);
  if (current && !current.equals(original) && !entry.wrote.includes(sha256(current))) {
    const others = await merged(host, entry, current);
    if (!others) return leave(host, entry, path, current, join(host.state, backup), dryRun);
    const detail = `${path} on ${host.machine} was changed since by others, and keeps what they made of it`;
    if (dryRun) foreseen.set(path, others);
    else {
      await putMerged(host, file, current, others);
      if (hub) await reloadWith(host, hub, others, current);
    }
    return { result: others.equals(current) ? 'already' : 'undone', detail };
  }
  const back = current?.equals(original) ?? false;
  if (dryRun) {
    foreseen.set(path, original);
    return { result: back ? 'already' : 'undone' };
  }
  if (back) await tidy(file, host.files);
  const told = back ? {} : await putBack(host, file, await backOf(host, file, join(host.state, backup)), current);
  // Also when the file is back already: we may have been killed between the two.
  if (hub) await reloadWith(host, hub, original, current);
  return { result: back && !hub ? 'already' : 'undone', ...told };
}

/**
 * What was there before the week had its directory. What the week made goes with a directory that it made; of one that was there before, only
 * where it lay says that it is gone and not away.
 */
function mustBeGone(host: Host, { path, backup, originalSha256, volume }: FileRestore, { known }: Round): void {
  const made = known.some(({ undo }) => undo.kind === 'directory.remove' && isWithin(undo.path, path));
  if (backup === null && (volume || made)) return;
  const wroteIt = ({ undo, wrote }: Entry) =>
    undo.kind === 'file.restore' &&
    undo.path === path &&
    originalSha256 !== undefined &&
    wrote.includes(originalSha256);
  if (volume && made && known.some(wroteIt)) return;
  throw new Error(
    `${path} on ${host.machine} can't be undone: ${dirname(path)} is missing. Mount its volume, or make it, then roll back again`,
  );
}

/** A backup that we made stays while an agent's configuration was not restored from it. Throws when that can still be done. */
async function onlyCopy(
  host: Host,
  path: string,
  current: Buffer,
  { removed, foreseen }: Round,
): Promise<Outcome | null> {
  for (const { undo: known, wrote, end } of removed) {
    if (known.kind !== 'agent.restore' || known.backup !== path) continue;
    // It was restored; what it holds by now is somebody else's doing.
    if (end && end.result !== 'left') continue;
    const config = foreseen.get(known.config) ?? (await readIfThere(host.path(known.config), host.files));
    if (config && (config.equals(current) || sha256(config) === known.originalSha256)) continue;
    if (!end && (!config || wrote.includes(sha256(config))))
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
  const { scrape_configs: scrapes } = (parse(config?.toString() ?? '', { prettyErrors: false }) ?? {}) as {
    scrape_configs?: { job_name: string }[];
  };
  return (scrapes ?? []).map((job) => job.job_name);
}
