// The machine itself: its worker, rights, names and ports, and how URLs answer from it.
import type { AccessAsk } from './access.ts';
import type { Machine } from '../schema/plan.ts';
import type { FileEdit } from './files.ts';
import type { HttpTarget, NatsTarget } from './target.ts';

export interface HostActivities {
  describeMachine(): Promise<MachineFacts>;
  /** Tries what the steps need and changes nothing. */
  checkRights(ask: RightsAsk): Promise<Right[]>;
  /** Resolves names here, and inside a container of the image with the given extra hosts. */
  resolveNames(ask: { names: string[]; hosts: Record<string, string>; image: string }): Promise<NameFound[]>;
  /**
   * Who listens on TCP ports here, from /proc; `container` when a published port of Docker's. With `addresses`, who is in the way of one that
   * listens there; workers of before look at every address.
   */
  portHolders(ask: { ports: number[]; addresses?: string[] }): Promise<PortHolder[]>;
  /** One request, with a time-out of its own; never throws for what the server answers. */
  probe(ask: { url: HttpTarget; timeoutMs: number }): Promise<Probe>;
  /** Asks until the answer is 2xx or the time is over; gives the last answer. */
  awaitReady(ask: { url: HttpTarget; withinMs: number }): Promise<Probe & { waitedMs: number }>;
  /** TCP connects to each target; used to prove a partition and its end. */
  probeTcp(ask: {
    targets: { address: string; port: number }[];
    timeoutMs: number;
  }): Promise<{ target: string; connected: boolean; error?: string }[]>;
}

export interface MachineFacts {
  machine: string;
  hostname: string;
  /** Digest of the product's own build: the same on all workers. */
  build: string;
  node: string;
  uid: number;
  /** Own clock less the Temporal server's, by the activity's schedule time. */
  clockOffsetMs: number;
  /** What its own plan says of the machine. Workers of before do not tell it. */
  planned?: PlannedAs;
  /** Of its interfaces. */
  addresses?: string[];
}

export type PlannedAs = Pick<Machine, 'address' | 'root' | 'docker' | 'supervisor' | 'state'>;

export interface RightsAsk {
  /** Each directory's nearest existing parent must be writable. */
  directories: string[];
  files: string[];
  programs: string[];
  images: string[];
  partition: boolean;
  chown: boolean;
  /** A program that may take longer than this for its stop is named. */
  stopWithin?: number;
  makes?: Makes;
  /**
   * Files of others that a step edits: each must take its edit, and load by the agent's own check, if it has one. Workers of before do not look,
   * or ask no check.
   */
  edits?: { paths: string[]; edit: FileEdit; checks?: Record<string, OwnCheck> }[];
  /** The hub that is there before the week: it must have loaded the jobs of its file, and the file must take the edit. */
  hubFile?: HubFile;
  /** Pilots that supervisord does not run, with their logs where these are not files of the plan. Workers of before do not look. */
  moved?: { program: string; config: string; log?: string }[];
  /** Programs that are moved: each must run. Workers of before do not look. */
  running?: string[];
  /** Directories that must have so much free, or the nearest parents that are there. Workers of before do not look. */
  room?: { path: string; atLeast: number }[];
  /** Variables that supervisord gives programs. Workers of before do not look. */
  environments?: { program: string; env: { name: string; value: string } }[];
  /** How targets are asked, and answer; left out where the plan secures none. */
  access?: AccessAsk;
}

/** The command with which an agent checks a configuration, and the program whose agent it is, as a machine is asked for it. */
export interface OwnCheck {
  command: string[];
  program: string;
}

export interface HubFile {
  url: HttpTarget;
  path: string;
  /** Its container, whose promtool is asked about the file with the edit. Weeks of before do not say. */
  container?: string;
  /** Whether the plan has it reload over HTTP. Weeks of before do not say. */
  lifecycle?: boolean;
  edit: Extract<FileEdit, { kind: 'scrape-jobs' }>;
}

/** What a run is going to make here without leave to take it over: nothing of it may be there, made by others. */
export interface Makes {
  run: string;
  containers: string[];
  directories: string[];
  jobs: { path: string; names: string[] }[];
  streams: { server: NatsTarget; name: string }[];
  /** Each is free, or published by this container, whose it is being another matter. Workers of before do not look at this nor at what follows. */
  ports?: { port: number; container: string }[];
  /** Where these are published; left out: on every interface. Workers of before look at every address. */
  addresses?: string[];
  /** Directories that may be there must be this user's, `uid:gid`. */
  owners?: { path: string; owner: string }[];
  /** Containers, and streams with the consumers that the week needs of them, which the plan takes over. */
  adopted?: { containers: string[]; streams: { server: NatsTarget; name: string; consumers: string[] }[] };
}

export interface Right {
  what: string;
  ok: boolean;
  /** What was found, and how to mend it. */
  detail: string;
  /** What works, and people should know. */
  warning?: string;
}

export interface NameFound {
  name: string;
  here: string | null;
  /** All that it resolves to here. Workers of before tell only one. */
  all?: string[];
  inContainer: boolean;
  detail?: string;
}

export interface PortHolder {
  port: number;
  free: boolean;
  pid?: number;
  process?: string;
  container?: string;
}

export interface Probe {
  url: string;
  ok: boolean;
  status?: number;
  latencyMs: number;
  error?: string;
  /** Who asks is refused, or lacks what to ask with: it says nothing of whether the target is up. Workers of before do not tell it. */
  unknown?: true;
}
