// What of this machine's file system is mounted somewhere: such paths need care.
import { dirname } from 'node:path';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { nullIfMissing } from './errors.ts';
import type { FileSystem } from './file-system.ts';

/** Whether a running container has this one file bind-mounted: it would keep the old inode after a rename. Assumed when Docker does not answer, since writing in place is right for every file. */
export async function isMountedAlone(host: Host, hostPath: string): Promise<boolean> {
  const real = async (path: string) => host.files.realpath(path).catch(() => path);
  const path = await real(hostPath);
  try {
    for (const { source } of await mountsOfContainers(host)) if ((await real(source)) === path) return true;
    return false;
  } catch {
    return true;
  }
}

/** The running containers that have one of these files or directories, or anything in them, under whatever name. Throws when Docker does not answer. */
export async function containersUsing(host: Host, inodes: Set<string>): Promise<string[]> {
  const found = new Set<string>();
  for (const { container, source } of await mountsOfContainers(host))
    if (!found.has(container) && (await isOneOf(inodes, source, host.files))) found.add(container);
  return [...found];
}

/** Tells one file from another, as `inodes` above. */
export function inodeOf({ dev, ino }: { dev: number; ino: number }): string {
  return `${dev}:${ino}`;
}

async function isOneOf(inodes: Set<string>, path: string, files: FileSystem): Promise<boolean> {
  const real = await files.realpath(path).catch(() => path);
  for (let at = real; ; at = dirname(at)) {
    const found = await files.stat(at).catch(nullIfMissing);
    if (found && inodes.has(inodeOf(found))) return true;
    if (at === dirname(at)) return false;
  }
}

async function mountsOfContainers(host: Host): Promise<{ container: string; source: string }[]> {
  const containers = await host.docker.listContainers({ abortSignal: within(5_000) });
  return containers.flatMap(({ Names, Mounts }) =>
    // A tmpfs has no source.
    Mounts.filter(({ Source }) => Source).map(({ Source }) => ({
      container: (Names[0] ?? '').slice(1),
      source: Source,
    })),
  );
}
