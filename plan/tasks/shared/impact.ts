// The verdict of what the week costs: response times, CPU, memory and network, before and after.
import type { Impact } from '../../machine-api/measure.ts';
import type { Evaluation } from '../../week/record.ts';
import { type Batches, type ChangeLimits, comparedOn, type Measure } from './impact-change.ts';
import { inconclusive, unless } from './verdict.ts';

interface Limits extends Pick<ChangeLimits, 'overheadPercent'>, Partial<Omit<ChangeLimits, 'overheadPercent'>> {
  hubResponseMs: number;
  /** Of requests, in percent. */
  failedAtMost?: number;
  /** Containers that must be running, by machine: what one costs that was not measured is not known. */
  containers?: Record<string, string[]>;
}

export interface BeforeAndAfter {
  before: Record<string, Impact>;
  after: Record<string, Impact>;
  /** Later looks, where what was found first was no pass. */
  again?: Record<string, Impact>[];
}

/**
 * Response times stay under the hub's limit, and neither they nor CPU, memory and network are worse than the baseline by more than the plan
 * allows. A baseline of an earlier build has no batches: then, as it did, nothing but CPU and memory is held against it. Where it was looked
 * again, only what is so in every look counts: what the week costs stays, and a back-up of somebody else ends.
 */
export function impactWithin(limits: Limits, measures: Measure[] = ['response', 'resources']) {
  return ({ before, after, again = [] }: BeforeAndAfter): Evaluation => {
    const machines = Object.keys(after);
    const unknown = machines.filter((machine) => !before[machine]);
    if (machines.length === 0 || unknown.length > 0)
      return inconclusive(
        `there is no baseline to compare with${unknown.map((machine) => ` on ${machine}`).join(',')}`,
      );
    const { slower, bystanders = [], overheadPercent, answersOn } = limits;
    const all = [before, after, ...again];
    const change = slower && machines.every((machine) => all.every((one) => one[machine]?.batches));
    const [wasAll, ...isAll] = all.map(batchesIn) as [Batches, ...Batches[]];
    const problems: string[] = [];
    const open: string[] = [];
    const evidence: Evaluation['evidence'] = again.length > 0 ? { looks: 1 + again.length } : {};
    let told = true;
    for (const machine of machines) {
      const was = before[machine]!;
      const looks = [after, ...again].flatMap((one) => one[machine] ?? []);
      const is = looks.at(-1)!;
      if (measures.includes('response')) {
        if (Object.keys(is.responseMs).length === 0)
          return inconclusive(`no response times were measured on ${machine}`);
        for (const [name, response] of Object.entries(is.responseMs)) {
          if (response.samples === 0) return inconclusive(`${name} gave no response times`);
          const each = looks.flatMap((one) => one.responseMs[name] ?? []);
          if (each.every(({ failed, samples }) => failed > ((limits.failedAtMost ?? 0) / 100) * samples))
            problems.push(`${name}: ${response.failed} requests failed`);
          if (each.every(({ p95 }) => p95 > limits.hubResponseMs))
            problems.push(`${name} p95 ${Math.round(response.p95)} ms; at most ${limits.hubResponseMs} ms`);
        }
        const slowest = Math.max(...Object.values(is.responseMs).map((response) => response.p95));
        evidence[`${machine} p95 ms`] = [
          Math.round(Math.max(...Object.values(was.responseMs).map((response) => response.p95))),
          Math.round(slowest),
        ];
      }
      if (measures.includes('resources')) {
        const unseen = [...namesIn(was)].filter((name) => !namesIn(is).has(name));
        if (unseen.length > 0)
          return inconclusive(`${unseen.join(', ')} on ${machine} was measured before the week and is not now`);
        const unmeasured = (limits.containers?.[machine] ?? []).filter((name) => !(name in is.containers));
        if (unmeasured.length > 0)
          return inconclusive(`${unmeasured.join(', ')} on ${machine} did not run, so that its use is not known`);
      }
      if (measures.includes('resources') && !change) {
        const [cpu, memory] = [cpuShare(is) - cpuShare(was), memoryShare(is) - memoryShare(was)];
        if (cpu > overheadPercent) problems.push(`${machine} CPU +${cpu.toFixed(1)} %; at most ${overheadPercent} %`);
        if (memory > overheadPercent)
          problems.push(`${machine} memory +${memory.toFixed(1)} %; at most ${overheadPercent} %`);
        evidence[`${machine} cpu +%`] = Number(cpu.toFixed(1));
        evidence[`${machine} memory +%`] = Number(memory.toFixed(1));
      }
      if (measures.includes('network')) {
        if (is.machine.receivedBytesPerS + is.machine.sentBytesPerS <= 0)
          return inconclusive(`${machine} shows no network traffic at all`);
        evidence[`${machine} rx B/s`] = [
          Math.round(was.machine.receivedBytesPerS),
          Math.round(is.machine.receivedBytesPerS),
        ];
        evidence[`${machine} tx B/s`] = [Math.round(was.machine.sentBytesPerS), Math.round(is.machine.sentBytesPerS)];
      }
      if (!slower || !change) continue;
      const found = comparedOn(machine, wasAll, isAll, measures, { slower, bystanders, overheadPercent, answersOn });
      problems.push(...found.problems);
      open.push(...found.open);
      Object.assign(evidence, found.evidence);
      told &&= found.told;
    }
    if (problems.length === 0 && open.length > 0) return inconclusive(open.join('; '), evidence);
    return unless(
      problems,
      `${measures.join(' and ')} on ${machines.join(', ')} within the limits${told ? '' : '; too short for intervals, so the limits alone decide'}`,
      evidence,
    );
  };
}

function batchesIn(impacts: Record<string, Impact>): Batches {
  return Object.fromEntries(
    Object.entries(impacts).flatMap(([machine, { batches }]) => (batches ? [[machine, batches]] : [])),
  );
}

function namesIn({ containers, programs }: Impact): Set<string> {
  return new Set([...Object.keys(containers), ...Object.keys(programs)]);
}

/** What hubs, week's containers and agents take of the machine's CPU, in percent: other load of the machine is not the week's. */
function cpuShare({ containers, programs, machine }: Impact): number {
  return usages(containers, programs).reduce((sum, usage) => sum + usage.cpuPercent, 0) / Math.max(1, machine.cores);
}

/** The same of its memory. */
function memoryShare({ containers, programs, machine }: Impact): number {
  const totalBytes = (machine.memoryBytes / Math.max(0.001, machine.memoryPercent)) * 100;
  return (usages(containers, programs).reduce((sum, usage) => sum + usage.memoryBytes, 0) / totalBytes) * 100;
}

function usages(...groups: Impact['containers'][]): Impact['containers'][string][] {
  return groups.flatMap((group) => Object.values(group));
}
