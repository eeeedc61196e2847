// The KPIs of the week: those of its tasks, and those of the week as a whole.
import { tasks } from '../tasks/index.ts';
import { fail, inconclusive, pass } from '../tasks/shared/verdict.ts';
import type { Evaluation, StepRecord } from '../week/record.ts';
import { kpi, type Kpi, type KpiInput, recordsOf, rounded } from './figures.ts';
import { halfOf } from './batch-means.ts';
import { humanDuration } from '../schema/duration.ts';
import type { Plan } from '../schema/plan.ts';
import { isLoss } from './findings.ts';
import { knownIn } from './costs.ts';
import { type Cost, interval95, type Measured, type Moments } from './measured.ts';
import { sizeOf } from './sequence-sets.ts';
import { seenFromOutside } from './uptimes.ts';

/** The week's own, then those of the tasks in their order: so the gate weighs them. */
export const kpisByTask: readonly Kpi[] = [
  kpi({
    place: 7,
    id: 'kpi.resource-overhead',
    text: 'less than 10 % of a machine more in use, target 5 %',
    criterion: 'degradation',
    bounds: ({ overheadPercent }) => ({ unit: '%', ...overheadPercent }),
    evaluate: resourceOverhead,
  }),
  kpi({
    place: 9,
    id: 'kpi.data-loss',
    text: 'nothing that was sent was lost',
    criterion: 'loss',
    bounds: () => ({ unit: 'rows with a loss', limit: 0, target: null }),
    evaluate: dataLoss,
    ofRow: ({ judgesLoss }) => judgesLoss,
  }),
  ...tasks.flatMap(({ kpis: ofTask }) => ofTask ?? []),
];

/** As they are shown. */
export const kpis: readonly Kpi[] = [...kpisByTask].sort((a, b) => a.place - b.place);

/**
 * CPU, memory and the share of the network beyond what there was before, by the 95 % interval of the mean: of means of some minutes, since a sample
 * says much of the next. A week that is too short for them is judged by its mean alone; one that began under an earlier build by its samples.
 */
function resourceOverhead({ plan, measured, before }: KpiInput): Evaluation {
  const { limit, target } = plan.limits.overheadPercent;
  const found = Object.entries(measured).flatMap(([machine, costs]) =>
    costsOf.map((what) => {
      const { interval, moments, tooShort } = intervalOf(costs, what);
      // Containers of the week had no traffic before it.
      const base = what === 'network' ? (before[machine]?.network ?? 0) : before[machine]?.[what];
      return {
        machine,
        what,
        moments,
        tooShort,
        interval: interval && base !== undefined ? { low: interval.low - base, high: interval.high - base } : null,
      };
    }),
  );
  const unknown = found.find(({ interval }) => interval === null);
  const unread = seenFromOutside({ measured }) && unreadIn(plan, measured);
  if (found.length === 0 || unknown)
    return inconclusive(
      unknown ? `${unknown.what} of ${unknown.machine}: ${unknown.moments.count} samples` : 'nothing was measured',
      { needed: 2 },
    );
  const [highest] = found.sort((a, b) => b.interval!.high - a.interval!.high) as [
    { machine: string; what: string; moments: Moments; tooShort: boolean; interval: { low: number; high: number } },
  ];
  const { low, high } = highest.interval;
  const say = `${highest.what} of ${highest.machine} ${
    highest.tooShort
      ? `${rounded(low, 2)} % more, too short for an interval`
      : `${rounded(low, 2)} to ${rounded(high, 2)} % more`
  }`;
  const evidence = {
    value: rounded((low + high) / 2, 3),
    machine: highest.machine,
    what: highest.what,
    lowPercent: rounded(low, 3),
    highPercent: rounded(high, 3),
    samples: highest.moments.count,
  };
  if (found.some(({ interval }) => interval!.low >= limit)) return fail(`${say}; below ${limit} % is wanted`, evidence);
  if (unread) return inconclusive(`${say}; ${unread}`, { ...evidence, needed: highest.moments.count + 1 });
  if (high >= limit)
    return inconclusive(`${say}: the interval holds the limit of ${limit} %`, {
      ...evidence,
      needed: samplesToTell(highest.moments, limit - (low + high) / 2),
    });
  return pass(`${say}; ${high < target ? 'target' : 'limit'} met`, evidence);
}

/** Whose use nobody read for more of the time than may be unknown (a plan of before has no limit): Docker may be silent for days, while all that it runs answers. */
function unreadIn({ machines, watch, limits }: Plan, measured: KpiInput['measured']): string | undefined {
  const { unknownPercent } = limits as Partial<Plan['limits']>;
  if (unknownPercent === undefined) return undefined;
  for (const { name } of machines) {
    const { wanted = [], means } = measured[name] ?? {};
    if (!measured[name]) return `nothing was measured on ${name}`;
    if (!means) continue;
    const wantedMs = sizeOf(wanted);
    for (const what of costsOf) {
      const knownMs = knownIn(means[what], watch.sampleInterval);
      if (knownMs < wantedMs * (1 - unknownPercent / 100))
        return `${what} of ${name} is known for ${humanDuration(knownMs)} of ${humanDuration(wantedMs)}`;
    }
  }
  return undefined;
}

const costsOf: Cost[] = ['cpu', 'memory', 'network'];

/** With the moments that it is made of. */
function intervalOf(costs: Measured, what: Cost) {
  const all = costs[what];
  const closed = costs.means?.[what]?.closed;
  if (!closed) return { interval: interval95(all), moments: all, tooShort: false };
  const half = halfOf(closed);
  if (half !== null)
    return { interval: { low: closed.mean - half, high: closed.mean + half }, moments: closed, tooShort: false };
  return { interval: all.count < 2 ? null : { low: all.mean, high: all.mean }, moments: all, tooShort: true };
}

/** How many samples bring half the 95 % interval below a distance from the mean. */
function samplesToTell({ count, m2 }: Moments, distance: number): number {
  return Math.ceil((1.96 ** 2 * (m2 / (count - 1))) / Math.max(0.01, Math.abs(distance)) ** 2);
}

/** Every row that compares what was acknowledged with what was read back. */
function dataLoss(input: KpiInput): Evaluation {
  const { records, past } = input;
  const wanted = input.rows.filter(({ judgesLoss }) => judgesLoss).map(({ id }) => id);
  const rows = recordsOf(input, ({ judgesLoss }) => judgesLoss);
  const known = new Map(input.rows.map((row) => [row.id, row]));
  // Histories of before took any failure for one.
  const isBad = ({ id, verdict, evidence }: StepRecord) =>
    verdict === 'fail' && (past === undefined || isLoss(known.get(id)!, evidence));
  // A failover trial fails for being slow, too.
  const lossy = recordsOf(input, ({ timesFailover }) => timesFailover).filter(
    ({ evidence: { lost } }) => Number(lost ?? 0) > 0,
  );
  const bad = [...rows.filter(isBad), ...lossy];
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
    `nothing acknowledged is missing in ${wanted.length} comparisons, across stop, failover, partition and restart`,
    evidence,
  );
}
