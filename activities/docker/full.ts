// Docker's disk, where that is full: Docker says which of its files it could not write, and not always why.
import { once } from 'node:events';
import { statfs } from 'node:fs/promises';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';

const infoMs = 2_000;
/** A container alone takes more. */
const nearlyFull = { bytes: 256 * 1024, inodes: 64 };

export function isFullDisk(message: string): boolean {
  return /no space left on device|disk quota exceeded/i.test(message);
}

/** What Docker said, with what is to be done where its disk is full. `itsFault`: it was not the request that was wrong. */
export async function withRoom(host: Host, said: string, itsFault: boolean): Promise<string> {
  if (!itsFault && !isFullDisk(said)) return said;
  const root = await dataRoot(host);
  if (!isFullDisk(said) && !(root && (await isNearlyFull(root)))) return said;
  return `${said}: the disk with Docker's data${root ? ` (${root})` : ''} is full, free some space there`;
}

/** Throws, naming the disk, where it has hardly room for a container; where that can't be seen Docker says it later. */
export async function mustHaveRoom(host: Host, what: string): Promise<void> {
  const root = await dataRoot(host);
  if (root && (await isNearlyFull(root)))
    throw new Error(`${what} on ${host.machine}: the disk with Docker's data (${root}) is full, free some space there`);
}

async function dataRoot(host: Host): Promise<string | undefined> {
  try {
    const info: { DockerRootDir?: string } = await Promise.race([host.docker.info(), once(within(infoMs), 'abort')]);
    return info.DockerRootDir;
  } catch {
    return undefined;
  }
}

async function isNearlyFull(directory: string): Promise<boolean> {
  try {
    const { bavail, bsize, files, ffree } = await statfs(directory);
    return bavail * bsize < nearlyFull.bytes || (files > 0 && ffree < nearlyFull.inodes);
  } catch {
    return false;
  }
}
