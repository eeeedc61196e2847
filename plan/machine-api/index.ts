// What a machine's worker can do: the interface between workflow and machines. Activities measure, they never judge.
// All host paths are those of the plan; the worker puts them under its machine's root. All durations are milliseconds.
import type { Ranges } from '../evidence/sequence-sets.ts';
import type { Measured } from '../evidence/measured.ts';
import type { Fault, ReloadSpec, Scope, Undone } from '../week/undo.ts';

/** Whose change it is: goes into the ledger with the undo, before the change. */
export interface Change {
  run: string;
  step: string;
}

export interface MachineActivities
  extends HostActivities, Containers, Files, Prometheus, Nats, Agents, Faults, LedgerActivities {}

export interface HostActivities {
  describeMachine(): Promise<MachineFacts>;
  /** Tries what the steps need and changes nothing. */
  checkRights(ask: RightsAsk): Promise<Right[]>;
  /** Resolves names here, and inside a container of the image with the given extra hosts. */
  resolveNames(ask: { names: string[]; hosts: Record<string, string>; image: string }): Promise<NameFound[]>;
  /** Who listens on TCP ports here, from /proc; `container` when a published port of Docker's. */
  portHolders(ask: { ports: number[] }): Promise<PortHolder[]>;
  /** One request, with a time-out of its own; never throws for what the server answers. */
  probe(ask: { url: string; timeoutMs: number }): Promise<Probe>;
  /** Asks until the answer is 2xx or the time is over; gives the last answer. */
  awaitReady(ask: { url: string; withinMs: number }): Promise<Probe & { waitedMs: number }>;
  /** Response times of URLs, CPU, memory and network of machine, containers and programs, over `durationMs`. */
  measureImpact(ask: ImpactAsk): Promise<Impact>;
  /** Goes on from the totals so far until `untilMs` or cancelled, and gives the new totals. Nothing that does not answer ends it. */
  measure(ask: MeasureAsk): Promise<Measured>;
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
}

export interface RightsAsk {
  /** Each directory's nearest existing parent must be writable. */
  directories: string[];
  files: string[];
  programs: string[];
  images: string[];
  partition: boolean;
  chown: boolean;
}
export interface Right {
  what: string;
  ok: boolean;
  /** What was found, and how to mend it. */
  detail: string;
}
export interface NameFound {
  name: string;
  here: string | null;
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
}

export interface ImpactAsk {
  durationMs: number;
  urls: Record<string, string>;
  containers: string[];
  programs: string[];
}
export interface Impact {
  at: number;
  durationMs: number;
  /** By name of the URL. */
  responseMs: Record<string, { samples: number; failed: number; p50: number; p95: number; p99: number }>;
  /** cpuPercent is of one core. */
  containers: Record<string, Usage>;
  programs: Record<string, Usage>;
  /** cpuPercent is of the whole machine; memoryPercent of its memory. */
  machine: {
    cpuPercent: number;
    memoryPercent: number;
    memoryBytes: number;
    cores: number;
    receivedBytesPerS: number;
    sentBytesPerS: number;
  };
}
export interface Usage {
  cpuPercent: number;
  memoryBytes: number;
}

export interface MeasureAsk {
  soFar: Measured;
  untilMs: number;
  intervalMs: number;
  timeoutMs: number;
  /** By target: up while it answers 2xx. `timed` ones also leave their response times. */
  urls: Record<string, { url: string; timed: boolean }>;
  /** By target: up while supervisord says RUNNING. */
  programs: Record<string, string>;
  /** Whose CPU and memory are counted, with those of the programs. */
  containers: string[];
  /** Messages to other machines through the NATS server of this one, and the subject on which this one answers theirs. */
  messages: { server: string; answers: string; to: Record<string, string>; run: string };
}

export interface Containers {
  dockerVersion(): Promise<{ version: string; apiVersion: string; os: string }>;
  /** Makes the image present and says what it is: digest where the registry gave one, else the image's id. */
  ensureImage(ask: { image: string }): Promise<ImageFound>;
  /** The same without pulling: null when it is not here and no registry answers. */
  resolveImage(ask: { image: string }): Promise<ImageFound | null>;
  /** Same specification by label: starts it. Different and ours: replaces it. Someone else's: throws ForeignContainer. */
  deployContainer(ask: { change: Change; spec: ContainerSpec }): Promise<Deployed>;
  inspectContainer(ask: { name: string }): Promise<ContainerState>;
  restartContainer(ask: { name: string; stopGraceMs: number }): Promise<{ stoppedMs: number; startedAt: string }>;
  /** Lines of the container's log since a time that match any of the patterns: the count, and the first few. */
  containerLog(ask: { name: string; sinceMs: number; patterns: string[] }): Promise<LogMatches>;
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
  ports: { host: number; container: number }[];
  binds: Bind[];
  command: string[];
  /** Name → address: Docker ignores the host's /etc/hosts. */
  extraHosts: Record<string, string>;
  stopGraceMs: number;
}
export interface Deployed {
  id: string;
  action: 'created' | 'started' | 'kept' | 'replaced';
  specDigest: string;
}
export interface ContainerState {
  exists: boolean;
  ours: boolean;
  running: boolean;
  status: string;
  image: string;
  specDigest: string | null;
  restartPolicy: string;
  /** "9100->9090" */
  ports: string[];
  /** "HOST:CONTAINER" with the plan's host paths (root taken off). */
  binds: string[];
  command: string[];
  startedAt: string;
  pid: number;
  restarts: number;
}
export interface LogMatches {
  lines: number;
  matches: number;
  first: string[];
}

export interface Files {
  /** Makes the directories that are missing, with their owner; puts the owner right on those we made. `base` is removed by undo if we made it. */
  ensureDirectories(ask: {
    change: Change;
    base: string;
    directories: { path: string; owner: string }[];
  }): Promise<DirectoryState[]>;
  directoryState(ask: { path: string }): Promise<DirectoryState>;
  /** Writes a whole file. Same content: nothing happens. */
  writeFile(ask: { change: Change; path: string; content: string; owner: string }): Promise<Written>;
  /** Edits a file in place, comments and order kept (plan/render/edit.ts). Bind-mounted files keep their inode. */
  editFile(ask: { change: Change; path: string; edit: FileEdit; reload?: ReloadSpec }): Promise<Written>;
  digestFile(ask: { path: string }): Promise<{ exists: boolean; sha256: string | null; bytes: number }>;
}
export interface DirectoryState {
  path: string;
  exists: boolean;
  owner: string;
  /** Octal, such as "755". */
  mode: string;
  freeBytes: number;
  made: boolean;
}
export interface Written {
  path: string;
  sha256: string;
  changed: boolean;
}
/** Edits that plan/render/edit.ts knows how to make in text. */
export type FileEdit = { kind: 'scrape-jobs'; jobs: ScrapeJob[] } | { kind: 'dual-hub'; settings: DualHubSettings };
export interface ScrapeJob {
  job_name: string;
  honor_labels: boolean;
  static_configs: { targets: string[] }[];
}
/** Seed: task 2D, step 2. Seconds, as agents read them. */
export interface DualHubSettings {
  hub_endpoints: { primary: string; fallback: string; pushgateway: string };
  failover_config: {
    health_check_interval: number;
    max_retries: number;
    failover_threshold: number;
    recovery_timeout: number;
    probe_interval: number;
    probe_timeout: number;
    batch_timeout: number;
  };
  nats: { nats_url: string; health_subject: string; metrics_subject: string };
  environment: Record<string, string>;
}

export interface Prometheus {
  /** HTTP where lifecycle is on, else SIGHUP to State.Pid; waits until the hub says which configuration it runs. */
  reloadHub(ask: {
    reload: ReloadSpec;
    jobs: string[];
  }): Promise<{ how: 'http' | 'signal'; successful: boolean; jobs: string[]; waitedMs: number }>;
  /** Instant query, asked until it has at least `atLeast` series or the time is over. */
  query(ask: {
    hub: string;
    query: string;
    withinMs: number;
    atLeast?: number;
    atMs?: number;
  }): Promise<{ series: Series[]; waitedMs: number; error?: string }>;
  /** Active targets, asked until all of `jobs` (none: any) are there with every target up, or the time is over. */
  targets(ask: {
    hub: string;
    jobs: string[];
    withinMs: number;
  }): Promise<{ targets: Target[]; waitedMs: number; error?: string }>;
  /** Firing alerts, asked until `alert` fires or the time is over; and the rules that are loaded. */
  alerts(ask: {
    hub: string;
    alert: string;
    withinMs: number;
  }): Promise<{ rules: string[]; firing: string[]; waitedMs: number; error?: string }>;
  /** Version, retention as Prometheus gives it, the scrape jobs of the running configuration, how far back the samples go. */
  hubStatus(ask: { hub: string }): Promise<HubStatus>;
  /** Posts one empty remote write and gives the answer: whether the receiver is on. */
  probeReceiver(ask: { hub: string }): Promise<Probe>;
  /** The values of a metric as sequence numbers, read back as raw samples in a time window, over all series that match. */
  readSequences(ask: {
    hub: string;
    selector: string;
    fromMs: number;
    toMs: number;
  }): Promise<{ sequences: Ranges; samples: number }>;
  pushMetric(ask: { gateway: string; job: string; instance: string; metric: string; value: number }): Promise<Probe>;
  /** The metric's value on the gateway, or null. */
  readPushed(ask: {
    gateway: string;
    job: string;
    instance: string;
    metric: string;
  }): Promise<{ value: number | null }>;
  deletePushed(ask: { gateway: string; job: string; instance: string }): Promise<Probe>;
}
export interface Series {
  labels: Record<string, string>;
  value: number;
  /** Unix seconds of the evaluation. */
  at: number;
}
export interface Target {
  job: string;
  instance: string;
  health: string;
  lastError: string;
}
export interface HubStatus {
  version: string;
  retention: string;
  jobs: string[];
  outOfOrderWindow: string | null;
  scrapeInterval: string;
  reloadSuccessful: boolean;
  oldestSampleMs: number | null;
}

export interface Nats {
  natsConnect(ask: {
    server: string;
    withinMs: number;
  }): Promise<{ connected: boolean; ms: number; name?: string; cluster?: string; jetstream?: boolean; error?: string }>;
  /** /varz, /routez and /jsz of one server, asked until it sees `nodes` distinct servers and a meta leader, or the time is over. */
  natsCluster(ask: { monitor: string; nodes: number; withinMs: number }): Promise<ClusterView>;
  /** Core subscription: collects messages that begin with `nonce` until `count` distinct ones are there or the time is over. */
  natsListen(ask: {
    server: string;
    subject: string;
    nonce: string;
    count: number;
    withinMs: number;
  }): Promise<{ received: number; inOrder: boolean; first?: string }>;
  /** Core publish: `count` messages `nonce 1` … `nonce N`, spread over `durationMs`. */
  natsSend(ask: {
    server: string;
    subject: string;
    nonce: string;
    count: number;
    durationMs: number;
  }): Promise<{ sent: number }>;
  ensureStream(ask: {
    change: Change;
    server: string;
    stream: StreamSpec;
    servers: string[];
    goneWith: string[];
  }): Promise<{ created: boolean; differs: string[] }>;
  ensureConsumer(ask: { server: string; stream: string; durable: string }): Promise<{ created: boolean }>;
  /** Leader and peers of a stream, asked until `replicas` are current or the time is over. */
  streamState(ask: { server: string; stream: string; replicas: number; withinMs: number }): Promise<StreamState>;
  /** JetStream publish of `count` messages, one after the other, or as many as fit in `durationMs`; retried with the same Nats-Msg-Id until acknowledged. Acknowledgements are logged before anything is read. */
  publish(ask: PublishAsk): Promise<Published>;
  /** Reads a stream back with an ordered consumer and keeps the messages of this run and publisher. */
  readStream(ask: {
    server: string;
    stream: string;
    run: string;
    publisher: string;
    withinMs: number;
  }): Promise<ReadBack>;
  /** Pulls with the durable consumer until `count` messages of this publisher came, acknowledging each. */
  consume(ask: {
    server: string;
    stream: string;
    durable: string;
    run: string;
    publisher: string;
    count: number;
    withinMs: number;
  }): Promise<ReadBack & { pendingAcks: number }>;
  /** Answers requests on a subject until the time is over or cancelled. */
  natsEcho(ask: { server: string; subject: string; durationMs: number }): Promise<{ answered: number }>;
  /** Request round trips, halved: one clock. Waits for the echo to be there first. */
  natsLatency(ask: {
    server: string;
    subject: string;
    samples: number;
    withinMs: number;
  }): Promise<{ samples: number; failed: number; p50: number; p95: number; p99: number; max: number }>;
  /** Core publish and subscribe on one server, and a direct get of a stream's last message, for a node that is alone. */
  natsAlone(ask: {
    server: string;
    stream: string;
    subject: string;
    withinMs: number;
  }): Promise<{ core: boolean; directGet: boolean; detail?: string }>;
  /** Messages whose payload names this agent, on a subject, since a time: how many came in over NATS. */
  agentMessages(ask: {
    server: string;
    stream: string;
    agent: string;
    sinceMs: number;
    atLeast: number;
    withinMs: number;
  }): Promise<{ messages: number; newest: Record<string, unknown> | null }>;
}
export interface ClusterView {
  server: string;
  cluster: string;
  /** Distinct remote servers of the routes. */
  remotes: string[];
  jetstream: boolean;
  metaLeader: string | null;
  metaSize: number;
  waitedMs: number;
  error?: string;
}
export interface StreamSpec {
  name: string;
  subjects: string[];
  maxAgeMs: number;
  replicas: number;
  duplicateWindowMs: number;
}
export interface StreamState {
  stream: string;
  messages: number;
  lastSequence: number;
  leader: string | null;
  replicas: { name: string; current: boolean; lag: number }[];
  /** Messages by subject. */
  subjects: Record<string, number>;
  consumers: string[];
  waitedMs: number;
  error?: string;
}
export interface PublishAsk {
  server: string;
  subject: string;
  run: string;
  publisher: string;
  count?: number;
  durationMs?: number;
  intervalMs: number;
  /** Give up on one message after this time. */
  retryForMs: number;
}
export interface Published {
  /** Every number that was sent, whether an answer came or not. */
  attempted: Ranges;
  acknowledged: Ranges;
  /** Streams that acknowledged. */
  streams: string[];
  duplicates: number;
  longestStallMs: number;
  retries: number;
  firstAt: number;
  lastAt: number;
}
export interface ReadBack {
  sequences: Ranges;
  messages: number;
  duplicates: number;
  outOfOrder: number;
}

export interface Agents {
  programStatus(ask: { program: string }): Promise<ProgramStatus>;
  /** A JSON value that an agent shows, asked until it is one of `want` and sorts after `after` (neither: is there), or the time is over. Pointer "/" is the whole document. */
  shown(ask: {
    url: string;
    pointer: string;
    method?: 'GET' | 'POST';
    body?: unknown;
    want?: string[];
    after?: string;
    withinMs: number;
  }): Promise<{ found: boolean; value: unknown; waitedMs: number; error?: string }>;
  /** Copies the configuration to NAME.backup, or .backup.RUN when another one is there; verifies the copy. */
  backupConfig(ask: { change: Change; config: string }): Promise<{ backup: string; sha256: string; kept: boolean }>;
  /** Writes NAME.new: the current configuration with the dual-hub settings. */
  writeNewConfig(ask: {
    change: Change;
    config: string;
    edit: FileEdit;
  }): Promise<Written & { changedKeys: string[]; commentsKept: boolean }>;
  /** Validates with our own schema and with the agent's check command, if any. `text` instead of the file is for the validator's own test. */
  validateConfig(ask: { path: string; text?: string; check?: string[] }): Promise<ConfigValidation>;
  /** What a deployment would change: unified difference of the configuration, program state; changes nothing. */
  previewDeploy(ask: {
    config: string;
    program: string;
  }): Promise<{ difference: string; added: number; removed: number; state: string }>;
  /** Stop, swap NAME.new in, validate, start; RUNNING with one pid beyond startsecs and /health answering. */
  deployAgent(ask: { change: Change; agent: AgentSpec; backup: string }): Promise<AgentDeployed>;
  /** Reads a log from an offset (null: its end now) until `untilMs`, through rotation; cancelled, it returns what it has. `lines` counts all, `matches` those that match any pattern. */
  watchLog(ask: {
    path: string;
    fromOffset: number | null;
    untilMs: number;
    patterns: string[];
  }): Promise<LogMatches & { offset: number; bytes: number; watchedMs: number }>;
  logOffset(ask: { path: string }): Promise<{ offset: number }>;
  /** Samples URLs, programs and values until `untilMs` or cancelled: see Observation. */
  observe(ask: ObserveAsk): Promise<Observation>;
  /** The acknowledgements of an agent in a time window, as runs on one hub. */
  readAcks(ask: { path: string; fromMs: number; toMs: number }): Promise<AckRuns>;
  /** Asks the ack log until the newest run is on this hub with at least `acks` acknowledgements, or the time is over. */
  awaitHub(ask: {
    path: string;
    hub: string;
    acks: number;
    sinceMs: number;
    withinMs: number;
  }): Promise<{ reached: boolean; waitedMs: number; hub: string | null }>;
}
export interface ProgramStatus {
  program: string;
  state: string;
  pid: number | null;
  uptimeS: number | null;
}
export interface ConfigValidation {
  ours: { ok: boolean; line?: number; message: string };
  agents: { ok: boolean; output: string } | null;
}
export interface AgentSpec {
  name: string;
  program: string;
  config: string;
  healthUrl: string;
  check?: string[];
  startWithinMs: number;
}
export interface AgentDeployed {
  /** 0 when it does not run. */
  pid: number;
  /** As supervisord says, or UNHEALTHY: it runs, but its health does not answer or its process changed. */
  state: string;
  /** From the stop until its health answered (or was given up). */
  downMs: number;
  sha256: string;
  action: 'swapped' | 'already';
  error?: string;
}
export interface ObserveAsk {
  untilMs: number;
  intervalMs: number;
  timeoutMs: number;
  /** Name → URL that must answer 2xx. */
  urls: Record<string, string>;
  programs: string[];
  containers: string[];
  /** Ends early when a target is down in more samples in a row than this, or a program or container was started again. */
  tolerate: number;
  /** Name → value that must be there. */
  values: Record<string, { url: string; pointer: string; want: string }>;
}
/** Aggregates, not samples. A sample that was not taken is a gap, never up. */
export interface Observation {
  fromMs: number;
  toMs: number;
  samples: number;
  /** Longest time without a sample. */
  longestGapMs: number;
  /** By name of the URL or value, "program NAME" or "container NAME". longestDown counts samples in a row. */
  targets: Record<string, { up: number; down: number; longestDown: number; firstError?: string; firstDownAt?: number }>;
  /** Programs and containers whose pid or start time changed while watched. */
  restarted: string[];
}
export interface AckRuns {
  runs: { hub: string; fromMs: number; toMs: number; sequences: Ranges; count: number }[];
  /** Lines that are no acknowledgement; a last line without its end is not counted. */
  unreadable?: number;
}

export interface Faults {
  /** Injects a fault that lifts itself after `limitMs` with nobody alive. */
  injectFault(ask: { change: Change; fault: Fault; limitMs: number }): Promise<{ at: number }>;
  /** Lifts it now; `dropped` packets for a partition. Lifting twice is fine. */
  liftFault(ask: { run: string; fault: Fault }): Promise<{ at: number; dropped: number }>;
}

export interface LedgerActivities {
  /** Opens the run here. Throws LedgerOpen while another run's entries are not undone, naming it. */
  openLedger(ask: { run: string; plan: string }): Promise<{ entries: number }>;
  /** The week is done: what it made stays, the ledger of the run takes no more changes. */
  keepLedger(ask: { run: string }): Promise<{ entries: number }>;
  /** Closes the run unless the scope is smaller, then undoes newest first, past failures. */
  rollback(ask: { run: string; scope: Scope; dryRun?: boolean }): Promise<Undone[]>;
  /** Who closed the run here and when, and when all of it was undone; null while it is open. */
  closing(ask: { run: string }): Promise<{ by: string; at: number; undoneAt: number | null } | null>;
}
