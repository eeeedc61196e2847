// What is in a directory that the week made: whose it is, and taking away what is the week's.
import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Mounted, Undo } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { closing } from '../files/bytes.ts';
import type { FileSystem, Status } from '../files/file-system.ts';
import { mountsOfHost } from '../files/mountinfo.ts';
import { inodeOf } from '../files/mounts.ts';
import { isWithin } from '../files/paths.ts';
import type { Round } from '../ledger/rollback.ts';

export interface Place {
  /** As the plan has it. */
  path: string;
  /** On this host, links resolved. */
  real: string;
  files: FileSystem;
  /** Whether the week or one of its containers put this there; null when it is as good as gone. */
  isOurs(path: string, status: Status): boolean | null;
}

interface Contents {
  /** Paths of the plan, a directory with all that is in it. */
  foreign: string[];
  /** Of the directory and of all that is ours in it. */
  inodes: Set<string>;
}

/** Looks through a directory, and with `remove` takes out what is ours. Nobody can lead it elsewhere meanwhile: each directory is held open. */
export async function contentsOf({ path, real, files, isOurs }: Place, remove: boolean): Promise<Contents> {
  const found: Contents = { foreign: [], inodes: new Set() };

  /** Whether nothing of others is in it. */
  async function lookThrough(at: string, planned: string): Promise<boolean> {
    const directory = await files.open(at, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    return closing(directory, async () => {
      found.inodes.add(inodeOf(await directory.stat()));
      const held = `/proc/self/fd/${directory.fd}`;
      let ours = true;
      for (const name of await files.readdir(held)) ours = (await take(join(held, name), join(planned, name))) && ours;
      if (remove && !ours) await directory.sync();
      return ours;
    });
  }

  async function take(at: string, planned: string): Promise<boolean> {
    const status = await files.lstat(at);
    const ours = isOurs(planned, status);
    if (ours === null) return true;
    if (!ours) {
      found.foreign.push(status.isDirectory() ? `${planned}/` : planned);
      return false;
    }
    found.inodes.add(inodeOf(status));
    if (status.isDirectory() && !(await lookThrough(at, planned))) return false;
    if (remove) await (status.isDirectory() ? files.rmdir(at) : files.unlink(at));
    return true;
  }

  if (isOurs(path, await files.lstat(real)) === false) found.foreign.push(path);
  else await lookThrough(real, path);
  return found;
}

/**
 * Ours is a directory that was made, and what is in a container's mount and belongs to its user. Not ours is what is mounted there, and what
 * lies beside the week's configuration: a container only reads there, unless it has no other directory.
 */
export async function ownership(
  host: Host,
  { path, mounted }: Extract<Undo, { kind: 'directory.remove' }>,
  real: string,
  { known, foreseen }: Round,
): Promise<Place['isOurs']> {
  const points = (await mountsOfHost()).map(({ point }) => point);
  const mounts = mounted ?? (await mountedOnce(host, path, real));
  const configurations =
    mounted?.length === 1
      ? []
      : known.flatMap(({ undo }) => (undo.kind === 'file.restore' ? [dirname(undo.path)] : []));
  return (planned, status) => {
    if (foreseen.get(planned) === null) return null;
    if (points.includes(join(real, planned.slice(path.length)))) return false;
    if (planned === path || mounts.some((mount) => isWithin(planned, mount.path))) return status.isDirectory();
    const [mount] = mounts
      .filter((one) => isWithin(one.path, planned))
      .sort((one, other) => other.path.length - one.path.length);
    if (!mount || status.uid !== Number(mount.owner.split(':')[0])) return false;
    return !configurations.some((directory) => isWithin(mount.path, directory) && isWithin(directory, planned));
  };
}

/** A ledger of before: the directories that were made in it, and itself where it was given to a container. */
async function mountedOnce({ files }: Host, path: string, real: string): Promise<Mounted[]> {
  const ownerOf = ({ uid, gid }: Status) => `${uid}:${gid}`;
  const all: Mounted[] = [];
  const itself = await files.lstat(real);
  if (itself.uid !== process.getuid?.()) all.push({ path, owner: ownerOf(itself) });
  for (const name of await files.readdir(real)) {
    const status = await files.lstat(join(real, basename(name)));
    if (status.isDirectory()) all.push({ path: join(path, name), owner: ownerOf(status) });
  }
  return all;
}
