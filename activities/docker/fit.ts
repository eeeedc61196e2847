// Whether a container can be an agent that is moved: a stop leaves it there and nobody starts another, it sees its configuration, and its log can be read.
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
  const refuse = (why: string) => {
    throw refusal('ProgramUnfit', `${called} ${why}`);
  };
  if (found.HostConfig.AutoRemove)
    refuse('was started with --rm, so it would be gone when it is stopped: start it without');
  const orchestrator = orchestratorOf(found);
  if (orchestrator)
    refuse(
      `is run by ${orchestrator}, which would start another one when it is stopped: have Docker run it alone (docker run, docker compose), or take it out of the plan`,
    );
  const views = await viewsOf(host, found, config);
  if (views.some(({ hiddenBy }) => !hiddenBy)) return;
  const [{ path, hiddenBy } = {}] = views;
  if (hiddenBy)
    refuse(
      `sees ${config} nowhere: at ${path} it has ${hiddenBy} mounted over it. Mount that elsewhere, or give the path on the machine of what it sees there`,
    );
  refuse(
    `mounts neither ${config} nor a directory that it lies in, so it would not see another one: mount it (docker run --volume ${posix.dirname(config)}:…), or give the path on the machine that it has mounted`,
  );
}

/** Labels of containers that somebody keeps up beside Docker. */
const orchestrators = {
  'com.docker.swarm.service.id': 'Docker Swarm',
  'io.kubernetes.pod.uid': 'Kubernetes',
  'com.hashicorp.nomad.alloc_id': 'Nomad',
  'com.amazonaws.ecs.task-arn': 'Amazon ECS',
};

function orchestratorOf({ Config: { Labels } }: Inspected): string | undefined {
  return Object.entries(orchestrators).find(([label]) => label in (Labels ?? {}))?.[1];
}

/** The path by which a container sees a file of the machine; null when it does not. Of mounts in mounts it is the innermost. */
export async function seenAs(host: Host, found: Inspected, planned: string): Promise<string | null> {
  const views = await viewsOf(host, found, planned);
  return views.find(({ hiddenBy }) => !hiddenBy)?.path ?? null;
}

interface View {
  path: string;
  /** Where something else is mounted that is seen in its place. */
  hiddenBy?: string;
}

/** Each path at which a mount has the file, that of the innermost first. */
async function viewsOf(host: Host, { Mounts, HostConfig }: Inspected, planned: string): Promise<View[]> {
  const real = async (path: string) => host.files.realpath(path).catch(() => path);
  const file = await real(host.path(planned));
  const destinations = [...Mounts.map(({ Destination }) => Destination), ...Object.keys(HostConfig.Tmpfs ?? {})];
  const views = await Promise.all(
    Mounts.filter(({ Source }) => Source).map(async ({ Source, Destination }) => {
      const source = await real(Source);
      if (!isWithin(source, file)) return [];
      const below = posix.relative(source, file);
      const path = posix.join(Destination, below);
      const hiddenBy = destinations.find((other) => isWithin(other, path) && other.length > Destination.length);
      return [{ below, view: { path, ...(hiddenBy && { hiddenBy }) } }];
    }),
  );
  return views
    .flat()
    .sort((one, other) => one.below.length - other.below.length)
    .map(({ view }) => view);
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
