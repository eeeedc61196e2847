// Plain parts of terminal output: colours, columns, times.
import { styleText } from 'node:util';
import { humanDuration, utc as utcOf } from '../../plan/schema/duration.ts';
import type { Verdict } from '../../plan/week/record.ts';

export type Style = Parameters<typeof styleText>[0];
/** Paints text, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;

/** Colour only on a terminal, and never against NO_COLOR (no-color.org). */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && !process.env.NO_COLOR ? (style, text) => styleText(style, text) : plain;
}

const styles = { pass: 'green', fail: 'red', inconclusive: 'yellow', open: 'gray' } as const;

export function verdictText(paint: Paint, verdict: Verdict | 'open', width = 0): string {
  return paint(styles[verdict], verdict.padEnd(width));
}

/** Rows in columns, two spaces apart; the last one is not padded. Cells must be unpainted. */
export function columns(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** `2026-07-23 14:05:09 UTC`; without the date when it is of the same day as `now`. */
export function utc(milliseconds: number, now?: number): string {
  const text = utcOf(milliseconds);
  const day = 'YYYY-MM-DD '.length;
  return now !== undefined && utcOf(now).slice(0, day) === text.slice(0, day) ? text.slice(day) : text;
}

/** A duration for people, whole seconds at least. */
export function lasting(milliseconds: number): string {
  return humanDuration(Math.max(0, Math.round(milliseconds / 1000) * 1000)).replace(/^0ms$/, '0s');
}
