// Rows of a preflight, for a terminal.
import type { Requirement } from '../../plan/report/rows/requirement.ts';
import { paintFor, verdictText } from './text.ts';

export function rowLines(rows: Requirement[]): string[] {
  const paint = paintFor(process.stdout);
  const width = Math.max(0, ...rows.map((row) => row.id.length));
  return rows.map(
    (row) => `${verdictText(paint, row.verdict, 12)}  ${row.id.padEnd(width)}  ${row.summary ?? row.text}`,
  );
}
