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
  /** On which machine somebody answers who is asked from another. Weeks of before do not say it. */
  answersOn?: Record<string, string>;
}

/** What was seen at the same time, by machine. */
export type Batches = Record<string, ImpactBatches>;

export type Measure = 'response' | 'resources' | 'network';

export interface Compared {
  problems: string[];
  /** What an interval does not decide. */
  open: string[];
  evidence: Evidence;
  /** False where it was too short for an interval, and the limits alone decide. */
  told: boolean;
}

/** `is`: of each look, one after the other. What only some of them show is no change that the week made: that stays. */
export function comparedOn(
  machine: string,
  was: Batches,
  is: Batches[],
  measures: Measure[],
  limits: ChangeLimits,
): Compared {
  const here = { was: was[machine]!, is: is.map((one) => one[machine]!) };
  const all = measures.map((measure) =>
    measure === 'response' ? responses(machine, was, is, limits) : used(machine, measure, here.was, here.is, limits),
  );
  return {
    problems: all.flatMap(({ problems }) => problems),
    open: all.flatMap(({ open }) => open),
    evidence: Object.assign({}, ...all.map(({ evidence }) => evidence)) as Evidence,
    told: all.every(({ told }) => told),
  };
}

/** By all looks together, and by each. */
interface Changed {
  change: Change;
  looks: Change[];
}

function changed(before: number[], after: number[][]): Changed {
  return { change: changeOf(before, ...after), looks: after.map((one) => changeOf(before, one)) };
}

/** More than a limit together, beyond doubt, and in each look for itself. */
function isAbove({ change, looks }: Changed, limit: number): boolean {
  return change.low > limit && looks.every(({ mid }) => mid > limit);
}

function mayBeAbove({ change, looks }: Changed, limit: number): boolean {
  return [change, ...looks].every(({ high }) => high > limit);
}

/**
 * Each against itself, less what the bystanders beside it took longer at the same time: those that answered then and at each look since, on the
 * machine where it runs, or where that has none, on the one that asks.
 */
function responses(
  machine: string,
  was: Batches,
  is: Batches[],
  { slower, bystanders, answersOn = {} }: ChangeLimits,
): Compared {
  const all = [was, ...is];
  const here = all.map((one) => one[machine]!);
  const names = Object.keys(here[1]?.responseMs ?? {}).filter(
    (name) => !bystanders.includes(name) && here.every(({ responseMs }) => responseMs[name]),
  );
  const controlsOn = (host: string) =>
    bystanders.filter((name) => all.every((one) => one[host] && answered(one[host], name)));
  const held = names.map((name) => {
    const runsOn = answersOn[name] ?? machine;
    const host = controlsOn(runsOn).length > 0 ? runsOn : machine;
    const series = all.map((one) => beside(one[machine]!, name, one[host]!, controlsOn(host)));
    return { name, series };
  });
  const comparable = held.filter(({ series }) => series.every((batches) => batches.length > 0));
  const changes = comparable.map(({ name, series }) => {
    const [before, ...after] = series as [number[], ...number[][]];
    const base = meanOf((here[0]!.responseMs[name] ?? []).filter((ms) => ms !== null));
    const { change, looks } = changed(before, after);
    // Of a few short batches one is soon slow for once: worse is what is in each of them.
    const inEach = Math.min(...after.flat()) - Math.max(...before);
    return { name, base, looks, change: change.told ? change : { ...change, low: inEach, high: inEach } };
  });
  const limitOf = ({ base }: { base: number }) => Math.max(slower.byMs, (slower.percent / 100) * base);
  const text = ({ name, base, change }: (typeof changes)[number]) =>
    `${name} p95 ${said(change, ' ms')} on ${Math.round(base)} ms`;
  return {
    problems: changes
      .filter((one) => isAbove(one, limitOf(one)))
      .map((one) => `${text(one)}; at most ${slower.percent} % or ${slower.byMs} ms more`),
    open: [
      ...held
        .filter((one) => !comparable.includes(one))
        .map(({ name }) => `${name} answered in no batch in which all that it is held against did`),
      ...changes
        .filter((one) => !isAbove(one, limitOf(one)) && mayBeAbove(one, limitOf(one)))
        .map((one) => `${text(one)}: the interval holds the limit of ${slower.percent} % or ${slower.byMs} ms more`),
    ],
    evidence: {},
    told: changes.every(({ change }) => change.told),
  };
}

function answered({ responseMs }: ImpactBatches, name: string): boolean {
  return responseMs[name]?.some((ms) => ms !== null) ?? false;
}

/** Batch by batch, so that what slows all of a machine goes out. One in which a control did not answer can't be compared with the others. */
function beside(one: ImpactBatches, name: string, host: ImpactBatches, controls: string[]): number[] {
  return (one.responseMs[name] ?? []).flatMap((ms, batch) => {
    const others = controls.flatMap((control) => host.responseMs[control]?.[batch] ?? []);
    return ms === null || others.length < controls.length ? [] : [ms - meanOf(others)];
  });
}

function used(
  machine: string,
  measure: 'resources' | 'network',
  was: ImpactBatches,
  is: ImpactBatches[],
  { overheadPercent: limit }: ChangeLimits,
): Compared {
  const of = {
    resources: { CPU: 'cpuPercent', memory: 'memoryPercent' },
    network: { network: 'networkPercent' },
  } as const;
  const changes = Object.entries(of[measure]).map(
    ([what, key]: [string, Exclude<keyof ImpactBatches, 'responseMs'>]) => ({
      what,
      ...changed(
        was[key],
        is.map((one) => one[key]),
      ),
    }),
  );
  return {
    problems: changes
      .filter((one) => isAbove(one, limit))
      .map(({ what, change }) => `${machine} ${what} ${said(change, ' %')}; at most ${limit} %`),
    open: changes
      .filter((one) => !isAbove(one, limit) && mayBeAbove(one, limit))
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
