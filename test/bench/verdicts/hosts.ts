// A machine in a week that goes well: what it has to do at any time beside the week's own, and how its answers and figures scatter.
import type { Random } from './random.ts';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** What comes again and again: a job of a neighbour, a back-up at night. */
interface Job {
  everyMs: number;
  firstAt: number;
  lastsMs: number;
  /** Answers take so many times as long. */
  slower: number;
  /** Of the link, in percent. */
  link: number;
}

export interface Host {
  cores: number;
  /** How much of one sample 15 s apart is in the next. */
  lag: number;
  /** Natural logarithm of an answer's time: how it scatters from request to request, and from time to time. */
  scatter: { requests: number; times: number };
  /** The load of a day goes up and down by this share. */
  swing: number;
  peakAt: number;
  /** Something else takes a core from then on. */
  busyFrom: number;
  busySlower: number;
  slowDisk: boolean;
  jobs: Job[];
  /** A runtime that stops for its garbage. */
  pause: { everyMs: number; upToMs: number };
}

const neverBusy = Infinity;

/** Of these figures each week has its own. */
export function hostOf(random: Random): Host {
  const everyMs = random.pick([15 * minute, hour]);
  return {
    cores: random.pick([2, 4, 8]),
    lag: random.between(0.3, 0.9),
    scatter: { requests: random.between(0.3, 0.6), times: random.between(0.1, 0.3) },
    swing: random.between(0, 0.4),
    peakAt: random.between(9, 17) * hour,
    busyFrom: random.chance(0.3) ? random.between(0, 7) * day : neverBusy,
    busySlower: random.between(1.2, 2),
    slowDisk: random.chance(0.2),
    jobs: [
      {
        everyMs,
        firstAt: random.between(0, everyMs),
        lastsMs: random.between(20, 120) * second,
        slower: random.between(1.2, 2.5),
        link: random.between(2, 40),
      },
      {
        everyMs: day,
        firstAt: random.between(0, 6) * hour,
        lastsMs: random.between(10, 40) * minute,
        slower: random.between(1.1, 1.5),
        link: random.between(10, 60),
      },
    ],
    pause: { everyMs: random.between(20, 120) * second, upToMs: random.between(20, 150) },
  };
}

export function isBusy({ busyFrom }: Host, at: number): boolean {
  return at >= busyFrom;
}

/** How often a day the whole machine stands still for some seconds, as under a disk that flushes. */
export function stallsADay(host: Host, at: number): number {
  return isBusy(host, at) || host.slowDisk ? 0.5 : 0.02;
}

export function stallMs(random: Random): number {
  return random.between(2, 6) * second;
}

/** Load by the time of the day, 1 on average. */
export function dayAt({ swing, peakAt }: Host, at: number): number {
  return 1 + swing * Math.cos((2 * Math.PI * (at - peakAt)) / day);
}

function runs({ everyMs, firstAt, lastsMs }: Job, at: number): boolean {
  return (((at - firstAt) % everyMs) + everyMs) % everyMs < lastsMs;
}

/** How many times as long answers take, for what goes on beside. */
export function slowerAt(host: Host, at: number): number {
  const jobs = host.jobs.reduce((product, job) => (runs(job, at) ? product * job.slower : product), 1);
  return jobs * dayAt(host, at) * (isBusy(host, at) ? host.busySlower : 1);
}

/** What jobs take of the link, in percent of it. */
export function jobsOnLink({ jobs }: Host, at: number): number {
  return Math.min(
    90,
    jobs.reduce((sum, job) => (runs(job, at) ? sum + job.link : sum), 0),
  );
}

/** A series of which each value keeps so much of the one before; scatters by 1. */
export function series(random: Random, lag: number): () => number {
  let value = random.normal();
  const rest = Math.sqrt(1 - lag ** 2);
  return () => (value = lag * value + rest * random.normal());
}

/** One answer's time: log-normal, with a tail, behind a pause now and then. */
export function answerMs(random: Random, host: Host, medianMs: number, slower: number, level: number): number {
  const { requests, times } = host.scatter;
  let ms = medianMs * slower * Math.exp(requests * random.normal() + times * level);
  // A tail by the power of 1.5: one in a thousand is some times as long, very few are a hundred times.
  if (random.chance(0.003)) ms *= Math.min(100, (1 - random.next()) ** (-1 / 1.5));
  if (random.chance(host.pause.upToMs / host.pause.everyMs)) ms += random.between(0, host.pause.upToMs);
  return ms;
}
