// A ledger that knows more than the week: Temporal's database was restored from an older backup, or the workflow was reset. Pure.
import type { Entered } from '../machine-api/ledger.ts';
import type { WeekState } from './state.ts';

type Remembered = Pick<WeekState, 'records' | 'history' | 'undone' | 'facts'>;

/** What of the ledger the week can't have led to, as it remembers itself. `beginning` is a step that begins now, for the first time. */
export function aheadOf(
  entries: Entered[],
  { records, history, undone, facts }: Remembered,
  beginning: string,
): Entered[] {
  // In a long week the record of what could not be undone may be in a file.
  const known = new Set([...Object.keys(records), ...history.map(({ id }) => id), ...undone.map(({ step }) => step)]);
  const live = new Set(entries.filter((entry) => entry.live).map(({ step }) => step));
  return entries.filter(({ step, kind, live: isLive }) => {
    // It ends with its step.
    if (kind === 'fault.lift') return false;
    if (isLive) return !known.has(step) && (step === beginning || facts[`begun ${step}`] === undefined);
    return records[step]?.verdict === 'pass' && !live.has(step);
  });
}

/** So many are named: the others are in the ledger, which hubshift rollback --emergency --dry-run lists. */
const namedAtMost = 10;

export function aheadText(ahead: { machine: string; entries: Entered[] }[]): string {
  const what = ahead.map(({ machine, entries }) => {
    const named = entries
      .slice(0, namedAtMost)
      .map(
        ({ entry, step, kind, target, live }) =>
          `${entry} ${kind} ${target} of ${step}, ${live ? 'made' : 'undone'} there`,
      );
    const more = entries.length - named.length;
    return `the ledger of ${machine} is ahead of the week, which does not know of ${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  });
  return `${what.join('; ')}: Temporal's database was restored from an older backup, or the workflow was reset`;
}
