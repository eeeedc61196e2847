// What changed since the baseline: response times beside bystanders, use of the machine and its link in percentage points.
import { type Change, changeOf, meanOf } from '../../evidence/batch-means.ts';
import type { ImpactBatches } from '../../machine-api/measure.ts';
import type { Evidence } from '../../week/record.ts';

/** What counts as worse. */
export interface ChangeLimits {
  /** Response times: more than so many percent, and more than so many milliseconds. */
  slower: { percent: number; byMs: number };
  /** Use of the machine: percentage points. */
  overheadPercent: number;
  /** Agents that the week leaves alone. What slows them as well is not of its making. */
  bystanders: string[];
}

export type Measure = 'response' | 'resources' | 'network';

export interface Compared {
  problems: string[];
  /** What an interval does not decide. */
  open: string[];
  evidence: Evidence;
  /** False where it was too short for an interval, and the limits alone decide. */
  told: boolean;
}

export function comparedOn(
  machine: string,
  was: ImpactBatches,
  is: ImpactBatches,
  measures: Measure[],
  limits: ChangeLimits,
): Compared {
  const all = measures.map((measure) =>
    measure === 'response' ? responses(was, is, limits) : used(machine, measure, was, is, limits),
  );
  return {
    problems: all.flatMap(({ problems }) => problems),
    open: all.flatMap(({ open }) => open),
    evidence: Object.assign({}, ...all.map(({ evidence }) => evidence)) as Evidence,
    told: all.every(({ told }) => told),
  };
}

/** Each against itself, less what the bystanders took longer at the same time: those that answered then and now. */
function responses(was: ImpactBatches, is: ImpactBatches, { slower, bystanders }: ChangeLimits): Compared {
  const names = Object.keys(is.responseMs).filter((name) => !bystanders.includes(name) && was.responseMs[name]);
  const controls = bystanders.filter((name) => answered(was, name) && answered(is, name));
  const all = names.map((name) => ({ name, series: [was, is].map((one) => beside(one, name, controls)) }));
  const comparable = all.filter(({ series }) => series.every((batches) => batches.length > 0));
  const changes = comparable.map(({ name, series }) => {
    const [before, after] = series as [number[], number[]];
    const base = meanOf((was.responseMs[name] ?? []).filter((ms) => ms !== null));
    const change = changeOf(before, after);
    // Of a few short batches one is soon slow for once: worse is what is in each of them.
    const low = change.told ? change.low : Math.min(...after) - Math.max(...before);
    return { name, base, change: { ...change, low } };
  });
  return {
    problems: changes
      .filter(({ base, change: { low } }) => low > slower.byMs && low > (slower.percent / 100) * base)
      .map(
        ({ name, base, change }) =>
          `${name} p95 ${said(change, ' ms')} on ${Math.round(base)} ms; at most ${slower.percent} % or ${slower.byMs} ms more`,
      ),
    open: all
      .filter((one) => !comparable.includes(one))
      .map(({ name }) => `${name} answered in no batch in which all that it is held against did`),
    evidence: {},
    told: changes.every(({ change }) => change.told),
  };
}

function answered({ responseMs }: ImpactBatches, name: string): boolean {
  return responseMs[name]?.some((ms) => ms !== null) ?? false;
}

/** Batch by batch, so that what slows all of a machine goes out. One in which a control did not answer can't be compared with the others. */
function beside({ responseMs }: ImpactBatches, name: string, controls: string[]): number[] {
  return (responseMs[name] ?? []).flatMap((ms, batch) => {
    const others = controls.flatMap((control) => responseMs[control]?.[batch] ?? []);
    return ms === null || others.length < controls.length ? [] : [ms - meanOf(others)];
  });
}

function used(
  machine: string,
  measure: 'resources' | 'network',
  was: ImpactBatches,
  is: ImpactBatches,
  { overheadPercent: limit }: ChangeLimits,
): Compared {
  const of = {
    resources: { CPU: 'cpuPercent', memory: 'memoryPercent' },
    network: { network: 'networkPercent' },
  } as const;
  const changes = Object.entries(of[measure]).map(([what, key]: [string, keyof ImpactBatches]) => ({
    what,
    change: changeOf(was[key] as number[], is[key] as number[]),
  }));
  return {
    problems: changes
      .filter(({ change: { low } }) => low > limit)
      .map(({ what, change }) => `${machine} ${what} ${said(change, ' %')}; at most ${limit} %`),
    open: changes
      .filter(({ change: { low, high } }) => low <= limit && high > limit)
      .map(
        ({ what, change }) => `${machine} ${what} ${said(change, ' %')}: the interval holds the limit of ${limit} %`,
      ),
    evidence: Object.fromEntries(
      changes.map(({ what, change: { mid } }) => [`${machine} ${what.toLowerCase()} +%`, Number(mid.toFixed(1))]),
    ),
    told: changes.every(({ change }) => change.told),
  };
}

function said({ low, mid, high, told }: Change, unit: string): string {
  const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(1)}`;
  return told ? `${signed(low)} to ${signed(high)}${unit}` : `${signed(mid)}${unit}`;
}
