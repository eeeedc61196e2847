// Charts of the HTML report: plain SVG, drawn here, with a text for who can't see them. Colours are the page's own.
import { escaped } from './html-text.ts';

const width = 720;
const rowHeight = 26;
const labelWidth = 210;
/** For what is drawn, between the labels and the texts behind it. */
const room = width - labelWidth - 110;

export interface Bar {
  label: string;
  value: number;
  /** What stands behind the bar. */
  text: string;
  verdict: string;
}

/** Horizontal bars on one scale, with lines at limit and target. */
export function bars(title: string, rows: Bar[], marks: { label: string; at: number }[] = []): string {
  if (rows.length === 0) return '';
  const most = Math.max(...rows.map(({ value }) => value), ...marks.map(({ at }) => at)) * 1.15 || 1;
  const x = (value: number) => labelWidth + (value / most) * room;
  const drawn = rows.map(({ value, ...row }) => ({ ...row, left: labelWidth, right: Math.max(x(value), labelWidth + 1) }));
  return figure(title, drawn, marks.map(({ label, at }) => ({ label, x: x(at) })), rows.map(({ label, text }) => `${label}: ${text}`));
}

export interface Span {
  label: string;
  from: number;
  to: number;
  text: string;
  verdict: string;
}

/** Spans of time under each other, with moments (incidents) as marks. Unix milliseconds. */
export function timeline(title: string, spans: Span[], moments: { at: number; label: string }[] = []): string {
  if (spans.length === 0) return '';
  const [first, last] = [Math.min(...spans.map(({ from }) => from)), Math.max(...spans.map(({ to }) => to))];
  const x = (at: number) => labelWidth + ((at - first) / Math.max(1, last - first)) * room;
  const drawn = spans.map(({ from, to, ...row }) => ({ ...row, left: x(from), right: Math.max(x(to), x(from) + 2) }));
  return figure(title, drawn, moments.map(({ label, at }) => ({ label, x: x(at) })), [...spans.map(({ label, text }) => `${label}: ${text}`), ...moments.map(({ label }) => label)]);
}

/** Rows under each other, and lines through all of them. `told` is for who can't see it. */
function figure(title: string, rows: { label: string; left: number; right: number; text: string; verdict: string }[], lines: { label: string; x: number }[], told: string[]): string {
  const height = rows.length * rowHeight + (lines.length > 0 ? 24 : 0);
  const through = lines.map(({ label, x }) => `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="0" y2="${height - 20}"/><text class="mark" x="${x.toFixed(1)}" y="${height - 6}" text-anchor="middle">${escaped(label)}</text>`);
  const drawn = rows.map(({ label, left, right, text, verdict }, index) => {
    const y = index * rowHeight + 4;
    return `<text x="0" y="${y + 14}">${escaped(label)}</text><rect class="${escaped(verdict)}" x="${left.toFixed(1)}" y="${y}" width="${(right - left).toFixed(1)}" height="18" rx="2"/><text x="${(right + 6).toFixed(1)}" y="${y + 14}">${escaped(text)}</text>`;
  });
  return `<figure><figcaption>${escaped(title)}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`${title}. ${told.join('; ')}`)}">${[...through, ...drawn].join('')}</svg></figure>`;
}
