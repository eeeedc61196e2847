// What readings and answers of some minutes come to: use by container, program and machine, response times, and all of it batch by batch. Pure.
import type { Impact, ImpactBatches, Usage } from '../machine-api/measure.ts';
import { percentiles } from './percentiles.ts';

/** Processor time used so far, and memory in use now. */
export interface Point {
  atMs: number;
  cpuMs: number;
  memoryBytes: number;
  /** Received and sent so far: of containers with a network of their own, since Linux counts it by network and not by process. */
  networkBytes?: number;
}

/** All that was read at one moment. */
export interface Reading {
  atMs: number;
  containers: Map<string, Point>;
  programs: Map<string, Point>;
  machine: { busy: number; total: number; memoryTotal: number; memoryUsed: number; received: number; sent: number };
}

/** How long one that was asked took, by batch. */
export interface Answers {
  name: string;
  latencies: number[][];
  failed: number;
}

/** The machine as it is. */
export interface Capacity {
  cores: number;
  bitsPerS: number;
}

/** `found`: a reading before the first batch, and one after each. Containers and programs that don't run at both ends are left out. */
export function impactOf(
  { durationMs, containers, programs }: { durationMs: number; containers: string[]; programs: string[] },
  answers: Answers[],
  found: Reading[],
  capacity: Capacity,
  at: number,
): Impact {
  return {
    at,
    durationMs,
    responseMs: Object.fromEntries(answers.map((one) => [one.name, responseOf(one)])),
    containers: usages(
      containers,
      found.map((reading) => reading.containers),
    ),
    programs: usages(
      programs,
      found.map((reading) => reading.programs),
    ),
    machine: machineUsage(found, capacity.cores),
    batches: batchesOf(answers, found, capacity),
  };
}

function batchesOf(answers: Answers[], found: Reading[], { cores, bitsPerS }: Capacity): ImpactBatches {
  const spans = found.slice(1).map((is, index) => ({ was: found[index] as Reading, is }));
  return {
    responseMs: Object.fromEntries(
      answers.map(({ name, latencies }) => [
        name,
        latencies.map((batch) => (batch.length > 0 ? percentiles(batch).p95 : null)),
      ]),
    ),
    cpuPercent: spans.map(({ was, is }) => hundredths(usedBetween(was, is) / Math.max(1, cores))),
    memoryPercent: spans.map(({ is }) => hundredths((100 * bytesIn(is)) / is.machine.memoryTotal)),
    networkPercent: spans.map(({ was, is }) => {
      const bytes = is.machine.received - was.machine.received + is.machine.sent - was.machine.sent;
      return hundredths((100 * 8_000 * bytes) / Math.max(1, is.atMs - was.atMs) / bitsPerS);
    }),
  };
}

/** By containers and programs together, in percent of one core. */
function usedBetween(was: Reading, is: Reading): number {
  return (['containers', 'programs'] as const)
    .flatMap((kind) => [...is[kind]].map(([name, point]) => [was[kind].get(name), point] as const))
    .reduce((sum, [from, to]) => sum + (from ? usage([from, to]).cpuPercent : 0), 0);
}

function bytesIn({ containers, programs }: Reading): number {
  return [...containers.values(), ...programs.values()].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}

/** Processor use between first and last point, in percent of one core; what was used across a restart is not known and not counted. */
export function usage(points: Point[]): Usage {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || last.atMs <= first.atMs) return { cpuPercent: 0, memoryBytes: last?.memoryBytes ?? 0 };
  const cpuMs = points.reduce(
    (sum, point, index) => sum + Math.max(0, point.cpuMs - (points[index - 1] ?? point).cpuMs),
    0,
  );
  return {
    cpuPercent: hundredths((cpuMs / (last.atMs - first.atMs)) * 100),
    memoryBytes: Math.round(mean(points.map((point) => point.memoryBytes))),
  };
}

function responseOf({ latencies, failed }: Answers): Impact['responseMs'][string] {
  const all = latencies.flat();
  const { p50, p95, p99 } = percentiles(all);
  return { samples: all.length + failed, failed, p50, p95, p99 };
}

function usages(names: string[], found: Map<string, Point>[]): Record<string, Usage> {
  const throughout = names.filter((name) => found[0]?.has(name) && found.at(-1)?.has(name));
  return Object.fromEntries(
    throughout.map((name) => [name, usage(found.flatMap((reading) => reading.get(name) ?? []))]),
  );
}

function machineUsage(found: Reading[], cores: number): Impact['machine'] {
  const [first, last] = [found[0] as Reading, found.at(-1) as Reading];
  const seconds = Math.max(0.001, (last.atMs - first.atMs) / 1000);
  const memoryBytes = mean(found.map(({ machine }) => machine.memoryUsed));
  return {
    cpuPercent: hundredths(
      (100 * (last.machine.busy - first.machine.busy)) / Math.max(1, last.machine.total - first.machine.total),
    ),
    memoryPercent: hundredths((100 * memoryBytes) / last.machine.memoryTotal),
    memoryBytes: Math.round(memoryBytes),
    cores,
    receivedBytesPerS: Math.round((last.machine.received - first.machine.received) / seconds),
    sentBytesPerS: Math.round((last.machine.sent - first.machine.sent) / seconds),
  };
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
