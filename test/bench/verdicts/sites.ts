// A machine with what runs on it: how long each that is asked takes to answer, and what of the machine is in use.
import type { Plan } from '../../../plan/schema/plan.ts';
import { isHub } from '../../../plan/tasks/services.ts';
import { dayAt, type Host, hostOf, hour, isBusy, jobsOnLink, minute, series } from './hosts.ts';
import type { Random } from './random.ts';

/** In percent of the machine: before the week, and what the week adds when all goes well (5 % is the target, 10 % the limit). */
interface Costs {
  cpu: [base: number, added: number];
  memory: [base: number, added: number];
  link: [base: number, added: number];
}

export type Used = Record<keyof Costs, number>;

export interface Site {
  host: Host;
  costs: Costs;
  /** Of each that is asked, the median: agents, and of hubs a query and a write. */
  medianMs: Record<string, number>;
}

/** By machine. */
export type Sites = Record<string, Site>;

export function sitesOf(random: Random, plan: Plan): Sites {
  const medianMs = Object.fromEntries([
    ...plan.agents.map(({ name }) => [name, random.logBetween(1, 10)] as const),
    ...plan.services
      .filter(isHub)
      .flatMap(({ name }) => [
        [`${name} query`, random.logBetween(3, 20)] as const,
        [`${name} write`, random.logBetween(2, 15)] as const,
      ]),
  ]);
  return Object.fromEntries(
    plan.machines.map(({ name }) => [
      name,
      {
        host: hostOf(random),
        medianMs,
        costs: {
          cpu: [random.between(1, 8), random.between(0.3, 4)],
          memory: [random.between(4, 25), random.between(0.5, 4)],
          link: [random.logBetween(0.1, 5), random.between(0.05, 1)],
        },
      },
    ]),
  );
}

/** What a fault adds, in percent of the machine and at any time of the day, instead of what a good week adds. */
export type Worse = Partial<Used>;

/** What is in use, reading by reading; `apart`: so many samples of 15 s lie between two of them. */
export function useOf(random: Random, { host, costs }: Site, apart: number, worse: Worse = {}) {
  const lag = host.lag ** apart;
  const next = { cpu: series(random, lag), memory: series(random, 0.99 ** apart), link: series(random, lag) };
  const was = usual(costs, () => 0);
  const is = usual(costs, (what) => (worse[what] === undefined ? costs[what][1] : 0));
  const { cpu = 0, memory = 0, link = 0 } = worse;
  return (at: number, after: boolean): Used => {
    const of = after ? is : was;
    const load = dayAt(host, at);
    // Prometheus keeps two hours in memory, and lets go of them at once.
    const saw = 1.5 * ((at % (2 * hour)) / (2 * hour));
    const more = after ? 1 : 0;
    return {
      cpu: Math.min(100, of.cpu * load * Math.exp(0.25 * next.cpu()) + compaction(host, at) + more * cpu),
      memory: Math.min(100, of.memory + saw + 0.3 * next.memory() + more * memory),
      link: Math.min(100, of.link * load * Math.exp(0.3 * next.link()) + jobsOnLink(host, at) + more * link),
    };
  };
}

function usual(costs: Costs, added: (what: keyof Costs) => number): Used {
  return {
    cpu: costs.cpu[0] + added('cpu'),
    memory: costs.memory[0] + added('memory'),
    link: costs.link[0] + added('link'),
  };
}

/** Prometheus writes its block every two hours: most of a core, for a minute; on a busy machine for longer. */
function compaction(host: Host, at: number): number {
  return at % (2 * hour) < (isBusy(host, at) ? 1.5 : 1) * minute ? 80 / host.cores : 0;
}
