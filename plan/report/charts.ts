// Charts of the HTML report: plain SVG, drawn here, with a text for who can't see them. Colours are the page's own.
import { escaped } from './html-text.ts';

/** Narrow enough for its texts to be read on a phone, and beside another on paper. */
const width = 480;
const rowHeight = 24;
const labelWidth = 225;
/** Of the labels under lines. */
const letterWidth = 7;
const markHeight = 18;
/** For what is drawn, between the labels and the texts behind it. */
const room = width - labelWidth - 90;

export interface Bar {
  label: string;
  value: number;
  /** What stands behind the bar. */
  text: string;
  verdict: string;
}

/** A line through a chart, at a limit or a target. */
export interface Mark {
  label: string;
  at: number;
}

/** Horizontal bars on one scale, with lines at limit and target. */
export function bars(title: string, rows: Bar[], marks: Mark[] = []): string {
  if (rows.length === 0) return '';
  const most = Math.max(...rows.map(({ value }) => value), ...marks.map(({ at }) => at)) * 1.15 || 1;
  const x = (value: number) => labelWidth + (value / most) * room;
  const drawn = rows.map(({ value, ...row }) => ({
    ...row,
    left: labelWidth,
    right: Math.max(x(value), labelWidth + 1),
  }));
  return figure(
    title,
    drawn,
    marks.map(({ label, at }) => ({ label, x: x(at) })),
    rows.map(({ label, text }) => `${label}: ${text}`),
  );
}

export interface Span {
  label: string;
  from: number;
  to: number;
  text: string;
  verdict: string;
}

/** Spans of time under each other, with moments (incidents) as marks. Unix milliseconds. */
export function timeline(title: string, spans: Span[], moments: Mark[] = []): string {
  if (spans.length === 0) return '';
  const all = [...spans.flatMap(({ from, to }) => [from, to]), ...moments.map(({ at }) => at)];
  const [first, last] = [Math.min(...all), Math.max(...all)];
  const x = (at: number) => labelWidth + ((at - first) / Math.max(1, last - first)) * room;
  const drawn = spans.map(({ from, to, ...row }) => ({ ...row, left: x(from), right: Math.max(x(to), x(from) + 2) }));
  return figure(
    title,
    drawn,
    moments.map(({ label, at }) => ({ label, x: x(at) })),
    [...spans.map(({ label, text }) => `${label}: ${text}`), ...moments.map(({ label }) => label)],
  );
}

/** Rows under each other, and lines through all of them. `told` is for who can't see it. */
function figure(
  title: string,
  rows: { label: string; left: number; right: number; text: string; verdict: string }[],
  lines: { label: string; x: number }[],
  told: string[],
): string {
  const bottom = rows.length * rowHeight;
  const labels = stepped(lines);
  const height = bottom + Math.max(0, ...labels.map(({ step }) => (step + 1) * markHeight));
  const through = labels.map(
    ({ label, x, step }) =>
      `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="0" y2="${bottom + 4 + step * markHeight}"/><text class="mark" x="${x.toFixed(1)}" y="${bottom + (step + 1) * markHeight - 2}" text-anchor="middle">${escaped(label)}</text>`,
  );
  const drawn = rows.map(({ label, left, right, text, verdict }, index) => {
    const y = index * rowHeight + 3;
    return `<text x="0" y="${y + 14}">${escaped(label)}</text><rect class="${escaped(verdict)}" x="${left.toFixed(1)}" y="${y}" width="${(right - left).toFixed(1)}" height="18" rx="2"/><text x="${(right + 6).toFixed(1)}" y="${y + 14}">${escaped(text)}</text>`;
  });
  return `<figure><figcaption>${escaped(title)}</figcaption>${svg(width, height, `${title}. ${told.join('; ')}`, [...through, ...drawn])}</figure>`;
}

/** One under the other where they would run into each other. */
function stepped(lines: { label: string; x: number }[]): { label: string; x: number; step: number }[] {
  const placed: { label: string; x: number; step: number }[] = [];
  for (const line of [...lines].sort((a, b) => a.x - b.x)) {
    const before = placed.at(-1);
    placed.push({
      ...line,
      step:
        before && line.x - before.x < ((line.label.length + before.label.length) / 2 + 1) * letterWidth
          ? before.step + 1
          : 0,
    });
  }
  return placed;
}

const small = { width: 240, top: 4, bottom: 82, height: 100 };

/** The course of one number between two moments (Unix milliseconds), with lines at its limit and target: small, beside others. Nothing for fewer than two points. */
export function course(
  title: string,
  verdict: string,
  points: { at: number; value: number }[],
  marks: Mark[],
  say: { value(value: number): string; moment(at: number): string },
): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 2) return '';
  const values = points.map(({ value }) => value);
  const all = [...values, ...marks.map(({ at }) => at)];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const x = (at: number) => (((at - first.at) / Math.max(1, last.at - first.at)) * small.width).toFixed(1);
  const y = (value: number) =>
    Number((small.bottom - ((value - least) / (most - least || 1)) * (small.bottom - small.top - 14)).toFixed(1));
  const lines = marks.map(
    ({ label, at }, index) =>
      `<line x1="0" x2="${small.width}" y1="${y(at)}" y2="${y(at)}"/><text class="mark" x="${index === 0 ? 0 : small.width}" y="${y(at) - 4}"${index === 0 ? '' : ' text-anchor="end"'}>${escaped(`${label} ${say.value(at)}`)}</text>`,
  );
  const ends = `<text class="mark" x="0" y="${small.height - 3}">${escaped(say.moment(first.at))}</text><text class="mark" x="${small.width}" y="${small.height - 3}" text-anchor="end">${escaped(say.moment(last.at))}</text>`;
  const [lowest, highest] = [say.value(Math.min(...values)), say.value(Math.max(...values))];
  const range =
    lowest === highest ? `${highest} all along` : `${say.value(last.value)}, between ${lowest} and ${highest}`;
  const told = [
    `${title}: ${range}`,
    `${points.length} points from ${say.moment(first.at)} to ${say.moment(last.at)}`,
    ...marks.map(({ label, at }) => `${label} ${say.value(at)}`),
  ].join('; ');
  return `<figure><figcaption>${escaped(title)}: ${escaped(range)}</figcaption>${svg(small.width, small.height, told, [...lines, `<polyline class="${escaped(verdict)}" points="${points.map(({ at, value }) => `${x(at)},${y(value)}`).join(' ')}"/>`, ends])}</figure>`;
}

function svg(wide: number, high: number, told: string, drawn: string[]): string {
  return `<svg viewBox="0 0 ${wide} ${high}" role="img" aria-label="${escaped(told)}">${drawn.join('')}</svg>`;
}
