// The KPIs of availability: how long each of some targets was up, planned windows left out, and how much of the time anybody saw. Pure.
import type { Plan } from '../schema/plan.ts';
import { inconclusive } from '../tasks/shared/verdict.ts';
import { network } from '../week/disturbances.ts';
import type { Evidence, Evaluation } from '../week/record.ts';
import { together, uptimeIn, type View, viewsOf, viewWithout } from './availability.ts';
import { type KpiInput, rounded, samplesFor, share, windowsOf } from './figures.ts';
import { type Uptime, uptimeOf } from './measured.ts';
import { reachedOf } from './outside.ts';
import { type Ranges, union } from './sequence-sets.ts';

/**
 * How long each of many targets was up, as its own machine sees it and the others from outside. What it takes from the machines is worked out
 * once for all: a week of hundreds of pilots asks every minute.
 */
export function uptimesIn(input: KpiInput): (machine: string, target: string) => Target['of'] {
  const { measured, plan } = input;
  if (!seenFromOutside(input))
    return (machine, target) => (without) => {
      const all = measured[machine];
      const availability = all?.targets[target];
      return all && availability ? uptimeOf(all, availability, without) : null;
    };
  const cut = windowsOf(input, 'network', network);
  const wanted = wantedIn(input);
  const every = plan.watch.sampleInterval;
  const machines = Object.entries(measured).map(([name, one]) => ({ name, ...one, view: viewsOf(one, every) }));
  return (machine, target) => {
    const views = machines.flatMap(({ name, outside, view }) => {
      const reached = name === machine ? undefined : reachedOf(outside, target);
      return reached ? [viewWithout(view(reached), cut)] : [];
    });
    const own = machines.find(({ name }) => name === machine);
    const availability = own?.targets[target];
    return uptimeOfViews(wanted, availability && own!.view(availability), views);
  };
}

/** Whether workers look at each other's machines: those of before did not, and are judged as they were. */
export function seenFromOutside({ measured }: Pick<KpiInput, 'measured'>): boolean {
  return Object.values(measured).some(({ outside }) => outside !== undefined);
}

/** When the week wanted to know. */
export function wantedIn({ measured }: Pick<KpiInput, 'measured'>): Ranges {
  return union(...Object.values(measured).map((one) => one.wanted ?? []));
}

export function uptimeOfViews(wanted: Ranges, own: View | undefined, others: View[]): Target['of'] {
  if (!own && others.length === 0) return () => null;
  const view = together(own, others);
  return (without) => uptimeIn(view, wanted, without);
}

/** One of some targets, as people call it: when it was disturbed on purpose, and how long it was up without such times. */
export interface Target {
  name: string;
  windows: Ranges;
  of(without: Ranges): Uptime | null;
}

/** The worst of some targets, planned windows left out; what it is with them stands beside it. */
export function uptime(input: KpiInput, limitPercent: number, targets: Target[]): Evaluation {
  const found = targets.map(({ name, windows, of }) => ({ name, without: of(windows), all: of([]) }));
  const unseen = found
    .filter(({ without }) => without === null || without.upMs + without.downMs === 0)
    .map(({ name }) => name);
  if (found.length === 0 || unseen.length > 0)
    return inconclusive(`${unseen.slice(0, 3).join(', ') || 'nothing'} was never seen up`, {
      needed: samplesFor(limitPercent),
    });
  const percent = ({ upMs, downMs }: Uptime) => (100 * upMs) / Math.max(1, upMs + downMs);
  const [worst] = found.sort((a, b) => percent(a.without!) - percent(b.without!)) as [
    { name: string; without: Uptime; all: Uptime },
  ];
  const every = input.plan.watch.sampleInterval;
  const samples = Math.floor((worst.without.upMs + worst.without.downMs) / every);
  const downSamples = Math.ceil(worst.without.downMs / every);
  const evidence: Evidence = {
    worst: worst.name,
    value: rounded(percent(worst.without), 3),
    withPlannedWindows: rounded(percent(worst.all), 3),
    downMs: worst.without.downMs,
    unknownMs: worst.without.unknownMs,
    samples,
  };
  const say = `${worst.name} ${rounded(percent(worst.without), 2)} % (${rounded(percent(worst.all), 2)} % with planned faults)`;
  const judged = share(downSamples, samples, limitPercent, say, evidence);
  return judged.verdict === 'pass' ? (tooLittleSeen(input.plan, found, say, evidence) ?? judged) : judged;
}

/** Time that nobody saw was not up: above the plan's share of it nobody can tell. Plans of before had none. */
function tooLittleSeen(
  { limits, watch }: Plan,
  found: { name: string; without: Uptime | null }[],
  say: string,
  evidence: Evidence,
): Evaluation | null {
  const { unknownPercent } = limits as Partial<Plan['limits']>;
  if (unknownPercent === undefined) return null;
  const shares = found.flatMap(({ name, without }) => {
    const { upMs, downMs, unknownMs } = without!;
    return [{ name, unknownMs, percent: (100 * unknownMs) / (upMs + downMs + unknownMs) }];
  });
  const [most] = shares.sort((a, b) => b.percent - a.percent);
  if (!most || most.percent <= unknownPercent) return null;
  const seenMs = (most.unknownMs * (100 - unknownPercent)) / Math.max(unknownPercent, 0.001);
  return inconclusive(
    `${say}; nobody saw ${most.name} for ${rounded(most.percent, 2)} % of the time, at most ${unknownPercent} % is allowed`,
    { ...evidence, unknownPercent: rounded(most.percent, 3), needed: Math.ceil(seenMs / watch.sampleInterval) },
  );
}
