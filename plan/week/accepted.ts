// Ledger entries that failed, of which a person has accepted that they stay: with the undo row that names them. Pure.
import { rowOfEntry } from '../tasks/steps.ts';
import type { StepRecord, Waived } from './record.ts';
import type { Rollback } from './state.ts';
import type { Undone } from './undo.ts';

interface Left {
  /** The newest; the rows of a history of before named no entries. */
  rollback?: Rollback;
  waivedOf(row: string): Waived | null | undefined;
}

/** Who accepted that it stays. */
export function acceptedBy(
  entry: Pick<Undone, 'step' | 'kind' | 'result'>,
  { rollback, waivedOf }: Left,
): Waived | undefined {
  const row = entry.result === 'failed' && rollback?.entriesInRows ? rowOfEntry(entry) : undefined;
  return (row !== undefined && waivedOf(row)) || undefined;
}

/** By the records of a week. */
export function waivedIn(records: Record<string, StepRecord>): Left['waivedOf'] {
  return (row) => records[row]?.waived;
}
