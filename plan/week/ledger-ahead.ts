// A ledger that knows more than the week: Temporal's database was restored from an older backup, or the workflow was reset. Pure.
import type { Entered } from '../machine-api/ledger.ts';
import type { WeekState } from './state.ts';

type Remembered = Pick<WeekState, 'records' | 'history' | 'facts'>;

/** What of the ledger the week can't have led to, as it remembers itself. `beginning` is a step that begins now, for the first time. */
export function aheadOf(entries: Entered[], { records, history, facts }: Remembered, beginning: string): Entered[] {
  const known = new Set([...Object.keys(records), ...history.map(({ id }) => id)]);
  const live = new Set(entries.filter((entry) => entry.live).map(({ step }) => step));
  return entries.filter(({ step, kind, live: isLive }) => {
    // It ends with its step.
    if (kind === 'fault.lift') return false;
    if (isLive) return !known.has(step) && (step === beginning || facts[`begun ${step}`] === undefined);
    return records[step]?.verdict === 'pass' && !live.has(step);
  });
}

export function aheadText(machine: string, entries: Entered[]): string {
  const named = entries.map(
    ({ entry, step, kind, target, live }) => `${entry} ${kind} ${target} of ${step}, ${live ? 'made' : 'undone'} there`,
  );
  return (
    `the ledger of ${machine} is ahead of the week, which does not know of ${named.join('; ')}: ` +
    "Temporal's database was restored from an older backup, or the workflow was reset"
  );
}
