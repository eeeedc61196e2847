// What of this machine's file system is mounted somewhere: such paths need care.
import { readFile } from 'node:fs/promises';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { isWithin } from './paths.ts';

/** Whether a running container has this one file bind-mounted: it would keep the old inode after a rename. Assumed when Docker does not answer, since writing in place is right for every file. */
export async function isMountedAlone(host: Host, hostPath: string): Promise<boolean> {
  const path = await host.files.realpath(hostPath).catch(() => hostPath);
  try {
    return (await mountsOfContainers(host)).some(({ source }) => source === path || source === hostPath);
  } catch {
    return true;
  }
}

/** The running containers that use a directory or anything in it. Throws when Docker does not answer. */
export async function containersUsing(host: Host, hostPath: string): Promise<string[]> {
  return [
    ...new Set(
      (await mountsOfContainers(host))
        .filter(({ source }) => isWithin(hostPath, source))
        .map(({ container }) => container),
    ),
  ];
}

/** Mount points of this host in a directory, itself included. */
export async function mountPointsIn(hostPath: string): Promise<string[]> {
  const points = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => isWithin(hostPath, point));
}

async function mountsOfContainers(host: Host): Promise<{ container: string; source: string }[]> {
  const containers = await host.docker.listContainers({ abortSignal: within(5_000) });
  return containers.flatMap(({ Names, Mounts }) =>
    Mounts.map(({ Source }) => ({ container: (Names[0] ?? '').slice(1), source: Source })),
  );
}
