// What the week costs: response times, processor, memory and network of a machine over some seconds.
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Impact, ImpactAsk } from '../../plan/machine-api/measure.ts';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import { type Answers, impactOf, type Reading } from '../../plan/evidence/impact-readings.ts';
import type { Probe } from '../../plan/machine-api/host.ts';
import { pause } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { readContainer } from '../docker/used.ts';
import { points, readPrograms } from './points.ts';
import { probe } from '../http/probe.ts';
import { cpuTimes, linkSpeed, memory, traffic } from '../host/proc.ts';
import { probeReceiver } from '../prometheus/hub-status.ts';
import { programStatuses } from '../programs/programs.ts';

const probeEveryMs = 100;
/** Each is asked at most so often: a long measurement must not be a load of its own. */
const probesAtMost = 2_400;
const probeTimeoutMs = 2_000;
/** Memory is averaged over so many readings more than the first. Few, because Docker may take a second for each. */
const readings = 3;
/** Shorter batches follow from one another; more of them tell little more. */
const batchAtLeastMs = 10_000;
const batchesAtMost = 20;

interface Target extends Answers {
  ask(): Promise<Probe>;
  everyMs: number;
  delayMs: number;
}

export async function measureImpact(host: Host, ask: ImpactAsk): Promise<Impact> {
  const programs = await programStatuses(host, ask.programs);
  const everyMs = Math.max(probeEveryMs, ask.durationMs / probesAtMost);
  const asks = [
    ...Object.entries(ask.urls).map(([name, url]) => ({ name, ask: () => probe(host.reach(url), probeTimeoutMs) })),
    ...Object.entries(ask.writes ?? {}).map(([name, hub]) => ({ name, ask: () => probeReceiver(host.reach(hub)) })),
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
  return impactOf(ask, targets, found, { cores: cpus().length, bitsPerS: await linkSpeed() }, Date.now());
}

/** Waits for its place in the round first, so that no request queues behind those to the others. */
async function respond(target: Target, until: number): Promise<void> {
  const batch: number[] = [];
  target.latencies.push(batch);
  await pause(target.delayMs);
  while (performance.now() < until) {
    const started = performance.now();
    const { ok, latencyMs, unknown } = await target.ask();
    if (ok) batch.push(latencyMs);
    else if (!unknown) target.failed += 1;
    await pause(Math.max(0, started + target.everyMs - performance.now()));
  }
}

async function read(host: Host, names: string[], started: ProgramStatus[]): Promise<Reading> {
  const [containers, programs, stat, meminfo, dev] = await Promise.all([
    points(names, (name) => readContainer(host, name)),
    readPrograms(host, started),
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
