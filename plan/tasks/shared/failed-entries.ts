// An undo row with the ledger entries that it speaks for and that could not be taken back. Pure.
import type { Found } from '../../week/finding.ts';
import type { Results } from './undone.ts';

/** So many are named in a line. */
const namedAtMost = 4;

/** Who accepts the row accepts these entries and what else was found, and no other. Why each failed is told with the entries. */
export function withFailed(found: Found, failed: Results): Found {
  if (failed.length === 0) return found;
  const names = failed.map(({ machine, entry, kind, target }) => `${machine}: ${entry} ${kind} ${target}`).sort();
  const more = names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : '';
  const said = (entries: string, looked: string) =>
    [`not undone: ${entries}`, ...(found.verdict === 'fail' ? [looked] : [])].join('; ');
  return {
    verdict: 'fail',
    summary: said(`${names.slice(0, namedAtMost).join(', ')}${more}`, found.summary),
    whole: said(names.join(', '), found.whole ?? found.summary),
    evidence: found.evidence,
  };
}
