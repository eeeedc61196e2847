// What the week's containers and programs cost between two moments, in percent of the machine. Pure.
import type { Capacity, Point } from './impact-readings.ts';
import { middleOf } from './batch-means.ts';
import { type Batches, type Cost, type Measured, type Moments, withValue } from './measured.ts';

/** How much was used up to a moment. */
export interface Used {
  points: Map<string, Point>;
  /** Bytes of the machine. */
  traffic?: { atMs: number; bytes: number };
}

/** Goes on with what was used between two moments. */
export function withCost(
  totals: Measured,
  containers: string[],
  { before, now }: { before: Used; now: Used },
  { cores, memoryBytes, bitsPerS }: Capacity & { memoryBytes: number },
  at: number,
): Measured {
  const [was, is] = [before.points, now.points];
  if (is.size === 0 || was.size === 0) return totals;
  const bytes = [...is.values()].reduce((sum, point) => sum + point.memoryBytes, 0);
  const bytesPerMs = now.traffic ? ofMachine(before, now) : ofContainers(containers, was, is);
  return withCosts(
    totals,
    {
      cpu: (100 * perMs(was, is, ({ cpuMs }) => cpuMs)) / cores,
      memory: (100 * bytes) / memoryBytes,
      ...(bytesPerMs !== null && { network: (100 * 8_000 * bytesPerMs) / bitsPerS }),
    },
    at,
  );
}

function ofMachine({ traffic: was }: Used, { traffic: is }: Used): number | null {
  return was && is && is.atMs > was.atMs ? Math.max(0, is.bytes - was.bytes) / (is.atMs - was.atMs) : null;
}

/** A container that does not count its traffic makes that of all unknown. */
function ofContainers(containers: string[], was: Map<string, Point>, is: Map<string, Point>): number | null {
  const counted = containers.every((name) => !is.has(name) || is.get(name)?.networkBytes !== undefined);
  return counted ? perMs(was, is, ({ networkBytes }) => networkBytes) : null;
}

/** Of all together. What was used across a restart is not known and not counted. */
export function perMs(
  before: Map<string, Point>,
  now: Map<string, Point>,
  counter: (point: Point) => number | undefined,
): number {
  const rates = [...now].flatMap(([name, point]) => {
    const earlier = before.get(name);
    const [from, to] = [earlier && counter(earlier), counter(point)];
    return earlier && from !== undefined && to !== undefined && point.atMs > earlier.atMs
      ? [Math.max(0, to - from) / (point.atMs - earlier.atMs)]
      : [];
  });
  return rates.reduce((sum, rate) => sum + rate, 0);
}

const batchMs = 10 * 60_000;
const none: Moments = { count: 0, mean: 0, m2: 0 };
const costsOf: Cost[] = ['cpu', 'memory', 'network'];

/** Goes on with what something costs now; what is not known is left out. */
export function withCosts(soFar: Measured, values: Partial<Record<Cost, number>>, at: number): Measured {
  const totals = { ...soFar };
  const means = totals.means ?? (totals.cpu.count === 0 ? {} : undefined);
  if (means) totals.means = { ...means };
  for (const what of costsOf) {
    const value = values[what];
    if (value === undefined) continue;
    totals[what] = withValue(totals[what], value);
    if (totals.means) totals.means[what] = inBatch(totals.means[what], value, at, what === 'network');
  }
  return totals;
}

/**
 * CPU and memory are those of the week and of the agents, by their mean. Traffic is the whole machine's, with what a neighbour's job takes for a
 * minute or two: of it the middle half of each batch counts.
 */
function inBatch(soFar: Batches | undefined, value: number, at: number, byMiddle: boolean): Batches {
  const { from, open, values, closed } = soFar ?? { from: at, open: none, closed: none };
  if (at - from < batchMs)
    return {
      from,
      open: withValue(open, value),
      ...(byMiddle && (values ?? open.count === 0) && { values: [...(values ?? []), hundredths(value)] }),
      closed,
    };
  return {
    from: at,
    open: withValue(none, value),
    ...(byMiddle && { values: [hundredths(value)] }),
    closed: withValue(closed, values ? middleOf(values) : open.mean),
  };
}

/** Of how much time the use was read, the open batch counted whole: a batch ends with the look that follows ten minutes. */
export function knownIn(batches: Batches | undefined, intervalMs: number): number {
  return batches ? (batches.closed.count + 1) * (batchMs + 2 * intervalMs) : 0;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
