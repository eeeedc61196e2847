// The nine KPIs of the week, each from what was measured all along or from the records of the trials. Pure. Seed: "Key performance indicators".
import { minus, sizeOf, union, type Ranges } from './sequence-sets.ts';
import { clusterUptime, interval95, uptimeOf, type Measured, type Moments, type Uptime } from './measured.ts';
import { pilotsOf, serviceOf, servicesOf, type Plan } from '../schema/plan.ts';
import type { Evidence, Judgement, StepRecord } from '../week/record.ts';
import { disturbs, stepsOf, timesFailover, type Disturbed } from '../tasks/index.ts';
import { fail, inconclusive, pass } from '../tasks/shared/verdict.ts';

export interface KpiInput {
  plan: Plan;
  records: Record<string, StepRecord>;
  history: StepRecord[];
  /** By machine. */
  measured: Record<string, Measured>;
  /** CPU and memory of the agents before the week, in percent of each machine. */
  before: Record<string, { cpu: number; memory: number }>;
}

export interface Kpi {
  id: string;
  text: string;
  /** The evidence has `Figures` beside what is its own; when inconclusive also the samples `needed`, where that can be said. */
  judge(input: KpiInput): Judgement;
}

/** What every KPI says of itself. */
interface Figures {
  /** Null when there is none yet. */
  value: number | null;
  unit: string;
  limit: number;
  /** Null where the limit is the target. */
  target: number | null;
  samples: number;
  /** The window, in Unix milliseconds; null before anything was seen. */
  from: number | null;
  to: number | null;
}

type Limits = Plan['limits'];
type Bounds = Pick<Figures, 'unit' | 'limit' | 'target'>;

const percentOf =
  (key: 'edgehubUptimePercent' | 'natsAvailabilityPercent' | 'agentUptimePercent' | 'deliveryPercent') =>
  (limits: Limits): Bounds => ({ unit: '%', limit: limits[key], target: null });
const within =
  (key: 'failover' | 'messageLatency' | 'hubResponse', unit: string) =>
  (limits: Limits): Bounds => ({ unit, limit: limits[key].limit, target: limits[key].target });

export const kpis: Kpi[] = [
  kpi('kpi.edgehub-uptime', 'EdgeHub is up for at least 99.9 %', percentOf('edgehubUptimePercent'), edgeHubUptime),
  kpi(
    'kpi.nats-availability',
    'the NATS cluster is up for at least 99.9 %',
    percentOf('natsAvailabilityPercent'),
    natsAvailability,
  ),
  kpi('kpi.agent-uptime', 'each pilot is up for at least 99.5 %', percentOf('agentUptimePercent'), agentUptime),
  kpi(
    'kpi.delivery',
    'at least 99 % of messages between the machines are delivered',
    percentOf('deliveryPercent'),
    delivery,
  ),
  kpi('kpi.failover-time', 'failover below 5 s, target 3 s', within('failover', 'ms'), failoverTime, timesFailover),
  kpi(
    'kpi.message-latency',
    'messages cross the machines in less than 100 ms, target 50 ms',
    within('messageLatency', 'ms'),
    messageLatency,
  ),
  kpi(
    'kpi.resource-overhead',
    'less than 10 % of a machine more in use, target 5 %',
    ({ overheadPercent }) => ({ unit: '%', ...overheadPercent }),
    resourceOverhead,
  ),
  kpi('kpi.hub-response', 'hubs answer in less than 200 ms, target 100 ms', within('hubResponse', 'ms'), hubResponse),
  kpi(
    'kpi.data-loss',
    'nothing acknowledged was lost',
    () => ({ unit: 'rows with a loss', limit: 0, target: null }),
    dataLoss,
    judgesLoss,
  ),
];

/** Measured all along, or from the records that `ofRecord` names. */
function kpi(
  id: string,
  text: string,
  bounds: (limits: Limits) => Bounds,
  judge: Kpi['judge'],
  ofRecord?: (id: string) => boolean,
): Kpi {
  return {
    id,
    text,
    judge(input) {
      const judged = judge(input);
      const spans = ofRecord
        ? Object.values(input.records)
            .filter((record) => ofRecord(record.id))
            .map(({ startedAt, endedAt }) => [startedAt, endedAt] as const)
        : Object.values(input.measured).flatMap(({ seen }) => seen);
      const window =
        spans.length > 0
          ? { from: Math.min(...spans.map(([start]) => start)), to: Math.max(...spans.map(([, end]) => end)) }
          : { from: null, to: null };
      const figures: Figures = { value: null, samples: 0, ...bounds(input.plan.limits), ...window };
      return { ...judged, evidence: { ...figures, ...judged.evidence } };
    },
  };
}

/** A hub or an agent restarts within this time of what disturbed it on purpose. */
const settleMs = 5_000;

/** When the week itself stopped or restarted this. */
export function plannedWindows({ records, history }: Pick<KpiInput, 'records' | 'history'>, what: Disturbed): Ranges {
  const disturbing = [...Object.values(records), ...history].filter(({ id }) => disturbs(id, what));
  return union(disturbing.map(({ startedAt, endedAt }) => [startedAt, endedAt + settleMs]));
}

function edgeHubUptime(input: KpiInput): Judgement {
  const edge = serviceOf(input.plan, 'edge-hub');
  return uptime(input, 'edge-hub', input.plan.limits.edgehubUptimePercent, {
    [edge.name]: (without) => targetUptime(input, edge.machine, edge.name, without),
  });
}

function natsAvailability(input: KpiInput): Judgement {
  const members = servicesOf(input.plan, 'nats').flatMap(({ name, machine }) => {
    const measured = input.measured[machine];
    const availability = measured?.targets[name];
    return measured && availability ? [{ measured, availability }] : [];
  });
  return uptime(input, 'nats', input.plan.limits.natsAvailabilityPercent, {
    cluster: (without) => (members.length === 0 ? null : clusterUptime(members, without)),
  });
}

function agentUptime(input: KpiInput): Judgement {
  return uptime(
    input,
    'agent',
    input.plan.limits.agentUptimePercent,
    Object.fromEntries(
      pilotsOf(input.plan).map(({ name, machine }) => [
        name,
        (without: Ranges) => targetUptime(input, machine, name, without),
      ]),
    ),
  );
}

function targetUptime({ measured }: KpiInput, machine: string, target: string, without: Ranges): Uptime | null {
  const all = measured[machine];
  const availability = all?.targets[target];
  return all && availability ? uptimeOf(all, availability, without) : null;
}

/** The worst of some targets, planned windows left out; what it is with them stands beside it. */
function uptime(
  input: KpiInput,
  what: Disturbed,
  limitPercent: number,
  targets: Record<string, (without: Ranges) => Uptime | null>,
): Judgement {
  const windows = plannedWindows(input, what);
  const found = Object.entries(targets).map(([name, of]) => ({ name, without: of(windows), all: of([]) }));
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
  return share(downSamples, samples, limitPercent, say, evidence);
}

/** A share of at least so many percent: missed as soon as the samples that it needs can't mend it any more, met when there are that many. */
function share(bad: number, samples: number, limitPercent: number, say: string, evidence: Evidence): Judgement {
  const needed = samplesFor(limitPercent);
  // 100 - 99.9 is a little less than 0.1 to a computer.
  const allowed = Math.floor(((100 - limitPercent) / 100) * Math.max(samples, needed) + 1e-6);
  if (bad > allowed) return fail(`${say}; at least ${limitPercent} % is wanted`, evidence);
  if (samples < needed)
    return inconclusive(`${say} in ${samples} samples; ${limitPercent} % needs ${needed}`, { ...evidence, needed });
  return pass(`${say} in ${samples} samples`, evidence);
}

/** One bad sample of fewer would be more than the share allows. */
function samplesFor(limitPercent: number): number {
  return limitPercent < 100 ? Math.round(100 / (100 - limitPercent)) : 1_000;
}

function delivery(input: KpiInput): Judgement {
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

/** The slowest of all trials, pilots and directions: the time without an acknowledgement between one hub and the other. */
function failoverTime({ plan, records }: KpiInput): Judgement {
  const trials = Object.values(records).filter(({ id, evidence }) => timesFailover(id) && 'slowestMs' in evidence);
  const samples = trials.reduce((sum, { evidence }) => sum + Number(evidence['failovers'] ?? 0), 0);
  const never = trials.filter(({ evidence }) => evidence['slowestMs'] === null).map(({ id }) => id);
  if (never.length > 0)
    return fail(`never failed over: a pilot in ${never.slice(0, 3).join(', ')}`, { samples, never: never.length });
  const [slowest] = trials.sort((a, b) => Number(b.evidence['slowestMs']) - Number(a.evidence['slowestMs']));
  if (!slowest) return inconclusive('no failover was timed', { needed: 1 });
  const value = Number(slowest.evidence['slowestMs']);
  return below(
    value,
    plan.limits.failover,
    'ms',
    `slowest of ${samples} failovers, there and back: ${value} ms in ${slowest.id}`,
    { value, samples, slowest: slowest.id },
  );
}

function messageLatency({ plan, measured }: KpiInput): Judgement {
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

function hubResponse({ plan, measured }: KpiInput): Judgement {
  const hubs = Object.values(measured).flatMap(({ responses }) => Object.entries(responses));
  const [slowest] = hubs.sort(([, a], [, b]) => b.p95 - a.p95);
  if (!slowest) return inconclusive('no hub was asked', { needed: percentileNeeds });
  const [name, { p50, p95, p99, count }] = slowest;
  const say = `95 % within ${p95} ms of ${name}, p99 ${p99} ms`;
  const evidence = { value: p95, hub: name, p50, p95, p99, samples: count };
  return enough(evidence, say) ?? below(p95, plan.limits.hubResponse, 'ms', say, evidence);
}

/** The 95th percentile of fewer is that of a handful: one slow start decides it. */
const percentileNeeds = 100;

function enough(evidence: Evidence & { samples: number }, say: string): Judgement | null {
  return evidence.samples < percentileNeeds
    ? inconclusive(`${say} in ${evidence.samples} samples; a percentile needs ${percentileNeeds}`, {
        ...evidence,
        needed: percentileNeeds,
      })
    : null;
}

function below(
  value: number,
  { limit, target }: { limit: number; target: number },
  unit: string,
  say: string,
  evidence: Evidence,
): Judgement {
  if (value >= limit) return fail(`${say}; below ${limit} ${unit} is wanted`, evidence);
  return pass(`${say}; ${value < target ? 'target' : 'limit'} met`, evidence);
}

/** CPU and memory beyond what the agents took before, and the share of the network, by the 95 % interval of the mean. */
function resourceOverhead({ plan, measured, before }: KpiInput): Judgement {
  const { limit, target } = plan.limits.overheadPercent;
  const found = Object.entries(measured).flatMap(([machine, costs]) =>
    (['cpu', 'memory', 'network'] as const).map((what) => {
      const interval = interval95(costs[what]);
      // Containers of the week had no traffic before it.
      const base = what === 'network' ? 0 : before[machine]?.[what];
      return {
        machine,
        what,
        moments: costs[what],
        interval: interval && base !== undefined ? { low: interval.low - base, high: interval.high - base } : null,
      };
    }),
  );
  const unknown = found.find(({ interval }) => interval === null);
  if (found.length === 0 || unknown)
    return inconclusive(
      unknown ? `${unknown.what} of ${unknown.machine}: ${unknown.moments.count} samples` : 'nothing was measured',
      { needed: 2 },
    );
  const [highest] = found.sort((a, b) => b.interval!.high - a.interval!.high) as [
    { machine: string; what: string; moments: Moments; interval: { low: number; high: number } },
  ];
  const { low, high } = highest.interval;
  const say = `${highest.what} of ${highest.machine} ${rounded(low, 2)} to ${rounded(high, 2)} % more`;
  const evidence = {
    value: rounded((low + high) / 2, 3),
    machine: highest.machine,
    what: highest.what,
    lowPercent: rounded(low, 3),
    highPercent: rounded(high, 3),
    samples: highest.moments.count,
  };
  if (found.some(({ interval }) => interval!.low >= limit)) return fail(`${say}; below ${limit} % is wanted`, evidence);
  if (high >= limit)
    return inconclusive(`${say}: the interval holds the limit of ${limit} %`, {
      ...evidence,
      needed: samplesToTell(highest.moments, limit - (low + high) / 2),
    });
  return pass(`${say}; ${high < target ? 'target' : 'limit'} met`, evidence);
}

/** How many samples bring half the 95 % interval below a distance from the mean. */
function samplesToTell({ count, m2 }: Moments, distance: number): number {
  return Math.ceil((1.96 ** 2 * (m2 / (count - 1))) / Math.max(0.01, Math.abs(distance)) ** 2);
}

/** Every row that compares what was acknowledged with what was read back. */
function dataLoss({ plan, records }: KpiInput): Judgement {
  const wanted = stepsOf(plan)
    .filter(({ id }) => judgesLoss(id))
    .map(({ id }) => id);
  const rows = Object.values(records).filter(({ id }) => judgesLoss(id));
  // A failover trial fails for being slow, too.
  const lossy = Object.values(records).filter(
    ({ id, evidence: { lost } }) => timesFailover(id) && Number(lost ?? 0) > 0,
  );
  const bad = [...rows.filter(({ verdict }) => verdict === 'fail'), ...lossy];
  const open = wanted.filter((id) => records[id]?.verdict !== 'pass');
  const evidence = {
    value: rows.length > 0 ? bad.length : null,
    samples: wanted.length - open.length,
    failed: bad.map(({ id }) => id).slice(0, 5),
  };
  if (bad.length > 0)
    return fail(
      bad
        .slice(0, 2)
        .map(({ id, summary }) => `${id}: ${summary}`)
        .join('; '),
      evidence,
    );
  if (open.length > 0)
    return inconclusive(`not known: ${open.slice(0, 3).join(', ')}`, { ...evidence, needed: wanted.length });
  return pass(
    `nothing acknowledged is missing in ${rows.length} comparisons, across stop, failover, partition and restart`,
    evidence,
  );
}

function judgesLoss(id: string): boolean {
  return [
    '2A.check.restart',
    '2C.resilience.replay',
    '2C.resilience.partition-heal',
    '2C.resilience.restart',
    '2C.messaging.replay',
    '2D.failover.no-loss',
  ].includes(id);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
