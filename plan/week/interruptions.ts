// When no row was done although one had begun: the week was held meanwhile, mended something, or waited for the window to do it again. Pure.
import type { WeekState } from './state.ts';

/** The longest stay: what a task took counts the others. */
const interruptionsAtMost = 20;

/** No row is done any more: those that have begun and have no record were broken off. */
export function noteBrokenOff(state: Pick<WeekState, 'facts' | 'interruptions'>, now: number): void {
  if (Object.keys(state.facts).some((name) => name.startsWith('begun ')))
    state.interruptions = { times: [], ...state.interruptions, since: now };
}

/** A row is done again. */
export function noteGoesOn(state: Pick<WeekState, 'interruptions'>, now: number): void {
  const { since, times = [] } = state.interruptions ?? {};
  if (since === undefined) return;
  const byLength = [...times, [since, now] as [number, number]].sort((a, b) => b[1] - b[0] - (a[1] - a[0]));
  state.interruptions = { times: byLength.slice(0, interruptionsAtMost).sort((a, b) => a[0] - b[0]) };
}
