// Which of several states of one run knows most of it: a Terminate, a Reset or a restored database leaves more than one. Pure.
import type { WeekState } from './state.ts';

/** The first of those that are as far. */
export function furthest<T extends { state: WeekState }>(all: T[]): T | undefined {
  return [...all].sort((a, b) => lastUndone(b.state) - lastUndone(a.state) || passed(b.state) - passed(a.state))[0];
}

/** One that knows of a later undoing has fewer records, and is right: one from before believes in what is gone. */
function lastUndone({ rollback, incidents }: WeekState): number {
  return Math.max(rollback?.startedAt ?? 0, ...incidents.map(({ startedAt }) => startedAt));
}

function passed({ records }: WeekState): number {
  return Object.values(records).filter(({ verdict }) => verdict === 'pass').length;
}

/** When the newest that it knows came to its end: a record or a decision. Unix milliseconds. */
export function lastMoment({ startedAt, records, history, approvals }: WeekState): number {
  const ended = [...Object.values(records), ...history].map(({ endedAt }) => endedAt);
  return Math.max(startedAt, ...ended, ...approvals.map(({ at }) => at));
}
