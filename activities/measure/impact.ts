// What the week costs: response times, processor, memory and network of a machine over some seconds.
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Impact, ImpactAsk, ImpactBatches, Usage } from '../../plan/machine-api/measure.ts';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import type { Probe } from '../../plan/machine-api/host.ts';
import { pause } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { percentiles } from './percentiles.ts';
import { points, readContainer, readPrograms, type Point } from './points.ts';
import { probe } from '../http/probe.ts';
import { cpuTimes, linkSpeed, memory, traffic } from '../host/proc.ts';
import { probeReceiver } from '../prometheus/hub-status.ts';
import { programStatuses } from '../supervisor/programs.ts';

const probeEveryMs = 100;
/** Each is asked at most so often: a long measurement must not be a load of its own. */
const probesAtMost = 2_400;
const probeTimeoutMs = 2_000;
/** Memory is averaged over so many readings more than the first. Few, because Docker may take a second for each. */
const readings = 3;
/** Shorter batches follow from one another; more of them tell little more. */
const batchAtLeastMs = 10_000;
const batchesAtMost = 20;

interface Reading {
  atMs: number;
  containers: Map<string, Point>;
  programs: Map<string, Point>;
  machine: { busy: number; total: number; memoryTotal: number; memoryUsed: number; received: number; sent: number };
}

interface Target {
  name: string;
  ask(): Promise<Probe>;
  everyMs: number;
  delayMs: number;
  /** By batch. */
  latencies: number[][];
  failed: number;
}

/** Containers and programs that don't run at the beginning and at the end are left out. */
export async function measureImpact(host: Host, ask: ImpactAsk): Promise<Impact> {
  const programs = await programStatuses(host, ask.programs);
  const everyMs = Math.max(probeEveryMs, ask.durationMs / probesAtMost);
  const asks = [
    ...Object.entries(ask.urls).map(([name, url]) => ({ name, ask: () => probe(url, probeTimeoutMs) })),
    ...Object.entries(ask.writes ?? {}).map(([name, hub]) => ({ name, ask: () => probeReceiver(hub) })),
  ];
  const targets: Target[] = asks.map((one, index, { length }) => ({
    ...one,
    everyMs,
    delayMs: (everyMs * index) / length,
    latencies: [],
    failed: 0,
  }));
  const turns = Math.max(readings, Math.min(batchesAtMost, Math.floor(ask.durationMs / batchAtLeastMs)));
  const found = [await read(host, ask.containers, programs)];
  // In turns: a reading keeps this process and Docker busy, and would count as slow answers of whoever is asked meanwhile.
  for (let turn = 0; turn < turns; turn += 1) {
    const until = performance.now() + ask.durationMs / turns;
    await Promise.all(targets.map((target) => respond(target, until)));
    found.push(await read(host, ask.containers, programs));
  }
  return {
    at: Date.now(),
    durationMs: ask.durationMs,
    responseMs: Object.fromEntries(targets.map((target) => [target.name, responseOf(target)])),
    containers: usages(
      ask.containers,
      found.map((reading) => reading.containers),
    ),
    programs: usages(
      ask.programs,
      found.map((reading) => reading.programs),
    ),
    machine: machineUsage(found),
    batches: batchesOf(targets, found, await linkSpeed()),
  };
}

function batchesOf(targets: Target[], found: Reading[], bitsPerS: number): ImpactBatches {
  const spans = found.slice(1).map((is, index) => ({ was: found[index] as Reading, is }));
  return {
    responseMs: Object.fromEntries(
      targets.map(({ name, latencies }) => [
        name,
        latencies.map((batch) => (batch.length > 0 ? percentiles(batch).p95 : null)),
      ]),
    ),
    cpuPercent: spans.map(({ was, is }) => hundredths(usedBetween(was, is) / Math.max(1, cpus().length))),
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

/** Waits for its place in the round first, so that no request queues behind those to the others. */
async function respond(target: Target, until: number): Promise<void> {
  const batch: number[] = [];
  target.latencies.push(batch);
  await pause(target.delayMs);
  while (performance.now() < until) {
    const started = performance.now();
    const { ok, latencyMs } = await target.ask();
    if (ok) batch.push(latencyMs);
    else target.failed += 1;
    await pause(Math.max(0, started + target.everyMs - performance.now()));
  }
}

function responseOf({ latencies, failed }: Target): Impact['responseMs'][string] {
  const all = latencies.flat();
  const { p50, p95, p99 } = percentiles(all);
  return { samples: all.length + failed, failed, p50, p95, p99 };
}

async function read(host: Host, names: string[], started: ProgramStatus[]): Promise<Reading> {
  const [containers, programs, stat, meminfo, dev] = await Promise.all([
    points(names, (name) => readContainer(host, name)),
    readPrograms(started),
    readFile('/proc/stat', 'utf8'),
    readFile('/proc/meminfo', 'utf8'),
    readFile('/proc/self/net/dev', 'utf8'),
  ]);
  const { total, used } = memory(meminfo);
  return {
    atMs: performance.now(),
    containers,
    programs,
    machine: { ...cpuTimes(stat), memoryTotal: total, memoryUsed: used, ...traffic(dev) },
  };
}

function usages(names: string[], found: Map<string, Point>[]): Record<string, Usage> {
  const throughout = names.filter((name) => found[0]?.has(name) && found.at(-1)?.has(name));
  return Object.fromEntries(
    throughout.map((name) => [name, usage(found.flatMap((reading) => reading.get(name) ?? []))]),
  );
}

function machineUsage(found: Reading[]): Impact['machine'] {
  const [first, last] = [found[0] as Reading, found.at(-1) as Reading];
  const seconds = Math.max(0.001, (last.atMs - first.atMs) / 1000);
  const memoryBytes = mean(found.map(({ machine }) => machine.memoryUsed));
  return {
    cpuPercent: hundredths(
      (100 * (last.machine.busy - first.machine.busy)) / Math.max(1, last.machine.total - first.machine.total),
    ),
    memoryPercent: hundredths((100 * memoryBytes) / last.machine.memoryTotal),
    memoryBytes: Math.round(memoryBytes),
    cores: cpus().length,
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
