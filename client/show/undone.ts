// Shows undone ledger entries, one a line.
import type { Undone } from '../../plan/undo.ts';
import { columns } from './text.ts';

/** In a preview nothing was undone yet: what would be says so. */
export function undoneTable(entries: Undone[], preview = false): string[] {
  return columns(entries.map(({ result, kind, target, step, detail }) => [`  ${preview && result === 'undone' ? 'to undo' : result}`, kind, target, step, (detail ?? '').split('\n')[0] ?? '']));
}
