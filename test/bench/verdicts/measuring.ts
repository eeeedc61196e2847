// What is measured all along, as activities/measure/totals.ts adds it up: who was up, answers, messages and costs, until the gate.
import { encoded, histogram, recordMs } from '../../../activities/measure/histogram.ts';
import { heldUntil, type Look, lookedFrom } from '../../../plan/evidence/looked.ts';
import { withCosts } from '../../../plan/evidence/costs.ts';
import { type Delivery, type Measured, nothingMeasured } from '../../../plan/evidence/measured.ts';
import { bounded } from '../../../plan/evidence/measured-bounds.ts';
import { common, minus, type Ranges, rangesOf, union } from '../../../plan/evidence/sequence-sets.ts';
import type { Plan } from '../../../plan/schema/plan.ts';
import { measuresOf } from '../../../plan/tasks/measures.ts';
import { answerMs, series, slowerAt } from './hosts.ts';
import type { Random } from './random.ts';
import { type Sites, useOf, type Worse } from './sites.ts';

/** What looks find down: of everybody who looks, or of one; one target, or all of a machine. */
export interface Outage {
  from: number;
  to: number;
  looker?: string;
  on?: string;
  target?: string;
  /** Nobody looks from there. */
  away?: true;
}

/** What is wrong in a week beside outages. */
export interface Wrong {
  /** Of so large a share of the messages nobody answers, or nobody hears them for a while; those of one machine take so long. */
  messages?: { lost?: number; silent?: number; slow?: { from: string; p95Ms: number } };
  /** 95 % of the answers of one hub within this. */
  hub?: { name: string; p95Ms: number };
  used?: Record<string, Worse>;
}

/** Figures are drawn for one look in so many: fewer make them scatter more, never less. Of costs five are in a batch of ten minutes. */
const oneIn = { answers: 20, costs: 8 };

/** What is measured beside who was up: answers and the latencies of messages, costs, messages; what is not asked for is not drawn. */
export type Part = 'answers' | 'costs' | 'messages';

export function measuredIn(
  random: Random,
  plan: Plan,
  sites: Sites,
  span: { from: number; to: number },
  outages: Outage[],
  wrong: Wrong,
  parts: Part[],
): Record<string, Measured> {
  return Object.fromEntries(
    plan.machines.map(({ name }) => {
      const looked = lookedAllAlong(plan, name, span, outages);
      const away = (of: string) => rangesAway(outages, of, span);
      const figures = withFigures(random, plan, sites, name, span, looked, wrong, parts, away);
      return [name, bounded({ ...figures, wanted: [[span.from, span.to - 1]] }, plan.watch.sampleInterval)];
    }),
  );
}

/** Looks that find the same, one after the other without a gap, are as one that holds as long: so a week has some dozens. */
export function lookedAllAlong(
  plan: Plan,
  machine: string,
  { from, to }: { from: number; to: number },
  outages: Outage[],
): Measured {
  const every = plan.watch.sampleInterval;
  const count = Math.ceil((to - from) / every);
  const first = (at: number) => Math.min(count, Math.max(0, Math.ceil((at - from) / every)));
  const mine = outages
    .filter(({ looker }) => looker === undefined || looker === machine)
    .map((outage) => ({ ...outage, first: first(outage.from), end: first(outage.to) }))
    .filter((outage) => outage.end > outage.first);
  const turns = [...new Set([0, count, ...mine.flatMap((outage) => [outage.first, outage.end])])].sort((a, b) => a - b);
  const runs = turns
    .slice(0, -1)
    .map((begin, index) => ({
      begin,
      end: turns[index + 1]!,
      now: mine.filter((outage) => outage.first <= begin && outage.end > begin),
    }))
    .filter(({ now }) => !now.some(({ away }) => away));
  const targets = targetsFrom(plan, machine);
  return runs.reduce((totals, { begin, end, now }, index) => {
    const looks = targets.map(({ on, ...look }): Look => ({
      ...look,
      up: !now.some(
        (outage) =>
          (outage.target === undefined || outage.target === look.target) &&
          (outage.on === undefined || on.includes(outage.on)),
      ),
    }));
    const next = runs[index + 1] ? from + runs[index + 1]!.begin * every : to;
    const [, last] = heldUntil(from + (end - 1) * every, next, every);
    return lookedFrom(totals, { at: from + begin * every, looks }, last + 1, Infinity);
  }, nothingMeasured());
}

/** A cluster is on all the machines that have a server of it: of a pair, either can keep it from taking a write. */
export function targetsFrom(plan: Plan, machine: string): (Omit<Look, 'up'> & { on: string[] })[] {
  const { urls, outside = {}, clusters = {} } = measuresOf(plan, machine, 'run');
  const machines = plan.machines.map(({ name }) => name);
  const of = (name: string) => [...plan.services, ...plan.agents].find((one) => one.name === name)!.machine;
  return [
    ...Object.keys(urls).map((target) => ({ target, on: [machine] })),
    ...Object.keys(clusters).map((target) => ({ target, on: machines })),
    ...Object.keys(outside).map((target) => ({ target, on: [of(target)], outside: true as const })),
  ];
}

function withFigures(
  random: Random,
  plan: Plan,
  sites: Sites,
  machine: string,
  { from, to }: { from: number; to: number },
  looked: Measured,
  wrong: Wrong,
  parts: Part[],
  away: (of: string) => Ranges,
): Measured {
  const { timed, messages } = measuresOf(plan, machine, 'run');
  const every = plan.watch.sampleInterval;
  const asked = [...Object.keys(timed?.urls ?? {}), ...Object.keys(timed?.writes ?? {})].map((name) => {
    const hub = plan.services.find((service) => name.startsWith(`${service.name} `))!;
    const { host, medianMs } = sites[hub.machine]!;
    const p95Ms = wrong.hub?.name === hub.name ? wrong.hub.p95Ms : undefined;
    return {
      name,
      host,
      medianMs: medianMs[name]!,
      p95Ms,
      level: series(random, host.lag ** oneIn.answers),
      hdr: histogram(null),
    };
  });
  const routes = Object.keys(messages.to).map((other) => {
    const { host } = sites[other]!;
    const p95Ms = wrong.messages?.slow?.from === machine ? wrong.messages.slow.p95Ms : undefined;
    const medianMs = random.logBetween(0.4, 3);
    return {
      name: other,
      host,
      medianMs,
      p95Ms,
      level: series(random, host.lag ** oneIn.answers),
      hdr: histogram(null),
    };
  });
  const use = useOf(random, sites[machine]!, oneIn.costs, wrong.used?.[machine]);
  let totals = looked;
  for (let at = from; at < to && parts.includes('costs'); at += oneIn.costs * every) {
    const { cpu, memory, link } = use(at, true);
    totals = withCosts(totals, { cpu, memory, network: link }, at);
  }
  for (const { host, medianMs, p95Ms, level, hdr } of [...asked, ...routes])
    for (let at = from; at < to && parts.includes('answers'); at += oneIn.answers * every)
      recordMs(hdr, slowed(random, p95Ms) ?? answerMs(random, host, medianMs, slowerAt(host, at), level()));
  return {
    ...totals,
    samples: Math.floor((to - from) / every),
    responses: Object.fromEntries(
      asked.flatMap(({ name, hdr }) => (hdr.totalCount > 0 ? [[name, encoded(hdr)!]] : [])),
    ),
    messages: Object.fromEntries(
      (parts.length > 0 ? routes : []).map(({ name, host, hdr }) => [
        name,
        {
          ...sentTo(random, plan, { from, to }, host.slowDisk, wrong, { sender: away(machine), answerer: away(name) }),
          latency: encoded(hdr),
        },
      ]),
    ),
  };
}

/** All of them slow, around this 95th percentile. */
function slowed(random: Random, p95Ms?: number): number | undefined {
  return p95Ms === undefined ? undefined : p95Ms * Math.exp(0.4 * (random.normal() - 1.645));
}

/** When the worker of a machine was not there. */
function rangesAway(outages: Outage[], machine: string, { from, to }: { from: number; to: number }): Ranges {
  return union(
    outages
      .filter(({ away, looker }) => away && (looker === undefined || looker === machine))
      .map((outage) => [Math.max(from, Math.round(outage.from)), Math.min(to, Math.round(outage.to)) - 1]),
  );
}

/** Who is away sends nothing, and what is sent to it nobody hears. */
function sentTo(
  random: Random,
  plan: Plan,
  { from, to }: { from: number; to: number },
  slowDisk: boolean,
  wrong: Wrong,
  away: { sender: Ranges; answerer: Ranges },
): Omit<Delivery, 'latency'> {
  const every = plan.watch.sampleInterval;
  const count = Math.floor((to - from) / every);
  const { lost = 0, silent = 0 } = wrong.messages ?? {};
  const numbersIn = (times: Ranges): Ranges =>
    times
      .map(([first, last]): [number, number] => [
        1 + Math.ceil((first - from) / every),
        Math.min(count, 1 + Math.floor((last - from) / every)),
      ])
      .filter(([first, last]) => last >= first);
  const none = Array.from({ length: random.count(count * (slowDisk ? 2e-5 : 2e-6)) }, () => random.next());
  const more = Array.from({ length: Math.ceil(count * lost) }, (_, index) => (index + random.next()) / (count * lost));
  const numbers = rangesOf([...none, ...more].map((share) => 1 + Math.floor(Math.min(share, 1 - 1e-9) * count)));
  const quiet = Math.ceil(count * silent);
  const firstQuiet = 1 + Math.floor(random.between(0.1, 0.8) * count);
  const sent = minus([[1, count]], numbersIn(away.sender));
  const silentNow: Ranges = quiet > 0 ? [[firstQuiet, firstQuiet + quiet - 1]] : [];
  const unheard = common(sent, union(silentNow, numbersIn(away.answerer)));
  const at = (number: number) => from + (number - 1) * every;
  return {
    sent,
    answered: minus(minus(sent, numbers), unheard),
    unheard,
    silences: unheard.map(([first, last]) => ({ fromMs: at(first), toMs: at(last), last, count: last - first + 1 })),
    lostAt: minus(common(sent, numbers), unheard)
      .flatMap(([first]) => at(first))
      .slice(0, 200),
  };
}
