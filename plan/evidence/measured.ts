// What the week measures all along, from 2A to the gate: for each machine the totals so far, small enough to travel with every slice.
import { common, minus, sizeOf, union, type Ranges } from './sequence-sets.ts';

/** One machine's totals. Times are Unix milliseconds, sets of them sorted ranges. */
export interface Measured {
  samples: number;
  /** When this machine looked. What lies between is unknown, never up. */
  seen: Ranges;
  /** Set when `seen` was made smaller (measured-bounds.ts): so many milliseconds of it lie between two looks, and are unknown as well. */
  bridgedMs?: number;
  /** By target. */
  targets: Record<string, Availability>;
  /** The same of other machines' targets, as they are reached from here. Totals of before have none, nor what follows. */
  outside?: Reached[];
  /** When the week wanted this machine to look: what of it nobody saw is unknown. Kept by the week. */
  wanted?: Ranges;
  /** Response times of URLs that answered, by target. */
  responses: Record<string, Histogram>;
  /** Messages sent from here, by the machine that answers them. */
  messages: Record<string, Delivery>;
  /** CPU of what the week adds and of the agents, in percent of the machine. */
  cpu: Moments;
  /** Memory of the same. */
  memory: Moments;
  /** What the machine receives and sends, in percent of its fastest link; of weeks that began under earlier builds, what the week's containers do. */
  network: Moments;
  /** The same three by means of some minutes each, which hardly follow from one another. Totals that an earlier build began have none. */
  means?: Partial<Record<Cost, Batches>>;
}

export type Cost = 'cpu' | 'memory' | 'network';

export interface Batches {
  /** When the one that is open began. */
  from: number;
  open: Moments;
  /** What is in the open one, where its middle half counts. */
  values?: number[];
  /** Of the means of those that are over. */
  closed: Moments;
}

export interface Availability {
  /** The first time it was up: it counts from there. */
  since: number;
  down: Ranges;
  /** When somebody looked, and whoever asked was refused: neither up nor down. */
  unknown?: Ranges;
}

/** Targets that were reached and lost together (outside.ts). */
export interface Reached extends Availability {
  names: string[];
}

/** Of microseconds: an encoded HdrHistogram, and what people ask of it, in milliseconds. */
export interface Histogram {
  encoded: string;
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** Sets of sequence numbers. */
export interface Delivery {
  sent: Ranges;
  answered: Ranges;
  /** Nobody listened there. Before anybody ever did that is neither delivered nor lost; afterwards `silences` say when. */
  unheard: Ranges;
  /** Messages in a row that nobody heard once somebody had answered, in order. Totals of before do not tell them. */
  silences?: Silence[];
  /** When the others were sent that nobody answered: the first of them. */
  lostAt: number[];
  /** One clock: the round trip, halved. */
  latency: Histogram | null;
}

export interface Silence {
  /** When the first and the last of them were sent. */
  fromMs: number;
  toMs: number;
  /** The number of the last. */
  last: number;
  count: number;
}

/** Enough for mean and variance, and mergeable (Welford). */
export interface Moments {
  count: number;
  mean: number;
  /** Sum of squared distances from the mean. */
  m2: number;
}

export function nothingMeasured(): Measured {
  return {
    samples: 0,
    seen: [],
    targets: {},
    responses: {},
    messages: {},
    cpu: { count: 0, mean: 0, m2: 0 },
    memory: { count: 0, mean: 0, m2: 0 },
    network: { count: 0, mean: 0, m2: 0 },
  };
}

export function withValue({ count, mean, m2 }: Moments, value: number): Moments {
  const apart = value - mean;
  const middle = mean + apart / (count + 1);
  return { count: count + 1, mean: middle, m2: m2 + apart * (value - middle) };
}

/** The 95 % interval of the mean; null with fewer than two values. */
export function interval95({ count, mean, m2 }: Moments): { low: number; high: number } | null {
  if (count < 2) return null;
  const half = 1.96 * Math.sqrt(m2 / (count - 1) / count);
  return { low: mean - half, high: mean + half };
}

/** How long a target was known to be up and down, in milliseconds. */
export interface Uptime {
  upMs: number;
  downMs: number;
  /** Between the first and the last look, when nobody looked. */
  unknownMs: number;
}

/** `without`: times that do not count, such as planned fault windows. */
export function uptimeOf(
  { seen, bridgedMs }: Measured,
  { since, down, unknown = [] }: Availability,
  without: Ranges = [],
): Uptime {
  const looked = lookedAt({ seen, bridgedMs }, { since, down });
  const known = minus(looked, union(without, minus(unknown, down)));
  return tally(known, common(known, down), minus(whole(looked), without), bridgedMs);
}

/** A cluster is up while any of its members is known to be, and down while all of them are known to be down. */
export function clusterUptime(
  members: { measured: Measured; availability: Availability }[],
  without: Ranges = [],
): Uptime {
  const looks = members.map(({ measured, availability: { since, down } }) => ({
    seen: lookedAt(measured, { since, down }),
    down,
  }));
  const up = union(...looks.map(({ seen, down }) => minus(seen, down)));
  const allDown = looks.map(({ seen, down }) => common(seen, down)).reduce((one, other) => common(one, other));
  const known = minus(union(up, allDown), without);
  const bridgedMs = members.reduce((sum, { measured }) => sum + (measured.bridgedMs ?? 0), 0);
  return tally(known, minus(known, up), minus(whole(union(...looks.map(({ seen }) => seen))), without), bridgedMs);
}

/** In totals that were made smaller, what was down was looked at whether or not it is in `seen` still. */
function lookedAt({ seen, bridgedMs }: Pick<Measured, 'seen' | 'bridgedMs'>, { since, down }: Availability): Ranges {
  const looked = from(seen, since);
  return bridgedMs === undefined ? looked : union(looked, down);
}

function tally(known: Ranges, down: Ranges, span: Ranges, bridgedMs = 0): Uptime {
  const downMs = sizeOf(down);
  const upMs = Math.max(0, sizeOf(known) - downMs - bridgedMs);
  return { upMs, downMs, unknownMs: sizeOf(span) - upMs - downMs };
}

function from(ranges: Ranges, since: number): Ranges {
  return minus(ranges, [[0, since - 1]]);
}

function whole(ranges: Ranges): Ranges {
  const [first, last] = [ranges[0]?.[0], ranges.at(-1)?.[1]];
  return first === undefined || last === undefined ? [] : [[first, last]];
}

type Latencies = Omit<Histogram, 'encoded'>;

/** The totals for people: counts and percentiles, without the sets. */
export interface MeasuredSummary {
  samples: number;
  seenMs: number;
  downMs: Record<string, number>;
  responses: Record<string, Latencies>;
  messages: Record<
    string,
    { sent: number; answered: number; unheard: number; lost: number; latency: Latencies | null }
  >;
  cpuPercent: number;
  memoryPercent: number;
  networkPercent: number;
}

export function summaryOf({
  samples,
  seen,
  targets,
  responses,
  messages,
  cpu,
  memory,
  network,
}: Measured): MeasuredSummary {
  const latencies = ({ count, p50, p95, p99, max }: Histogram): Latencies => ({ count, p50, p95, p99, max });
  const each = <From, To>(of: Record<string, From>, change: (from: From) => To) =>
    Object.fromEntries(Object.entries(of).map(([name, from_]) => [name, change(from_)]));
  return {
    samples,
    seenMs: sizeOf(seen),
    downMs: each(targets, ({ down }) => sizeOf(down)),
    responses: each(responses, latencies),
    messages: each(messages, ({ sent, answered, unheard, latency }) => ({
      sent: sizeOf(sent),
      answered: sizeOf(answered),
      unheard: sizeOf(unheard),
      lost: sizeOf(minus(minus(sent, answered), unheard)),
      latency: latency && latencies(latency),
    })),
    cpuPercent: Number(cpu.mean.toFixed(3)),
    memoryPercent: Number(memory.mean.toFixed(3)),
    networkPercent: Number(network.mean.toFixed(3)),
  };
}
