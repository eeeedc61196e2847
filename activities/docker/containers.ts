// Containers of one machine, matched by a label with the digest of their specification.
import { ApplicationFailure } from '@temporalio/common';
import type Docker from 'dockerode';
import { runLabel, specLabel } from '../../plan/names.ts';
import type {
  ContainerActivities,
  ContainerSpec,
  ContainerState,
  Deployed,
  LogMatches,
  Port,
} from '../../plan/machine-api/containers.ts';
import { portText } from '../../plan/machine-api/ports.ts';
import type { Host } from '../context/host.ts';
import { inspect, removeContainer, type Inspected } from './container.ts';
import { createOptions, seconds, specDigest } from './container-spec.ts';
import { answerMs, engine, statusOf, unless } from './engine.ts';
import { ensureImage, resolveImage } from './images.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { plainLog, runOnce } from './run-once.ts';

export function containerActivities(host: Host, ledger: Ledger): ContainerActivities {
  return {
    async dockerVersion() {
      const { Version, ApiVersion, Os } = await engine(host, 'say its version', () => host.docker.version());
      return { version: Version, apiVersion: ApiVersion, os: Os };
    },
    ensureImage: ({ image }) => ensureImage(host, image),
    resolveImage: ({ image }) => resolveImage(host, image),

    async deployContainer({ change, spec }) {
      refuseForeign(host, await inspect(host, spec.name));
      return ledger.change(
        change,
        `container ${spec.name}`,
        async () => ({
          kind: 'container.remove',
          name: spec.name,
          specDigest: specDigest(spec),
          stopGraceMs: spec.stopGraceMs,
        }),
        () => converge(host, change.run, spec),
      );
    },

    async inspectContainer({ name }) {
      return stateOf(await inspect(host, name), host.planned);
    },

    async restartContainer({ name, stopGraceMs }) {
      // A restart keeps the restart policy; a stop or a kill through the API would switch it off.
      await engine(
        host,
        `restart ${name}`,
        (abortSignal) => host.docker.getContainer(name).restart({ t: seconds(stopGraceMs), abortSignal }),
        stopGraceMs + answerMs,
      );
      const { State } = await engine(host, `inspect ${name}`, (abortSignal) =>
        host.docker.getContainer(name).inspect({ abortSignal }),
      );
      return { stoppedMs: Date.parse(State.StartedAt) - Date.parse(State.FinishedAt), startedAt: State.StartedAt };
    },

    async containerLog({ name, sinceMs, patterns }) {
      const log = await engine(host, `read the log of ${name}`, (abortSignal) =>
        host.docker
          .getContainer(name)
          .logs({ stdout: true, stderr: true, follow: false, since: (sinceMs / 1000).toFixed(3), abortSignal }),
      );
      return matchLines(await plainLog(host, log), patterns);
    },

    runOnce: (ask) => runOnce(host, ask),
  };
}

/** Brings the container to its specification from whatever is there; so it can be run again after a crash at any point. */
async function converge(host: Host, run: string, spec: ContainerSpec): Promise<Deployed> {
  const digest = specDigest(spec);
  let replaces = false;
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const found = await inspect(host, spec.name);
    refuseForeign(host, found);
    if (found?.Config.Labels[specLabel] === digest && found.State.Status !== 'removing')
      return { id: found.Id, action: await startIfStopped(host, found), specDigest: digest };
    if (found) {
      await removeContainer(host, spec.name, spec.stopGraceMs);
      replaces = true;
    }
    const created = await create(host, run, spec);
    if (!created) continue;
    await start(host, created, spec.name);
    return { id: created.id, action: replaces ? 'replaced' : 'created', specDigest: digest };
  }
  throw new Error(
    `The name ${spec.name} on ${host.machine} is taken anew each time: find out who else creates that container`,
  );
}

/** Null when somebody took the name since we looked. */
async function create(host: Host, run: string, spec: ContainerSpec): Promise<Docker.Container | null> {
  try {
    return await engine(host, `create ${spec.name}`, (abortSignal) =>
      host.docker.createContainer({ ...createOptions(spec, run, host.path), abortSignal }),
    );
  } catch (error) {
    if (statusOf(error) === 409) return null;
    throw error;
  }
}

async function startIfStopped(host: Host, found: Inspected): Promise<'kept' | 'started'> {
  const name = found.Name.slice(1);
  const container = host.docker.getContainer(found.Id);
  if (found.State.Paused) {
    await engine(host, `unpause ${name}`, (abortSignal) => container.unpause({ abortSignal }));
    return 'started';
  }
  if (found.State.Running) return 'kept';
  await start(host, container, name);
  return 'started';
}

async function start(host: Host, container: Docker.Container, name: string): Promise<void> {
  // 304: it runs already.
  await unless(
    [304],
    engine(host, `start ${name}`, (abortSignal) => container.start({ abortSignal })),
  );
}

function refuseForeign(host: Host, found: Inspected | null): void {
  if (!found || found.Config.Labels?.[specLabel]) return;
  const name = found.Name.slice(1);
  throw ApplicationFailure.nonRetryable(
    `${host.machine} already has a container ${name} that is not ours (image ${found.Config.Image}, ${found.State.Status}, no label ${specLabel}). ` +
      `Rename it ("docker rename ${name} ${name}-old") or remove it, or give ours another name in the plan`,
    'ForeignContainer',
  );
}

/** What of Docker's answer the week looks at. `planned` gives a path of this host as the plan knows it. */
export function stateOf(found: Inspected | null, planned: (hostPath: string) => string): ContainerState {
  if (!found)
    return {
      exists: false,
      ours: false,
      running: false,
      status: 'missing',
      image: '',
      specDigest: null,
      restartPolicy: '',
      published: [],
      ports: [],
      binds: [],
      command: [],
      startedAt: '',
      pid: 0,
      restarts: 0,
    };
  const { State, Config, HostConfig, Mounts } = found;
  const published = portsIn(HostConfig.PortBindings as Record<string, { HostPort: string }[] | null> | null);
  return {
    exists: true,
    ours: runLabel in (Config.Labels ?? {}),
    running: State.Running && !State.Paused && !State.Restarting,
    status: State.Status,
    image: Config.Image,
    specDigest: Config.Labels?.[specLabel] ?? null,
    restartPolicy: HostConfig.RestartPolicy?.Name ?? '',
    published,
    ports: published.map(portText).sort(),
    binds: Mounts.flatMap((mount) =>
      mount.Type === 'bind' ? [`${planned(mount.Source)}:${mount.Destination}`] : [],
    ).sort(),
    command: Config.Cmd ?? [],
    startedAt: State.StartedAt,
    pid: State.Pid,
    restarts: (found as Inspected & { RestartCount: number }).RestartCount,
  };
}

function portsIn(bindings: Record<string, { HostPort: string }[] | null> | null): Port[] {
  return Object.entries(bindings ?? {}).flatMap(([port, hosts]) =>
    port.endsWith('/tcp')
      ? (hosts ?? []).map(({ HostPort }) => ({ host: Number(HostPort), container: Number.parseInt(port) }))
      : [],
  );
}

/** Counts lines and those that match any pattern; keeps the first five. */
export function matchLines(text: string, patterns: string[]): LogMatches {
  const wanted = patterns.map((pattern) => new RegExp(pattern));
  const lines = text.split('\n').filter(Boolean);
  const matching = lines.filter((line) => wanted.some((pattern) => pattern.test(line)));
  return {
    lines: lines.length,
    matches: matching.length,
    first: matching.slice(0, 5).map((line) => line.slice(0, 300)),
  };
}
