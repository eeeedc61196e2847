// The volume that a thing lies on: noted with its undo, which looks for it there and nowhere else.
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Undo, Volume } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { nullIfMissing } from './errors.ts';
import { nodeFiles } from './file-system.ts';
import { mountsOfHost, volumeIn, type Mount } from './mountinfo.ts';
import { resolvePath } from './paths.ts';

type OnDisk = Extract<Undo, { kind: 'directory.remove' | 'file.restore' | 'agent.restore' }>;

const uuids = '/dev/disk/by-uuid';

/** The undo with the volume that it will have to do with. */
export async function withVolume(host: Host, undo: Undo): Promise<Undo> {
  return liesSomewhere(undo) ? { ...undo, volume: await volumeOf(host, undo, await mountsOfHost()) } : undo;
}

/** Throws when what is to be undone can't be seen, because its volume is not there now. Ledgers of before do not know it. */
export async function mustHaveVolume(host: Host, undo: Undo): Promise<void> {
  if (!liesSomewhere(undo) || !undo.volume) return;
  const [path, mounts] = [pathOf(undo), await mountsOfHost()];
  const [noted, now] = [undo.volume, await volumeOf(host, undo, mounts)];
  if (noted.inside === now.inside && (noted.uuid === null || now.uuid === null || noted.uuid === now.uuid)) return;
  // Its disk was replaced, or it was moved; not so when what it was mounted as is gone, and others made one of its name.
  if (mounts.some(({ point }) => point === noted.at) && (await host.files.lstat(host.path(path)).catch(nullIfMissing)))
    return;
  throw new Error(
    `${path} on ${host.machine} lay on the volume mounted at ${noted.at} when it was changed, and what is there now is on ` +
      `another, mounted at ${now.at}: put that right, then roll back again`,
  );
}

async function volumeOf({ files, ...host }: Host, undo: OnDisk, mounts: Mount[]): Promise<Volume> {
  const path = host.path(pathOf(undo));
  // A directory is looked for where it was made; a file may be a link that leads elsewhere.
  const directory =
    undo.kind === 'directory.remove'
      ? await resolvePath(dirname(path), files)
      : dirname(await resolvePath(path, files));
  const { point, inside, source } = volumeIn(mounts, directory);
  return { at: point, inside, uuid: await uuidOf(source) };
}

async function uuidOf(source: string): Promise<string | null> {
  const device = await nodeFiles.realpath(source).catch(() => null);
  if (!device?.startsWith('/dev/')) return null;
  for (const uuid of (await readdir(uuids).catch(nullIfMissing)) ?? [])
    if ((await nodeFiles.realpath(`${uuids}/${uuid}`).catch(() => null)) === device) return uuid;
  return null;
}

function liesSomewhere(undo: Undo): undo is OnDisk {
  return ['directory.remove', 'file.restore', 'agent.restore'].includes(undo.kind);
}

function pathOf(undo: OnDisk): string {
  return undo.kind === 'agent.restore' ? undo.config : undo.path;
}
