// Agents: programs, configurations, logs, acknowledgements.
import type { Ranges } from '../evidence/sequence-sets.ts';
import type { Entries } from '../logs/entries.ts';
import type { LogMatches } from './containers.ts';
import type { AccessBlock, FileEdit, Written } from './files.ts';
import type { Change } from './ledger.ts';
import type { HttpTarget } from './target.ts';

export interface AgentActivities {
  programStatus(ask: { program: string }): Promise<ProgramStatus>;
  /**
   * A JSON value that an agent shows, asked until it is one of `want` and sorts after `after` (neither: is there), or the time is over. Pointer "/" is the
   * whole document. Secrets in it are not told; whether it `matches` a pattern is, where that is asked (earlier builds did not say it). With
   * `orAnswers` an answer of 2xx is enough without it; earlier builds go on asking. `unknown` as of a Probe.
   */
  shown(ask: {
    url: HttpTarget;
    pointer: string;
    method?: 'GET' | 'POST';
    body?: unknown;
    want?: string[];
    after?: string;
    matches?: string;
    orAnswers?: boolean;
    withinMs: number;
  }): Promise<Shown>;
  /** Copies the configuration to NAME.backup, or .backup.RUN when another one is there; verifies the copy. */
  backupConfig(ask: { change: Change; config: string }): Promise<{ backup: string; sha256: string; kept: boolean }>;
  /** Writes NAME.new: the current configuration with the dual-hub settings. */
  writeNewConfig(ask: {
    change: Change;
    config: string;
    edit: FileEdit;
  }): Promise<Written & { changedKeys: string[]; commentsKept: boolean }>;
  /**
   * Validates with our own schema and with the agent's check command, if any: where its runner runs that, `of` says of which program, and of what
   * the file takes the place. `text` instead of the file is for the validator's own test.
   * `access`: blocks of that which the plan tells it; workers of before look at them wherever they stand.
   */
  validateConfig(ask: {
    path: string;
    text?: string;
    check?: string[];
    of?: { program: string; config: string };
    access?: AccessBlock[];
    /** false: the plan does not have a variable in the agent's own file. */
    environment?: false;
  }): Promise<ConfigValidation>;
  /**
   * What a deployment would change: unified difference of the configuration, program state; changes nothing. With `deployment` all that it will
   * do is kept on the machine too, and told; workers of before do neither.
   */
  previewDeploy(ask: {
    config: string;
    program: string;
    deployment?: { run: string; agent: AgentSpec };
  }): Promise<Preview>;
  /** The newest that is kept of what a deployment of this run will do to an agent. null: nothing was prepared. */
  preparedDeployment(ask: { run: string; agent: string }): Promise<PreparedDeployment | null>;
  /**
   * Stop, swap NAME.new in, validate, start; RUNNING with one pid beyond startsecs and /health answering. Where others changed the
   * configuration since NAME.new was made, that is made anew with `edit`, or the deployment is refused. What it has not begun by `notAfterMs`, as
   * its ledger says, it does not begin: throws OutOfHours. Workers of before begin it.
   */
  deployAgent(ask: {
    change: Change;
    agent: AgentSpec;
    backup: string;
    edit?: FileEdit;
    notAfterMs?: number;
  }): Promise<AgentDeployed>;
  /**
   * Reads a log from a place (else from an offset in the file that is there; null: its end now) until `untilMs`, through rotation; cancelled, or
   * when its worker ends, it returns what it has. `lines` counts all, `matches` the errors among them: by their format, or because they match a
   * pattern.
   */
  watchLog(ask: LogAsk): Promise<LogRead>;
  /** Where a log ends now. Workers of before do not say in which file. */
  logOffset(ask: { path: string }): Promise<{ offset: number; place?: LogPlace }>;
  /**
   * The newest line of a log that states a level: how its program writes them. null: none does. And how many of its last entries state one, which
   * workers of before do not count.
   */
  logLine(ask: { path: string }): Promise<{ line: string | null; entries?: Entries }>;
  /** The acknowledgements of an agent in a time window, as runs on one hub, those in rotated files among them. */
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

export interface Shown {
  found: boolean;
  value: unknown;
  matches?: boolean;
  /** Whether the last answer was 2xx; workers of before do not tell it. */
  answers?: boolean;
  waitedMs: number;
  error?: string;
  unknown?: true;
}

/** How far a log is read, by its file: a rotated one has another name. */
export interface LogPlace {
  /** 0: of the file that is there. */
  inode: number;
  offset: number;
  /** Digest of what stands before it. */
  before?: string;
  /** When it was looked at, in Unix milliseconds. Of those in `older`, and of earlier builds, nobody says it. */
  at?: number;
  /** Files that had its name before: somebody may still write to them. */
  older?: LogPlace[];
}

export interface LogAsk {
  path: string;
  fromOffset: number | null;
  place?: LogPlace;
  untilMs: number;
  patterns: string[];
}

/** Workers of before tell neither its place nor what follows. */
export interface LogRead extends LogMatches {
  offset: number;
  place?: LogPlace;
  bytes: number;
  watchedMs: number;
  /** When it was read last, in Unix milliseconds. */
  readAt?: number;
  /** How often a file was gone, or cut off, before it was read. */
  missed?: number;
}

export interface ProgramStatus {
  program: string;
  state: string;
  pid: number | null;
  uptimeS: number | null;
  /** When it was started, in Unix seconds, as supervisord has it; of one that runs. Workers of before do not tell it. */
  since?: number;
  /** Of the machine: another one after each of its boots. Workers of before do not tell it. */
  boot?: string;
}

export interface ConfigValidation {
  ours: { ok: boolean; line?: number; message: string };
  agents: { ok: boolean; output: string } | null;
}

export interface AgentSpec {
  name: string;
  program: string;
  config: string;
  healthUrl: HttpTarget;
  check?: string[];
  /** A variable that supervisord gives it, where the plan does not have it in its own file. */
  env?: { name: string; value: string };
  startWithinMs: number;
}

export interface Preview {
  difference: string;
  /** Lines; one whose value is another is of both. */
  added: number;
  removed: number;
  /** Settings and comments that would be gone, and changes of what is not the week's; workers of before do not tell it. */
  lost?: string[];
  state: string;
  prepared?: PreparedDeployment;
}

/** What a deployment will do. Secrets in it are shown by short digests. */
export interface PreparedDeployment {
  agent: string;
  machine: string;
  /** Unix milliseconds. */
  at: number;
  /** In the deployment itself: others had changed the configuration since. */
  anew?: true;
  /** sha256 of the configuration that is there, and of the one that takes its place. */
  from: string;
  to: string;
  /** In order, a line each, as a person would do it. */
  commands: string[];
  /** Unified; cut where it is long. Empty: nothing changes. */
  difference: string;
  /** What the agent's own check says of the new file. null: it has none. */
  check: { command: string[]; ok: boolean; output: string } | null;
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
  /** Of what it replaced; workers of before do not tell it. */
  originalSha256?: string;
  /** Where it was prepared anew, since others had changed the configuration. */
  prepared?: PreparedDeployment;
  error?: string;
  /** As of a Probe: it runs, and nobody could ask how it is. */
  unknown?: true;
}

export interface AckRuns {
  runs: { hub: string; fromMs: number; toMs: number; sequences: Ranges; count: number }[];
  /** Lines that are no acknowledgement; a last line without its end is not counted. */
  unreadable?: number;
  /**
   * The number of the last one before the window; null when there is none, so that some of the window may be out of sight. Workers of
   * before read one file, and do not tell.
   */
  before?: number | null;
}
