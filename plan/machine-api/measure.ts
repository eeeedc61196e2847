// What is measured over a time: what it costs, who is up, whether messages cross.
import type { Measured } from '../evidence/measured.ts';
import type { Ranges } from '../evidence/sequence-sets.ts';
import type { HttpTarget, NatsTarget } from './target.ts';

export interface MeasureActivities {
  /** Response times of URLs, CPU, memory and network of machine, containers and programs, over `durationMs`. */
  measureImpact(ask: ImpactAsk): Promise<Impact>;
  /** Goes on from the totals so far until `untilMs` or cancelled, and gives the new totals. Nothing that does not answer ends it. */
  measure(ask: MeasureAsk): Promise<Measured>;
  /** Samples URLs, programs and values until `untilMs` or cancelled: see Observation. */
  observe(ask: ObserveAsk): Promise<Observation>;
}

export interface ImpactAsk {
  durationMs: number;
  urls: Record<string, HttpTarget>;
  /** Hubs to which something empty is written, by the name for its response times. */
  writes?: Record<string, HttpTarget>;
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
  /** Workers of before do not tell them. */
  batches?: ImpactBatches;
}

/** What was seen in equal parts of the time, one after the other: the more there are, the longer they are, and one says little of the next. */
export interface ImpactBatches {
  /** p95 in milliseconds, by name of the URL; null in a batch without an answer. */
  responseMs: Record<string, (number | null)[]>;
  /** Of the containers and programs together, in percent of the machine. */
  cpuPercent: number[];
  memoryPercent: number[];
  /** Received and sent by the machine, in percent of its fastest link. */
  networkPercent: number[];
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
  urls: Record<string, { url: HttpTarget; timed: boolean }>;
  /** URLs and hubs, the latter to be written something empty, that leave response times alone, by their names. */
  timed?: { urls: Record<string, HttpTarget>; writes: Record<string, HttpTarget> };
  /** By target, on other machines: up while it answers 2xx from here. */
  outside?: Record<string, HttpTarget>;
  /** By target: up while supervisord says RUNNING. */
  programs: Record<string, string>;
  /** By target: up while the server of this machine is in a cluster that takes a write. */
  clusters?: Record<string, ClusterAsk>;
  /** Whose CPU and memory are counted, with those of the programs. */
  containers: string[];
  /** Traffic is that of the machine; else, as in earlier builds, that of these containers. */
  link?: boolean;
  /** Messages to other machines through the NATS server of this one, and the subject on which this one answers theirs. */
  messages: { server: NatsTarget; answers: string; to: Record<string, string>; run: string };
}

export interface ClusterAsk {
  server: NatsTarget;
  monitor: string;
  /** To so many other servers it must have routes. */
  routes: number;
  /** Those that are there must have a leader. */
  streams: string[];
}

export interface ObserveAsk {
  untilMs: number;
  intervalMs: number;
  timeoutMs: number;
  /** Name → URL that must answer 2xx. */
  urls: Record<string, HttpTarget>;
  programs: string[];
  containers: string[];
  /** Ends early when a target is down in more samples in a row than this, or a program or container was started again. */
  tolerate: number;
  /** By target: for how many samples in a row it was down when this slice began. */
  downBefore?: Record<string, number>;
  /** Name → value that must be there. */
  values: Record<string, { url: HttpTarget; pointer: string; want: string }>;
  /** What is known of programs and containers from before (`Observation.lives`): another one is a restart. */
  lives?: Record<string, string>;
}

/** Aggregates, not samples. A sample that was not taken is a gap, never up. */
export interface Observation {
  fromMs: number;
  toMs: number;
  samples: number;
  /** Longest time without a sample. */
  longestGapMs: number;
  /** By name of the URL or value, "program NAME" or "container NAME". */
  targets: Record<
    string,
    {
      up: number;
      down: number;
      /** In samples in a row, those of before among them. */
      longestDown: number;
      /** Of those up to the newest, where that is one. Workers of before count each slice for itself. */
      downNow?: number;
      firstError?: string;
      firstDownAt?: number;
      /** Samples in which who manages it, Docker or supervisord, did not answer, or who asks was refused: neither up nor down. */
      unknown?: number;
      firstUnknown?: string;
      /** Who asks was refused in the newest, or lacked what to ask with. */
      refusedNow?: true | undefined;
    }
  >;
  /** Programs and containers whose pid or start time changed while watched, or since `lives`. */
  restarted: string[];
  /** When all targets were known to be up or down. Workers of before do not tell it, nor what follows. */
  seen?: Ranges;
  /** By program and container: what changes when it is started again. */
  lives?: Record<string, string>;
}
