// Files and directories of the machine.
import type { ReloadSpec } from '../week/undo.ts';
import type { Scraped } from '../tasks/shared/scraped.ts';
import type { Change } from './ledger.ts';

export interface FileActivities {
  /**
   * Makes the directories that are missing, with their owner; puts the owner right on those we made. `base` is removed by undo if we made it.
   * Throws ForeignDirectory for one with something in it that this run did not make, unless with `adopt`: what is in it stays.
   */
  ensureDirectories(ask: {
    change: Change;
    base: string;
    directories: { path: string; owner: string }[];
    adopt?: boolean;
  }): Promise<DirectoryState[]>;
  directoryState(ask: { path: string }): Promise<DirectoryState>;
  /** Writes a whole file. Same content: nothing happens. */
  writeFile(ask: { change: Change; path: string; content: string; owner: string }): Promise<Written>;
  /**
   * Edits a file in place, comments and order kept (plan/yaml/edit.ts). Bind-mounted files keep their inode. Throws ForeignScrapeJob for a
   * job of the same name that this run did not write, unless `adopt` names it: then its undo puts that one back. `container`: of the hub whose
   * file it is; throws ConfigInvalid where its promtool takes the file without the edit alone.
   */
  editFile(ask: {
    change: Change;
    path: string;
    edit: FileEdit;
    reload?: ReloadSpec;
    adopt?: string[];
    container?: string;
  }): Promise<Written>;
  /**
   * With `before` of the file as it was before that task of the run changed it. With `changedBy` also what the newest change of that task
   * `replaced`, undone or not: null for no file, left out where it made none. It was `changedSince` by others when every change of the run to
   * it was undone before. Workers of before do not say.
   */
  digestFile(ask: {
    path: string;
    before?: { run: string; task: string };
    changedBy?: { run: string; task: string };
  }): Promise<{
    exists: boolean;
    sha256: string | null;
    bytes: number;
    replaced?: string | null;
    changedSince?: boolean;
  }>;
}

export interface DirectoryState {
  path: string;
  exists: boolean;
  owner: string;
  /** Octal, such as "755". */
  mode: string;
  freeBytes: number;
  made: boolean;
  /** Whether something is in it. Workers of before do not say. */
  filled?: boolean;
}

export interface Written {
  path: string;
  sha256: string;
  changed: boolean;
}

/** Edits that plan/yaml/edit.ts knows how to make in text. */
export type FileEdit = { kind: 'scrape-jobs'; jobs: ScrapeJob[] } | { kind: 'dual-hub'; settings: DualHubSettings };

export interface ScrapeJob extends Scraped {
  job_name: string;
  honor_labels: boolean;
  static_configs: { targets: string[] }[];
}

/** What a pilot's new configuration gets. Seconds, as agents read them. */
/** Blocks in which an agent is told how others are asked. */
export type AccessBlock = 'hub_access' | 'nats_access';

export interface DualHubSettings {
  hub_endpoints: { primary: string; fallback: string; pushgateway: string };
  /** Only where the plan asks for it, and secures one of them: as `primary_ca_file`. */
  hub_access?: Record<string, string>;
  failover_config: {
    health_check_interval: number;
    max_retries: number;
    failover_threshold: number;
    recovery_timeout: number;
    /** These where the plan asks for them. */
    probe_interval?: number;
    probe_timeout?: number;
    batch_timeout?: number;
  };
  nats: { nats_url: string; health_subject: string; metrics_subject: string };
  /** Likewise, of NATS: as `ca_file`. */
  nats_access?: Record<string, string>;
  /** Not where supervisord gives it. */
  environment?: Record<string, string>;
}
