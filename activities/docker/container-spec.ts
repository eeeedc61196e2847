// A container's specification: its digest, which tells one from another, and what Docker is asked to create. Pure.
import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import { runLabel, specLabel } from '../../plan/names.ts';
import type { Bind, ContainerLimits, ContainerSpec } from '../../plan/machine-api/containers.ts';

/** sha256 of the specification's canonical JSON: the order of keys does not matter, that of lists does. */
export function specDigest(spec: ContainerSpec): string {
  return createHash('sha256').update(canonicalJson(spec)).digest('hex');
}

/** JSON with sorted keys; keys without a value are left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** What Docker is asked to create. `pathOf` gives a path of the plan as a path of this host. */
export function createOptions(
  spec: ContainerSpec,
  run: string,
  pathOf: (path: string) => string,
): Docker.ContainerCreateOptions {
  const ports = spec.ports.map((port) => [`${port.container}/tcp`, String(port.host)] as const);
  // Without an address Docker takes every interface.
  const at = (HostPort: string) => spec.listen?.map((HostIp) => ({ HostIp, HostPort })) ?? [{ HostPort }];
  return {
    name: spec.name,
    Image: spec.image,
    Cmd: spec.command,
    Labels: { [specLabel]: specDigest(spec), [runLabel]: run },
    ExposedPorts: Object.fromEntries(ports.map(([container]) => [container, {}])),
    StopTimeout: seconds(spec.stopGraceMs),
    HostConfig: {
      RestartPolicy: { Name: spec.restart },
      PortBindings: Object.fromEntries(ports.map(([container, HostPort]) => [container, at(HostPort)])),
      Mounts: mountsOf(spec.binds, pathOf),
      ExtraHosts: hostEntries(spec.extraHosts),
      ...limitOptions(spec.limits),
    },
  };
}

/** What is not limited is left to Docker, as its daemon is configured. */
function limitOptions({ cpus, memoryBytes, log }: ContainerLimits = {}): Docker.HostConfig {
  return {
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * nano) }),
    ...(memoryBytes !== undefined && { Memory: memoryBytes }),
    ...(log && {
      LogConfig: {
        Type: logDriver,
        Config: { [logSize]: String(log.maxBytes), [logFiles]: String(log.maxFiles) },
      },
    }),
  };
}

/** Docker drops what its kernel can't limit, and says 0. */
export function limitsIn({ NanoCpus, Memory, LogConfig }: Docker.HostConfig): ContainerLimits {
  const { [logSize]: size, [logFiles]: files } = (LogConfig?.Config ?? {}) as Record<string, string | undefined>;
  return {
    ...(NanoCpus && { cpus: NanoCpus / nano }),
    ...(Memory && { memoryBytes: Memory }),
    ...(LogConfig?.Type === logDriver && size && { log: { maxBytes: Number(size), maxFiles: Number(files ?? 1) } }),
  };
}

const nano = 1e9;
const logDriver = 'json-file';
const logSize = 'max-size';
const logFiles = 'max-file';

/** Mounts, not binds: for a bind Docker makes a missing directory itself, owned by root; a mount is refused. */
export function mountsOf(binds: Bind[], pathOf: (path: string) => string): Docker.MountConfig {
  return binds.map((bind) => ({
    Type: 'bind',
    Source: pathOf(bind.host),
    Target: bind.container,
    ReadOnly: bind.readOnly ?? false,
  }));
}

/** Entries as of `docker run --add-host`. */
export function hostEntries(hosts: Record<string, string>): string[] {
  return Object.entries(hosts).map(([name, address]) => `${name}:${address}`);
}

/** Docker counts whole seconds; a grace is never cut short. */
export function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
