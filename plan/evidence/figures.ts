// What KPIs are made of: figures with their limits and windows, shares, planned windows. Pure.
import type { Plan } from '../schema/plan.ts';
import { type Disturbed, disturbedBy, type StepInfo } from '../tasks/row.ts';
import { fail, inconclusive, pass } from '../tasks/shared/verdict.ts';
import type { Evidence, Evaluation, StepRecord } from '../week/record.ts';
import type { Measured } from './measured.ts';
import { excusedIn, settleMs } from '../week/disturbances.ts';
import type { Older, WeekState } from '../week/state.ts';
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
  /** By what was disturbed; weeks of before have the times of their rows only. */
  disturbances?: WeekState['disturbances'];
  /** By machine. */
  measured: Record<string, Measured>;
  /**
   * CPU and memory of the agents and of CentralHub before the week, in percent of each machine, and traffic in percent of its link. Weeks that
   * began under earlier builds have those of the agents.
   */
  before: Record<string, { cpu: number; memory: number; network?: number }>;
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

/** When the week itself stopped or restarted this, until it was ready. */
export function windowsOf(input: KpiInput, kind: Disturbed, target: string): Ranges {
  const { disturbances, plan } = input;
  return disturbances ? excusedIn(disturbances, plan, target) : plannedWindows(input, kind);
}

/** In weeks of before: when rows ran that disturb its kind. */
export function plannedWindows(
  { rows, records, history, disturbed }: Pick<KpiInput, 'rows' | 'records' | 'history' | 'disturbed'>,
  what: Disturbed,
): Ranges {
  const disturbing = new Set(rows.filter((row) => disturbedBy(row).includes(what)).map(({ id }) => id));
  const spans = [...Object.values(records), ...history]
    .filter(({ id }) => disturbing.has(id))
    .map(({ startedAt, endedAt }) => [startedAt, endedAt] as const);
  return union([...(disturbed?.[what] ?? []), ...spans].map(([start, end]) => [start, end + settleMs]));
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
