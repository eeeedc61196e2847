// A program of a container is asked about another file than the container has: in another one like it, with that file in the place of its own.
import { posix } from 'node:path';
import type Docker from 'dockerode';
import type { Host } from '../context/host.ts';
import type { Checked, ToCheck } from '../programs/runner.ts';
import { inspect, type Inspected } from './container.ts';
import { seenAs } from './fit.ts';
import { runToEnd } from './run-once.ts';

/** An agent's own check of a configuration. `{config}` in the command stands for the path at which it sees its configuration. */
export async function checkBeside(
  host: Host,
  name: string,
  { command, config, file, timeoutMs }: ToCheck,
): Promise<Checked> {
  const like = await inspect(host, name);
  const seen = like && (await seenAs(host, like, config));
  if (!like || !seen)
    return { ok: false, output: `the container ${name} on ${host.machine} is not there, or does not see ${config}` };
  const asked = { command: command.map((part) => part.replaceAll('{config}', seen)), file, seen, timeoutMs };
  const { exitCode, output } = await runBeside(host, `the check of ${name}`, like, asked);
  return { ok: exitCode === 0, output };
}

/**
 * To its end, in a container with the image, user, environment and what the other has mounted, which can only be read there, and no network.
 * `seen` is where the file goes. `what` is said in errors.
 */
export async function runBeside(
  host: Host,
  what: string,
  like: Inspected,
  { command: [entrypoint = '', ...args], file, seen, timeoutMs }: Asked,
): Promise<{ exitCode: number; output: string }> {
  const { Env, User, WorkingDir, Image } = like.Config;
  return runToEnd(
    host,
    what,
    {
      Image: like.Image || Image,
      Entrypoint: [entrypoint],
      Cmd: args,
      Env,
      User,
      WorkingDir,
      NetworkDisabled: true,
      HostConfig: { Mounts: [...readOnly(like, seen), bind(file, seen)], NetworkMode: 'none' },
    },
    timeoutMs,
  );
}

interface Asked {
  command: string[];
  file: string;
  seen: string;
  timeoutMs: number;
}

/** All that it has mounted, but what lies where the new file goes. */
function readOnly({ Mounts }: Inspected, seen: string): Docker.MountSettings[] {
  return Mounts.filter(({ Destination }) => posix.normalize(Destination) !== seen).flatMap(
    ({ Type, Name, Source, Destination }) => {
      if (Type === 'bind') return [bind(Source, Destination)];
      return Type === 'volume'
        ? [{ Type: 'volume' as const, Source: Name ?? '', Target: Destination, ReadOnly: true }]
        : [];
    },
  );
}

function bind(source: string, target: string): Docker.MountSettings {
  return { Type: 'bind', Source: source, Target: target, ReadOnly: true };
}
