// What KPIs are made of: figures with their limits and windows, uptimes and shares, planned windows left out. Pure.
import type { Plan } from '../schema/plan.ts';
import type { Disturbed, StepInfo } from '../tasks/row.ts';
import { fail, inconclusive, pass } from '../tasks/shared/verdict.ts';
import type { Evidence, Evaluation, StepRecord } from '../week/record.ts';
import { type Measured, type Uptime, uptimeOf } from './measured.ts';
import type { Older } from '../week/state.ts';
import { type Ranges, union } from './sequence-sets.ts';

export interface KpiInput {
  plan: Plan;
  /** Every step and check of the plan. */
  rows: readonly StepInfo[];
  records: Record<string, StepRecord>;
  history: StepRecord[];
  /** Attempts of before that failed, and count as those in the records do. Histories of before know none. */
  past?: readonly StepRecord[];
  /** Of records that are there no more. */
  disturbed?: Older['disturbed'];
  /** By machine. */
  measured: Record<string, Measured>;
  /** CPU and memory of the agents before the week, in percent of each machine. */
  before: Record<string, { cpu: number; memory: number }>;
}

/** What a KPI counts for among the NO-GO criteria. */
export type Criterion = 'components' | 'agents' | 'degradation' | 'failover' | 'loss';

export interface Kpi {
  /** They stand in the order of the plan's table, which goes across the tasks. */
  place: number;
  id: string;
  text: string;
  /** The NO-GO criterion that holds when it is missed. */
  criterion: Criterion;
  /** It is made from records; else measured all along. */
  fromRecords: boolean;
  /** The evidence has `Figures` beside what is its own; when inconclusive also the samples `needed`, where that can be said. */
  evaluate(input: KpiInput): Evaluation;
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

/** Limits of the plan that are of this shape. */
type KeysOf<Shape> = { [Key in keyof Limits]: Limits[Key] extends Shape ? Key : never }[keyof Limits];

export const percentOf =
  (key: KeysOf<number>) =>
  (limits: Limits): Bounds => ({ unit: '%', limit: limits[key], target: null });

export const within =
  (key: KeysOf<{ limit: number; target: number }>, unit: string) =>
  (limits: Limits): Bounds => ({ unit, limit: limits[key].limit, target: limits[key].target });

interface Described extends Omit<Kpi, 'fromRecords'> {
  bounds(limits: Limits): Bounds;
  /** The rows whose records it is made from; measured all along where there are none. */
  ofRow?(row: StepInfo): unknown;
}

/** Adds to what is evaluated the figures that every KPI has. */
export function kpi({ bounds, ofRow, evaluate, ...described }: Described): Kpi {
  return {
    ...described,
    fromRecords: ofRow !== undefined,
    evaluate(input) {
      const evaluated = evaluate(input);
      const spans = ofRow
        ? recordsOf(input, ofRow).map(({ startedAt, endedAt }) => [startedAt, endedAt] as const)
        : Object.values(input.measured).flatMap(({ seen }) => seen);
      const window =
        spans.length > 0
          ? { from: Math.min(...spans.map(([start]) => start)), to: Math.max(...spans.map(([, end]) => end)) }
          : { from: null, to: null };
      const figures: Figures = { value: null, samples: 0, ...bounds(input.plan.limits), ...window };
      return { ...evaluated, evidence: { ...figures, ...evaluated.evidence } };
    },
  };
}

/** Records of the rows that say something of themselves, in the order in which they were made; what failed before is of them. */
export function recordsOf(
  { rows, records, past = [] }: Pick<KpiInput, 'rows' | 'records' | 'past'>,
  says: (row: StepInfo) => unknown,
): StepRecord[] {
  const ids = new Set(rows.filter(says).map(({ id }) => id));
  return [...Object.values(records), ...past].filter(({ id }) => ids.has(id));
}

/** A hub or an agent restarts within this time of what disturbed it on purpose. */
const settleMs = 5_000;

/** When the week itself stopped or restarted this. */
export function plannedWindows(
  { rows, records, history, disturbed }: Pick<KpiInput, 'rows' | 'records' | 'history' | 'disturbed'>,
  what: Disturbed,
): Ranges {
  const disturbing = new Set(rows.filter(({ disturbs }) => disturbs === what).map(({ id }) => id));
  const spans = [...Object.values(records), ...history]
    .filter(({ id }) => disturbing.has(id))
    .map(({ startedAt, endedAt }) => [startedAt, endedAt] as const);
  return union([...(disturbed?.[what] ?? []), ...spans].map(([start, end]) => [start, end + settleMs]));
}

export function targetUptime({ measured }: KpiInput, machine: string, target: string, without: Ranges): Uptime | null {
  const all = measured[machine];
  const availability = all?.targets[target];
  return all && availability ? uptimeOf(all, availability, without) : null;
}

/** The worst of some targets, planned windows left out; what it is with them stands beside it. */
export function uptime(
  input: KpiInput,
  what: Disturbed,
  limitPercent: number,
  targets: Record<string, (without: Ranges) => Uptime | null>,
): Evaluation {
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
export function share(bad: number, samples: number, limitPercent: number, say: string, evidence: Evidence): Evaluation {
  const needed = samplesFor(limitPercent);
  // 100 - 99.9 is a little less than 0.1 to a computer.
  const allowed = Math.floor(((100 - limitPercent) / 100) * Math.max(samples, needed) + 1e-6);
  if (bad > allowed) return fail(`${say}; at least ${limitPercent} % is wanted`, evidence);
  if (samples < needed)
    return inconclusive(`${say} in ${samples} samples; ${limitPercent} % needs ${needed}`, { ...evidence, needed });
  return pass(`${say} in ${samples} samples`, evidence);
}

/** One bad sample of fewer would be more than the share allows. */
export function samplesFor(limitPercent: number): number {
  return limitPercent < 100 ? Math.round(100 / (100 - limitPercent)) : 1_000;
}

/** The 95th percentile of fewer is that of a handful: one slow start decides it. */
export const percentileNeeds = 100;

export function enough(evidence: Evidence & { samples: number }, say: string): Evaluation | null {
  return evidence.samples < percentileNeeds
    ? inconclusive(`${say} in ${evidence.samples} samples; a percentile needs ${percentileNeeds}`, {
        ...evidence,
        needed: percentileNeeds,
      })
    : null;
}

export function below(
  value: number,
  { limit, target }: { limit: number; target: number },
  unit: string,
  say: string,
  evidence: Evidence,
): Evaluation {
  if (value >= limit) return fail(`${say}; below ${limit} ${unit} is wanted`, evidence);
  return pass(`${say}; ${value < target ? 'target' : 'limit'} met`, evidence);
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
