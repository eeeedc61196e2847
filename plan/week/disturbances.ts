// What the week itself stopped, restarted or cut off, from the injection until it was ready again. Pure.
import { union } from '../evidence/sequence-sets.ts';
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
