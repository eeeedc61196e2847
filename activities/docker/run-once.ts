// Containers that run once and are removed, for configuration checks and name resolution.
import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import type { Bind } from '../../plan/machine-api/containers.ts';
import { withoutQuoted } from '../../plan/secrets/quoted.ts';
import { redact } from '../../plan/secrets/redact.ts';
import type { Host } from '../context/host.ts';
import { canonicalJson, hostEntries, mountsOf } from './container-spec.ts';
import { engine, nullOn } from './engine.ts';
import { plainLog } from './log.ts';
import { endOf } from '../../plan/week/cut-text.ts';

export interface OnceAsk {
  image: string;
  entrypoint: string[];
  command: string[];
  binds: Bind[];
  timeoutMs: number;
  extraHosts?: Record<string, string>;
}

const onceLabel = 'io.hubshift.once';
/** Output beyond this is cut off at the front. */
const maxOutput = 16_000;

/** Runs a container to its end and removes it. Throws when it can't start or does not end in time. */
export async function runOnce(host: Host, ask: OnceAsk): Promise<{ exitCode: number; output: string }> {
  const { image, entrypoint, command, binds, extraHosts = {}, timeoutMs } = ask;
  return runToEnd(
    host,
    `"${[...entrypoint, ...command].join(' ')}" in a container of ${image}`,
    {
      Image: image,
      // Empty: the image's own.
      ...(entrypoint.length > 0 ? { Entrypoint: entrypoint } : {}),
      Cmd: command,
      HostConfig: { Mounts: mountsOf(binds, host.path), ExtraHosts: hostEntries(extraHosts) },
    },
    timeoutMs,
  );
}

/** Its name is made of the options, so that running again after a crash replaces what was left. `what` is said in errors. */
export async function runToEnd(
  host: Host,
  what: string,
  options: Docker.ContainerCreateOptions,
  timeoutMs: number,
): Promise<{ exitCode: number; output: string }> {
  const name = `hubshift-once-${createHash('sha256').update(canonicalJson(options)).digest('hex').slice(0, 12)}`;
  await discard(host, name);
  const container = await engine(host, `create a container for ${what}`, (abortSignal) =>
    host.docker.createContainer({
      ...options,
      name,
      Labels: { [onceLabel]: 'true' },
      // Whatever the daemon's own log driver is, this one can be read back.
      HostConfig: { ...options.HostConfig, LogConfig: { Type: 'json-file', Config: {} } },
      abortSignal,
    }),
  );
  try {
    await engine(host, `run ${what}`, (abortSignal) => container.start({ abortSignal }));
    const { StatusCode } = (await engine(
      host,
      `see the end of ${what}`,
      (abortSignal) => container.wait({ abortSignal }),
      timeoutMs,
    )) as { StatusCode: number };
    const logs = await engine(host, `read the output of ${name}`, (abortSignal) =>
      container.logs({ stdout: true, stderr: true, follow: false, abortSignal }),
    );
    // Before it is cut: a value without its key is not known as a secret.
    return { exitCode: StatusCode, output: endOf(redact(withoutQuoted(await plainLog(host, logs))), maxOutput) };
  } finally {
    await discard(host, name);
  }
}

/** Removes what a killed worker left of such containers. Called when a worker starts. */
export async function discardLeftovers(host: Host): Promise<void> {
  const left = await engine(host, 'list containers', (abortSignal) =>
    host.docker.listContainers({ all: true, filters: { label: [onceLabel] }, abortSignal }),
  );
  for (const { Id } of left) await discard(host, Id);
}

/** Also when the activity is cancelled: nothing of it may stay. */
async function discard(host: Host, name: string): Promise<void> {
  await nullOn(
    [404, 409],
    host.docker.getContainer(name).remove({ force: true, v: true, abortSignal: AbortSignal.timeout(10_000) }),
  );
}
