// Ledger entries that failed, of which a person has accepted that they stay: with the undo row that names them. Pure.
import { rowOfEntry } from '../tasks/steps.ts';
import type { StepRecord, Waived } from './record.ts';
import type { Rollback } from './state.ts';
import type { Undone } from './undo.ts';

interface Left {
  /** The newest, which has looked at its entries; a history of before named none in its rows. */
  rollback?: Rollback;
  /** Who accepted a row, if anybody did. */
  waivedOf(row: string): Waived | null | undefined;
}

export function isAccepted(entry: Pick<Undone, 'step' | 'kind' | 'result'>, { rollback, waivedOf }: Left): boolean {
  const row = entry.result === 'failed' && rollback?.entriesInRows ? rowOfEntry(entry) : undefined;
  return row !== undefined && Boolean(waivedOf(row));
}

/** By the records of a week. */
export function waivedIn(records: Record<string, StepRecord>): Left['waivedOf'] {
  return (row) => records[row]?.waived;
}
