// The KPIs of messaging: the cluster's uptime, delivery, latency.
import {
  below,
  enough,
  kpi,
  type Kpi,
  type KpiInput,
  percentileNeeds,
  percentOf,
  rounded,
  samplesFor,
  share,
  windowsOf,
  within,
} from '../../evidence/figures.ts';
import { viewOf } from '../../evidence/availability.ts';
import { clusterUptime, type Delivery, type Uptime } from '../../evidence/measured.ts';
import { joined } from '../../evidence/measured-bounds.ts';
import { common, minus, type Ranges, sizeOf } from '../../evidence/sequence-sets.ts';
import { seenFromOutside, type Target, uptime, uptimeOfViews, wantedIn } from '../../evidence/uptimes.ts';
import { type Plan, servicesOf } from '../../schema/plan.ts';
import type { Evaluation, Evidence } from '../../week/record.ts';
import { inconclusive } from '../shared/verdict.ts';
import { clusterOf } from './cluster.ts';

export const kpis: Kpi[] = [
  kpi({
    place: 2,
    id: 'kpi.nats-availability',
    text: 'the NATS cluster is up for at least 99.9 %',
    criterion: 'components',
    bounds: percentOf('natsAvailabilityPercent'),
    evaluate: natsAvailability,
  }),
  kpi({
    place: 4,
    id: 'kpi.delivery',
    text: 'at least 99 % of messages between the machines are delivered',
    criterion: 'loss',
    bounds: percentOf('deliveryPercent'),
    evaluate: delivery,
  }),
  kpi({
    place: 6,
    id: 'kpi.message-latency',
    text: 'messages cross the machines in less than 100 ms, target 50 ms',
    criterion: 'degradation',
    bounds: within('messageLatency', 'ms'),
    evaluate: messageLatency,
  }),
];

function natsAvailability(input: KpiInput): Evaluation {
  const { plan, measured } = input;
  const { target } = clusterOf(plan);
  const judged = (of: Target['of']) =>
    uptime(input, plan.limits.natsAvailabilityPercent, [
      { name: 'cluster', windows: windowsOf(input, 'nats', target), of },
    ]);
  if (!seenFromOutside(input)) return judged((without) => anyAlive(input, without));
  const views = Object.values(measured).flatMap((one) => {
    const works = one.targets[target];
    return works ? [viewOf(one, works, plan.watch.sampleInterval)] : [];
  });
  return judged(uptimeOfViews(wantedIn(input), undefined, views));
}

/** As it was judged before: up while any server is alive. */
function anyAlive({ plan, measured }: KpiInput, without: Ranges): Uptime | null {
  const members = servicesOf(plan, 'nats').flatMap(({ name, machine }) => {
    const of = measured[machine];
    const availability = of?.targets[name];
    return of && availability ? [{ measured: of, availability }] : [];
  });
  return members.length === 0 ? null : clusterUptime(members, without);
}

function delivery(input: KpiInput): Evaluation {
  const { plan, measured } = input;
  const windows = windowsOf(input, 'nats', clusterOf(plan).target);
  const routes = Object.entries(measured).flatMap(([from, { messages }]) =>
    Object.entries(messages).map(([to, route]) => ({
      ...route,
      way: `from ${from} to ${to}`,
      ...silentIn(route, measured[to]?.seen ?? [], windows, plan.watch.sampleInterval),
    })),
  );
  const silent = routes.reduce((sum, route) => sum + route.silent, 0);
  const sent = routes.reduce((sum, route) => sum + sizeOf(route.sent) - sizeOf(route.unheard), silent);
  // Sets say how many; the times, of which the first are kept, say which of them the week itself brought about.
  const all = routes.reduce(
    (sum, route) => sum + sizeOf(minus(minus(route.sent, route.answered), route.unheard)),
    silent,
  );
  const planned = routes.reduce(
    (sum, { lostAt }) => sum + lostAt.filter((at) => sizeOf(minus([[at, at]], windows)) === 0).length,
    0,
  );
  const count = Math.max(0, all - planned);
  // Weeks of before are judged as they were: by what was answered, and by all ways together.
  const isOfBefore = !seenFromOutside(input);
  const unknown = isOfBefore ? 0 : routes.reduce((sum, route) => sum + route.unknown, 0);
  const { deliveryPercent } = plan.limits;
  const evidence = {
    value: sent === 0 ? null : rounded((100 * (sent - count)) / sent, 3),
    samples: sent,
    lost: count,
    lostInPlannedWindows: planned,
    unheard: routes.reduce((sum, { unheard }) => sum + sizeOf(unheard), 0),
    ...(routes.some(({ silences }) => silences) && { unanswered: silent }),
    ...(!isOfBefore && { unknown }),
  };
  if (sent === 0)
    return inconclusive('no message crossed the machines', { ...evidence, needed: samplesFor(deliveryPercent) });
  const say = `${sent - count} of ${sent} messages delivered`;
  const judged = share(count, sent, deliveryPercent, say, evidence);
  if (judged.verdict !== 'pass' || isOfBefore) return judged;
  // What crosses one way says nothing of the other.
  const mute = routes.find(({ answered }) => answered.length === 0);
  if (mute) return inconclusive(`no message crossed ${mute.way}`, { ...evidence, needed: samplesFor(deliveryPercent) });
  return tooManyUnknown(plan, sent, unknown, say, evidence) ?? judged;
}

/**
 * Of what nobody heard once somebody had answered, and nothing was broken on purpose: how many while the machine that should have was there, and
 * how many while its worker was away, which nobody could have heard.
 */
function silentIn({ silences = [] }: Delivery, seen: Ranges, windows: Ranges, intervalMs: number) {
  // Between two slices it is only not asked.
  const there = joined(seen, intervalMs);
  const parts = silences.map(({ fromMs, toMs, count }) => {
    const span: Ranges = [[fromMs, Math.max(fromMs, toMs)]];
    const of = (times: Ranges) => (count * sizeOf(minus(times, windows))) / sizeOf(span);
    return { silent: of(common(span, seen)), unknown: of(minus(span, there)) };
  });
  const sum = (what: 'silent' | 'unknown') => Math.round(parts.reduce((all, part) => all + part[what], 0));
  return { silent: sum('silent'), unknown: sum('unknown') };
}

/** What nobody could hear was not delivered either: above the plan's share of it nobody can tell. */
function tooManyUnknown(
  { limits: { unknownPercent } }: Plan,
  sent: number,
  unknown: number,
  say: string,
  evidence: Evidence,
): Evaluation | null {
  const percent = (100 * unknown) / (sent + unknown);
  if (percent <= unknownPercent) return null;
  return inconclusive(
    `${say}; ${unknown} (${rounded(percent, 2)} %) were sent while the worker that answers was away, at most ${unknownPercent} % is allowed`,
    {
      ...evidence,
      unknownPercent: rounded(percent, 3),
      needed: Math.ceil((unknown * (100 - unknownPercent)) / Math.max(unknownPercent, 0.001)),
    },
  );
}

function messageLatency({ plan, measured }: KpiInput): Evaluation {
  const routes = Object.entries(measured).flatMap(([from, { messages }]) =>
    Object.entries(messages).flatMap(([to, { latency }]) =>
      latency ? [{ route: `${from} to ${to}`, ...latency }] : [],
    ),
  );
  const [slowest] = routes.sort((a, b) => b.p95 - a.p95);
  if (!slowest) return inconclusive('no message crossed the machines', { needed: percentileNeeds });
  const say = `95 % within ${slowest.p95} ms ${slowest.route} (half of the round trip), p99 ${slowest.p99} ms`;
  const evidence = { value: slowest.p95, p50: slowest.p50, p95: slowest.p95, p99: slowest.p99, samples: slowest.count };
  return enough(evidence, say) ?? below(slowest.p95, plan.limits.messageLatency, 'ms', say, evidence);
}
