// Containers and images of the machine's Docker.
import type { Change } from './ledger.ts';

export interface ContainerActivities {
  dockerVersion(): Promise<{ version: string; apiVersion: string; os: string }>;
  /** Makes the image present and says what it is: digest where the registry gave one, else the image's id. */
  ensureImage(ask: { image: string }): Promise<ImageFound>;
  /** The same without pulling: null when it is not here and no registry answers. */
  resolveImage(ask: { image: string }): Promise<ImageFound | null>;
  /**
   * Same specification by label: starts it. Different and of this run: replaces it. Someone else's, another run's too: throws
   * ForeignContainer, or with `adopt` is put aside, and started again by the undo; after `notAfterMs` it is not, if that had not begun by
   * then: throws OutOfHours.
   */
  deployContainer(ask: {
    change: Change;
    spec: ContainerSpec;
    adopt?: boolean;
    notAfterMs?: number;
  }): Promise<Deployed>;
  /** Changes nothing. */
  capacity(ask: { directories: string[] }): Promise<Capacity>;
  inspectContainer(ask: { name: string }): Promise<ContainerState>;
  /** Of this run: throws ForeignContainer for another. Weeks of before do not say of which they are. */
  restartContainer(ask: {
    name: string;
    stopGraceMs: number;
    run?: string;
  }): Promise<{ stoppedMs: number; startedAt: string }>;
  /** Lines of the container's log since a time that match any of the patterns, and none of `except`: the count, and the first few. */
  containerLog(ask: { name: string; sinceMs: number; patterns: string[]; except?: string[] }): Promise<LogMatches>;
  /** A container that runs once and is removed; for configuration checks. */
  runOnce(ask: {
    image: string;
    entrypoint: string[];
    command: string[];
    binds: Bind[];
    timeoutMs: number;
  }): Promise<{ exitCode: number; output: string }>;
}

export interface ImageFound {
  image: string;
  id: string;
  /** repo@sha256:… or null where there is none. */
  digest: string | null;
  pulled: boolean;
}

export interface Port {
  host: number;
  container: number;
}

/** A port as a container has it. */
export interface Published extends Port {
  /** Of the machine; left out where it is published on every interface. Workers of before never say it. */
  addresses?: string[];
}

export interface Bind {
  host: string;
  container: string;
  readOnly?: boolean;
}

export interface ContainerSpec {
  name: string;
  /** Digest or image id: what runs. */
  image: string;
  restart: 'always';
  ports: Port[];
  /** Addresses of the machine at which they are published. Left out: on every interface, as Docker does by itself. */
  listen?: string[];
  binds: Bind[];
  command: string[];
  /** Name → address: Docker ignores the host's /etc/hosts. */
  extraHosts: Record<string, string>;
  stopGraceMs: number;
  /** Left out where the plan sets none. */
  limits?: ContainerLimits;
}

/** What a container may use. What is not there is not limited. */
export interface ContainerLimits {
  /** Processors, in parts too. */
  cpus?: number;
  memoryBytes?: number;
  /** Of what it writes to stdout and stderr, which Docker keeps in files of this size, and so many of them. */
  log?: { maxBytes: number; maxFiles: number };
}

/** What Docker has on a machine, and what is free for what containers store. */
export interface Capacity {
  cpus: number;
  memoryBytes: number;
  /** Whether its kernel lets Docker hold a container to a limit. */
  limitsCpus: boolean;
  limitsMemory: boolean;
  /** Of each directory that was asked for, or its nearest parent that is there. `disk` is the same for those that share a file system. */
  free: { path: string; disk: string; bytes: number }[];
}

export interface Deployed {
  id: string;
  action: 'created' | 'started' | 'kept' | 'replaced';
  specDigest: string;
}

export interface ContainerState {
  exists: boolean;
  /** Of any run: `run` says which, null for none. Workers of before do not say. */
  ours: boolean;
  run?: string | null;
  running: boolean;
  status: string;
  image: string;
  specDigest: string | null;
  restartPolicy: string;
  published?: Published[];
  /** `published` as text, for earlier builds, which know nothing else. Read with publishedPorts(). */
  ports: string[];
  /** "HOST:CONTAINER" with the plan's host paths (root taken off). */
  binds: string[];
  command: string[];
  startedAt: string;
  pid: number;
  restarts: number;
  /** As Docker has them, which drops one that its kernel does not know. Workers of before do not say. */
  limits?: ContainerLimits;
}

export interface LogMatches {
  lines: number;
  matches: number;
  first: string[];
}
