// The KPIs of messaging: the cluster's uptime, delivery, latency.
import {
  below,
  enough,
  kpi,
  type Kpi,
  type KpiInput,
  percentileNeeds,
  percentOf,
  plannedWindows,
  rounded,
  samplesFor,
  share,
  uptime,
  within,
} from '../../evidence/figures.ts';
import { clusterUptime } from '../../evidence/measured.ts';
import { minus, sizeOf } from '../../evidence/sequence-sets.ts';
import { servicesOf } from '../../schema/plan.ts';
import type { Evaluation } from '../../week/record.ts';
import { inconclusive } from '../shared/verdict.ts';

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
  const members = servicesOf(input.plan, 'nats').flatMap(({ name, machine }) => {
    const measured = input.measured[machine];
    const availability = measured?.targets[name];
    return measured && availability ? [{ measured, availability }] : [];
  });
  return uptime(input, 'nats', input.plan.limits.natsAvailabilityPercent, {
    cluster: (without) => (members.length === 0 ? null : clusterUptime(members, without)),
  });
}

function delivery(input: KpiInput): Evaluation {
  const windows = plannedWindows(input, 'nats');
  const routes = Object.values(input.measured).flatMap(({ messages }) => Object.values(messages));
  const sent = routes.reduce((sum, route) => sum + sizeOf(route.sent) - sizeOf(route.unheard), 0);
  // Sets say how many; the times, of which the first are kept, say which of them the week itself brought about.
  const all = routes.reduce((sum, route) => sum + sizeOf(minus(minus(route.sent, route.answered), route.unheard)), 0);
  const planned = routes.reduce(
    (sum, { lostAt }) => sum + lostAt.filter((at) => sizeOf(minus([[at, at]], windows)) === 0).length,
    0,
  );
  const count = Math.max(0, all - planned);
  const { deliveryPercent } = input.plan.limits;
  const evidence = {
    value: sent === 0 ? null : rounded((100 * (sent - count)) / sent, 3),
    samples: sent,
    lost: count,
    lostInPlannedWindows: planned,
    unheard: routes.reduce((sum, { unheard }) => sum + sizeOf(unheard), 0),
  };
  if (sent === 0)
    return inconclusive('no message crossed the machines', { ...evidence, needed: samplesFor(deliveryPercent) });
  return share(count, sent, deliveryPercent, `${sent - count} of ${sent} messages delivered`, evidence);
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
