// What a watched window saw, slice after slice, and when that is an issue. Pure.
import type { Observation } from '../machine-api/measure.ts';
import type { Plan } from '../schema/plan.ts';
import { beginOf } from '../week/cut-text.ts';

export interface Watched {
  creditMs: number;
  longestGapMs: number;
  restarts: number;
  targets: Record<string, Tally>;
  restarted: string[];
}

/** The samples of one target. */
export interface Tally {
  up: number;
  down: number;
  longestDown: number;
  /** Of the run that goes on into the next slice. */
  downNow?: number;
  firstError?: string;
  /** Samples in which nobody could say. */
  unknown?: number;
  firstUnknown?: string;
}

/** What the plan puts up with. A week that began under an earlier build bounds only what fails in a row. */
export type Bounds = Pick<Plan['watch'], 'tolerate' | 'sampleInterval'> & Partial<Pick<Plan['watch'], 'failedAtMost'>>;

/** Of so many targets it is kept what they said: where all are down, for the same reason. */
export const textsAtMost = 20;
export const textKept = 160;

/** The tallies with those of one more slice. */
export function withSlice(targets: Watched['targets'], seen: Observation[]): Watched['targets'] {
  const all = { ...targets };
  const saying = new Set(Object.keys(all).filter((name) => says(all[name]!)));
  for (const [name, target] of seen.flatMap((one) => Object.entries(one.targets))) {
    const sum = all[name] ?? { up: 0, down: 0, longestDown: 0 };
    const unknown = (sum.unknown ?? 0) + (target.unknown ?? 0);
    const said: Partial<Tally> = saying.has(name) || saying.size < textsAtMost ? target : {};
    const firstError = sum.firstError ?? short(said.firstError);
    const firstUnknown = sum.firstUnknown ?? short(said.firstUnknown);
    all[name] = {
      up: sum.up + target.up,
      down: sum.down + target.down,
      longestDown: Math.max(sum.longestDown, target.longestDown),
      ...(target.downNow && { downNow: target.downNow }),
      ...(firstError !== undefined && { firstError }),
      ...(unknown > 0 && { unknown }),
      ...(firstUnknown !== undefined && { firstUnknown }),
    };
    if (says(all[name])) saying.add(name);
  }
  return all;
}

/** Of what a target said so much is kept. */
function short(text: string | undefined): string | undefined {
  return text === undefined ? undefined : beginOf(text, textKept);
}

function says({ firstError, firstUnknown }: Tally): boolean {
  return firstError !== undefined || firstUnknown !== undefined;
}

/** By target: for how many samples in a row it is down by now. */
export function downNow(targets: Watched['targets']): Record<string, number> {
  return Object.fromEntries(
    Object.entries(targets).flatMap(([name, target]) => (target.downNow ? [[name, target.downNow]] : [])),
  );
}

/**
 * How many samples of a target may fail in a window of this length, in a row or not. What is tolerated in a row is no issue once; a
 * window that is too short for a share of its samples has no other bound.
 */
export function failedAtMost(wantedMs: number, samples: number, bounds: Bounds): number {
  if (bounds.failedAtMost === undefined) return Infinity;
  const inAll = Math.max(samples, Math.floor(wantedMs / bounds.sampleInterval));
  // 0.1 % of 3,000 is a little less than 3 to a computer.
  return Math.max(bounds.tolerate, Math.floor((bounds.failedAtMost / 100) * inAll + 1e-6));
}

/** More than may fail in the whole window, however well it goes on. */
export function failsTooOften({ up, down }: Tally, wantedMs: number, bounds: Bounds): boolean {
  return down > failedAtMost(wantedMs, up + down, bounds);
}
