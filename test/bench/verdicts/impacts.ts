// What the week costs, as its machines are measured before and after: ten minutes of requests and readings each.
import { type Answers, impactOf, type Point, type Reading } from '../../../plan/evidence/impact-readings.ts';
import type { Impact, ImpactAsk } from '../../../plan/machine-api/measure.ts';
import { isMade, type Plan, serviceOf } from '../../../plan/schema/plan.ts';
import { impactAsk } from '../../../workflows/tasks/shared/impact.ts';
import { answerMs, day, type Host, series, slowerAt, stallMs, stallsADay } from './hosts.ts';
import type { Random } from './random.ts';
import { type Sites, useOf, type Worse } from './sites.ts';

/** As activities/measure/impact.ts does it, but half as often, which lets a percentile scatter more: in so many turns, until a request is given up. */
const askEveryMs = 500;
const turns = 20;
const givenUpMs = 2_000;
const capacity = { bitsPerS: 1e9, memoryTotal: 16 * 2 ** 30 };

export interface Fault {
  /** Added to each answer of one that is asked, in milliseconds; instead of what it is by its machine. */
  delay?: { of: string; ms: number };
  /** By machine. */
  used?: Record<string, Worse>;
}

/** All machines at once. `after`: with what the week adds, or a fault; which before it is not there. `asking`: whether answers matter. */
export function impactsAt(
  random: Random,
  plan: Plan,
  sites: Sites,
  at: number,
  after: Fault | null,
  asking = true,
): Record<string, Impact> {
  return Object.fromEntries(
    plan.machines.map(({ name }) => {
      const ask = impactAsk(plan, name);
      const answers = asking ? answersOf(random, plan, sites, ask, at, after) : [];
      const readings = readingsOf(random, plan, sites, name, ask, at, after);
      const { cores } = sites[name]!.host;
      return [name, impactOf(ask, answers, readings, { cores, bitsPerS: capacity.bitsPerS }, at + ask.durationMs)];
    }),
  );
}

function answersOf(
  random: Random,
  plan: Plan,
  sites: Sites,
  { urls, writes = {}, durationMs }: ImpactAsk,
  began: number,
  fault: Fault | null,
): Answers[] {
  const central = serviceOf(plan, 'central-hub').machine;
  const batchMs = durationMs / turns;
  return [...Object.keys(urls), ...Object.keys(writes)].map((name) => {
    const { host, medianMs } = sites[plan.agents.find((agent) => agent.name === name)?.machine ?? central]!;
    const next = series(random, host.lag ** (batchMs / 15_000));
    const stalls = stallsIn(random, host, began, durationMs);
    const more = fault?.delay?.of === name ? fault.delay.ms : 0;
    const answers: Answers = { name, latencies: [], failed: 0 };
    for (let turn = 0; turn < turns; turn += 1) {
      const from = began + turn * batchMs;
      const [level, slower] = [next(), slowerAt(host, from)];
      const batch: number[] = [];
      for (let at = from; at < from + batchMs;) {
        let took = answerMs(random, host, medianMs[name]!, slower, level) + more;
        // A disk that flushes for others lets a write wait.
        if (host.slowDisk && name in writes && random.chance(0.02)) took += random.exponential(60);
        const stall = stalls.find(([first, last]) => at >= first && at < last);
        if (stall) took += stall[1] - at;
        if (took < givenUpMs) batch.push(Math.round(took * 100) / 100);
        else answers.failed += 1;
        // One at a time.
        at += Math.max(askEveryMs, Math.min(took, givenUpMs));
      }
      answers.latencies.push(batch);
    }
    return answers;
  });
}

function stallsIn(random: Random, host: Host, from: number, lastsMs: number): [number, number][] {
  return Array.from({ length: random.count((stallsADay(host, from) * lastsMs) / day) }, () => {
    const at = from + random.between(0, lastsMs);
    return [at, at + stallMs(random)];
  });
}

/** All that is in use is in the first that is there: what is judged is the sum. */
function readingsOf(
  random: Random,
  plan: Plan,
  sites: Sites,
  machine: string,
  { containers, programs, durationMs }: ImpactAsk,
  began: number,
  after: Fault | null,
): Reading[] {
  const site = sites[machine]!;
  const batchMs = durationMs / turns;
  const use = useOf(random, site, batchMs / 15_000, after?.used?.[machine]);
  const wereThere = new Set(plan.services.filter((service) => !isMade(service)).map(({ name }) => name));
  const there = containers.filter((name) => after || wereThere.has(name));
  const names = [...there, ...programs];
  const found: Reading[] = [];
  let [cpuMs, bytes] = [0, 0];
  for (let turn = 0; turn <= turns; turn += 1) {
    const at = began + turn * batchMs;
    const { cpu, memory, link } = use(at, after !== null);
    if (turn > 0) {
      cpuMs += (cpu / 100) * site.host.cores * batchMs;
      bytes += ((link / 100) * capacity.bitsPerS * batchMs) / 8_000;
    }
    const point = (name: string): [string, Point] => [
      name,
      name === names[0]
        ? { atMs: at, cpuMs, memoryBytes: (memory / 100) * capacity.memoryTotal }
        : { atMs: at, cpuMs: 0, memoryBytes: 0 },
    ];
    found.push({
      atMs: at,
      containers: new Map(there.map(point)),
      programs: new Map(programs.map(point)),
      machine: {
        busy: cpuMs,
        total: site.host.cores * (at - began) + 1,
        memoryTotal: capacity.memoryTotal,
        memoryUsed: capacity.memoryTotal / 2,
        received: bytes / 2,
        sent: bytes / 2,
      },
    });
  }
  return found;
}
