// Hubs and Pushgateways, asked from the machine.
import type { Ranges } from '../evidence/sequence-sets.ts';
import type { ReloadSpec } from '../week/undo.ts';
import type { Probe } from './host.ts';
import type { HttpTarget } from './target.ts';

/** Why a hub was not seen. `unknown`: it, or who asks it, is kept from answering by a login or a certificate, which says nothing of it. */
export interface Unseen {
  error?: string;
  unknown?: true;
}

export interface PrometheusActivities {
  /** HTTP where lifecycle is on, else SIGHUP to State.Pid; waits until the hub says which configuration it runs. */
  reloadHub(ask: {
    reload: ReloadSpec;
    jobs: string[];
  }): Promise<{ how: 'http' | 'signal'; successful: boolean; jobs: string[]; waitedMs: number } & Unseen>;
  /** Instant query, asked until it has at least `atLeast` series or the time is over. */
  query(ask: {
    hub: HttpTarget;
    query: string;
    withinMs: number;
    atLeast?: number;
    atMs?: number;
  }): Promise<{ series: Series[]; waitedMs: number } & Unseen>;
  /**
   * Active targets, asked until all of `jobs` (none: any) are there with every target up, or the time is over. With `at` those alone that are
   * scraped at one of these places, whatever labels they have. Nobody waits for `butFor`, by the names that verdicts have for targets; nor, where
   * `oneIsEnough`, for one that is scraped at the place of another that is up.
   */
  targets(ask: {
    hub: HttpTarget;
    jobs: string[];
    withinMs: number;
    at?: Places;
    butFor?: string[];
    oneIsEnough?: true;
  }): Promise<{ targets: Target[]; waitedMs: number } & Unseen>;
  /** Firing alerts, asked until `alert` fires or the time is over; and the rules that are loaded. */
  alerts(ask: {
    hub: HttpTarget;
    alert: string;
    withinMs: number;
  }): Promise<{ rules: string[]; firing: string[]; waitedMs: number } & Unseen>;
  /**
   * What Alertmanagers (by the URL before `/api/v2`) have of a hub's alert with these labels, asked until each has got it within the last
   * `withinMs` and since the hub started, or as long again is over. `upMs`: for how long the hub has been up; null when it does not answer.
   */
  alertsAt(ask: {
    hub: HttpTarget;
    alert: string;
    labels: Record<string, string>;
    alertmanagers: string[];
    withinMs: number;
  }): Promise<{ sendsTo: string[]; upMs: number | null; at: AtAlertmanager[]; waitedMs: number } & Unseen>;
  /** Version, retention as Prometheus gives it, the scrape jobs of the running configuration (`whole`: and more of it), how far back the samples go. */
  hubStatus(ask: { hub: HttpTarget; whole?: boolean }): Promise<HubStatus>;
  /** Posts one empty remote write and gives the answer: whether the receiver is on. */
  probeReceiver(ask: { hub: HttpTarget }): Promise<Probe>;
  /** The values of a metric as sequence numbers, read back as raw samples in a time window, over all series that match. */
  readSequences(ask: {
    hub: HttpTarget;
    selector: string;
    fromMs: number;
    toMs: number;
  }): Promise<{ sequences: Ranges; samples: number }>;
  /**
   * How many metrics each of the hubs has of each target by its own scrape, and which it lacks that another of them has; asked until no hub
   * lacks any, or the time is over. `notFrom` are the labels that a hub gives what it passes on to another.
   */
  metricsInHubs(ask: {
    hubs: Record<string, HttpTarget>;
    /** By name, one of `at`; weeks of before do not say where that is, and then it is the label `instance`. */
    targets: Record<string, string>;
    at?: Places;
    notFrom: Record<string, string>;
    withinMs: number;
  }): Promise<{ found: MetricsInHub[]; waitedMs: number } & Unseen>;
  /** Pages of metrics by name, asked for as a Prometheus does: what each is said to be, and how many samples are in it. */
  metricsPages(ask: { pages: Record<string, HttpTarget>; withinMs: number }): Promise<Record<string, MetricsPage>>;
  pushMetric(ask: {
    gateway: HttpTarget;
    job: string;
    instance: string;
    metric: string;
    value: number;
  }): Promise<Probe>;
  /** The metric's value on the gateway, or null. */
  readPushed(ask: {
    gateway: HttpTarget;
    job: string;
    instance: string;
    metric: string;
  }): Promise<{ value: number | null }>;
  deletePushed(ask: { gateway: HttpTarget; job: string; instance: string }): Promise<Probe>;
}

/** MACHINE:PORT as the plan has it → the machine's address. */
export type Places = Record<string, string>;

export interface AtAlertmanager {
  url: string;
  /** How long ago it got the alert the last time; null when it has none. */
  receivedMsAgo: number | null;
  /** Why nobody knows. */
  error?: string;
}

export interface MetricsPage {
  url: string;
  /** Null where there was no answer, for which `error` says why. */
  status: number | null;
  contentType: string | null;
  samples: number;
  error?: string;
}

export interface MetricsInHub {
  target: string;
  hub: HttpTarget;
  metrics: number;
  lacks: number;
  /** Of those that it lacks. */
  first: string[];
  /** It keeps what it scrapes there, and no series has the labels of the target. */
  relabelled?: true;
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
  /** Where it is scraped, by the plan's words where that is one of `at`; left out where the instance says it. Workers of before do not tell. */
  address?: string;
  /** How often it is scraped; hubs and workers of before do not tell. */
  everyMs?: number;
}

export interface HubStatus {
  version: string;
  retention: string;
  jobs: string[];
  outOfOrderWindow: string | null;
  scrapeInterval: string;
  reloadSuccessful: boolean;
  oldestSampleMs: number | null;
  /** Only when it was asked for. */
  running?: RunningConfig;
}

/** What a hub's running configuration says, in its own spelling. */
export interface RunningConfig {
  externalLabels: Record<string, string>;
  ruleFiles: string[];
  remoteWrites: { url: string; queue: Record<string, string | number | boolean> }[];
  /** By job, those that are written down. */
  targets: Record<string, string[]>;
}
