// Charts of the HTML report: plain SVG, drawn here, with a text for who can't see them. Colours are the page's own.
import { escaped } from './html-text.ts';

const width = 720;
const rowHeight = 26;
const labelWidth = 210;

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
  const room = width - labelWidth - 110;
  const x = (value: number) => labelWidth + (value / most) * room;
  const height = rows.length * rowHeight + (marks.length > 0 ? 24 : 0);
  const drawn = rows.map(({ label, value, text, verdict }, index) => {
    const y = index * rowHeight + 4;
    return `<text x="0" y="${y + 14}">${escaped(label)}</text><rect class="${escaped(verdict)}" x="${labelWidth}" y="${y}" width="${Math.max(1, x(value) - labelWidth).toFixed(1)}" height="18" rx="2"/><text x="${(x(value) + 6).toFixed(1)}" y="${y + 14}">${escaped(text)}</text>`;
  });
  const lines = marks.map(({ label, at }) => `<line x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="0" y2="${height - 20}"/><text class="mark" x="${x(at).toFixed(1)}" y="${height - 6}" text-anchor="middle">${escaped(label)}</text>`);
  return figure(title, height, [...lines, ...drawn].join(''), rows.map(({ label, text }) => `${label}: ${text}`).join('; '));
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
  const room = width - labelWidth - 110;
  const x = (at: number) => labelWidth + ((at - first) / Math.max(1, last - first)) * room;
  const height = spans.length * rowHeight + (moments.length > 0 ? 24 : 0);
  const drawn = spans.map(({ label, from, to, text, verdict }, index) => {
    const y = index * rowHeight + 4;
    const end = Math.max(x(from) + 2, x(to));
    return `<text x="0" y="${y + 14}">${escaped(label)}</text><rect class="${escaped(verdict)}" x="${x(from).toFixed(1)}" y="${y}" width="${(end - x(from)).toFixed(1)}" height="18" rx="2"/><text x="${(end + 6).toFixed(1)}" y="${y + 14}">${escaped(text)}</text>`;
  });
  const marks = moments.map(({ at, label }) => `<line x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="0" y2="${height - 20}"/><text class="mark" x="${x(at).toFixed(1)}" y="${height - 6}" text-anchor="middle">${escaped(label)}</text>`);
  return figure(title, height, [...marks, ...drawn].join(''), [...spans.map(({ label, text }) => `${label}: ${text}`), ...moments.map(({ label }) => label)].join('; '));
}

function figure(title: string, height: number, inner: string, told: string): string {
  return `<figure><figcaption>${escaped(title)}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`${title}. ${told}`)}">${inner}</svg></figure>`;
}
