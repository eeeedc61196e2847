// Whether a container can be an agent that is moved: a stop leaves it there, it sees its configuration, and its log can be read.
import { posix } from 'node:path';
import type { Host } from '../context/host.ts';
import { refusal } from '../context/refusal.ts';
import { isWithin } from '../files/paths.ts';
import { inspect, type Inspected } from './container.ts';

/** Throws ProgramUnfit. What is there of its mounts is looked at, whether it runs or not. */
export async function refuseUnfit(host: Host, name: string, config: string): Promise<void> {
  const found = await inspect(host, name);
  if (!found) return;
  const called = `The container ${name} on ${host.machine}`;
  if (found.HostConfig.AutoRemove)
    throw refusal(
      'ProgramUnfit',
      `${called} was started with --rm, so it would be gone when it is stopped: start it without`,
    );
  if ((await seenAs(host, found, config)) === null)
    throw refusal(
      'ProgramUnfit',
      `${called} mounts neither ${config} nor a directory that it lies in, so it would not see another one: mount it (docker run --volume ${posix.dirname(config)}:…), or give the path on the machine that it has mounted`,
    );
}

/** The path by which a container sees a file of the machine; null when it does not. Of mounts in mounts it is the innermost. */
export async function seenAs(host: Host, { Mounts }: Inspected, planned: string): Promise<string | null> {
  const real = async (path: string) => host.files.realpath(path).catch(() => path);
  const file = await real(host.path(planned));
  const seen = await Promise.all(
    Mounts.filter(({ Source }) => Source).map(async ({ Source, Destination }) => {
      const source = await real(Source);
      if (!isWithin(source, file)) return [];
      const below = posix.relative(source, file);
      return [{ below, path: posix.join(Destination, below) }];
    }),
  );
  const [nearest] = seen.flat().sort((one, other) => one.below.length - other.below.length);
  return nearest?.path ?? null;
}

/** The file in which Docker keeps what it writes. Throws where there is none. */
export async function logFile(host: Host, name: string): Promise<string> {
  const found = await inspect(host, name);
  if (!found) throw new Error(`Docker on ${host.machine} has no container ${name}, so it has no log`);
  const { LogPath } = found as Inspected & { LogPath?: string };
  if (LogPath) return LogPath;
  throw new Error(
    `Docker on ${host.machine} keeps the log of ${name} in no file (its log driver is ${found.HostConfig.LogConfig?.Type}): run it with json-file, or have it write a file of the machine, and name that in the plan (log)`,
  );
}
