// What the week itself stopped, restarted or cut off, from the injection until it was ready again. Pure.
import { type Ranges, union } from '../evidence/sequence-sets.ts';
import type { Plan } from '../schema/plan.ts';
import type { WeekState } from './state.ts';

/** The way from machine to machine. Names of services and agents have no blanks. */
export const network = 'the network';

/** So many times in all, one for each of 300 pilots and a hundred more: later ones, of some seconds each, are not excused. */
export const disturbedAtMost = 400;

/** Weeks that began under earlier builds go by the times of their rows. */
export function noteDisturbed({ disturbances }: WeekState, targets: string[], from: number, to: number): void {
  if (!disturbances) return;
  for (const target of targets) {
    const all = Object.values(disturbances).reduce((sum, ranges) => sum + ranges.length, 0);
    if (all < disturbedAtMost) disturbances[target] = union(disturbances[target] ?? [], [[from, Math.max(from, to)]]);
  }
}

/** A hub or an agent restarts within this time of what disturbed it on purpose. */
export const settleMs = 5_000;

/** When this is excused: from the injection, by whosever clock, until it was ready, and once more looked at. */
export function excusedIn(
  disturbances: NonNullable<WeekState['disturbances']>,
  { watch, limits }: Plan,
  target: string,
): Ranges {
  const looked = watch.sampleInterval + settleMs;
  return union((disturbances[target] ?? []).map(([from, to]) => [from - limits.clockSkew, to + looked]));
}

/** Services that a rollback takes away are down on purpose, until they stand again; what was seen of them before stays. */
export function noteAway({ facts }: WeekState, services: string[], since: number): void {
  for (const service of services) facts[`away ${service}`] ??= since;
}

/** `targets`: what goes with it, and itself. */
export function standsAgain(state: WeekState, service: string, targets: string[], now: number): void {
  const since = state.facts[`away ${service}`];
  if (since === undefined) return;
  noteDisturbed(state, targets, since, now);
  delete state.facts[`away ${service}`];
}
