// What a run has changed itself: that must be as it was before, and what others made is not held against it. Pure.
import type { Plan } from '../../schema/plan.ts';
import type { AgentBefore, Before } from '../../week/facts.ts';
import type { WeekState } from '../../week/state.ts';
import type { Undo, Undone } from '../../week/undo.ts';

/** Whether this run made a change: one of a ledger, or of a step. */
export type Changed = (change: { kind: Undo['kind']; target: string; machine: string }, step: string) => boolean;

/** By its ledgers, which have each change before it is made; and by what the week remembers to have done, where a ledger is lost. */
export function changesOf(
  undone: (Undone & { machine: string })[],
  { records, history }: Pick<WeekState, 'records' | 'history'>,
): Changed {
  const passed = [...Object.values(records), ...history].filter(({ verdict }) => verdict === 'pass');
  const done = new Set(passed.map(({ id }) => id));
  return ({ kind, target, machine }, step) =>
    done.has(step) ||
    undone.some((entry) => entry.kind === kind && entry.target === target && entry.machine === machine);
}

/** What this run has not changed may be as it is, where nobody knows how it was before. */
export function mustBeBack(changed = true, before: unknown): boolean {
  return changed || (before !== undefined && before !== null);
}

/** How a pilot was; undefined where nobody looked. */
export function beforeOf(before: Before | undefined, pilot: string): AgentBefore | undefined {
  return before?.pilots.find(({ names }) => names.includes(pilot));
}

/** The hubs that an agent may use again: of two, it is on the one that answers. */
export function hubsOf({ central, primary, fallback }: ActiveHub, before: AgentBefore | undefined): string[] {
  return [central, ...(before?.hub && before.hub !== central ? [primary, fallback] : [])];
}

type ActiveHub = NonNullable<Plan['migration']['contract']['activeHub']>;
