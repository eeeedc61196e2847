// Takes an item of a list out of YAML text again, or puts the one of before back in its place.
import { isMap, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { isNothing, parseMap, UneditableYaml } from './document.ts';
import { colonOf, contentEnd, dashOf, endOf, lineEnd, lineStart, pairOf, rangeOf, startOf } from './offsets.ts';
import { setItem, spliced } from './splice.ts';

interface Found {
  list: YAMLSeq;
  index: number;
  item: YAMLMap;
}

/** Whether the text ends with this item. */
export function endsIn(text: string, block: string, id: string, value: unknown): boolean {
  const at = found(text, block, id, value);
  return at !== null && !at.list.flow && linesOf(text, at).end === text.length;
}

/** Puts the item of the list `block` whose `id` has this value as another text has it, with its comments, where both are in the same style. */
export function copyItem(text: string, from: string, block: string, id: string, value: unknown): string {
  const [old, former] = [found(text, block, id, value), found(from, block, id, value)];
  if (!old || !former) return text;
  if (old.list.flow && former.list.flow)
    return spliced(text, ...rangeOf(old.item), from.slice(...rangeOf(former.item)));
  const [at, source] = [linesOf(text, old), linesOf(from, former)];
  if (old.list.flow || former.list.flow || at.indent !== source.indent)
    return setItem(text, block, id, former.item.toJS(parseMap(from).document) as Record<string, unknown>);
  const lines = from.slice(source.start, source.end);
  // It was the last line of that text, and is not of this.
  const open = at.end < text.length && !lines.endsWith('\n');
  return spliced(text, at.start, at.end, open ? lines + (/\r?\n$/.exec(text.slice(0, at.end))?.[0] ?? '\n') : lines);
}

/** Takes the item of the list `block` out whose `id` has this value, with its own lines. One that is not there is fine. */
export function removeItem(text: string, block: string, id: string, value: unknown): string {
  const old = found(text, block, id, value);
  if (!old) return text;
  const { list, index, item } = old;
  if (!list.flow) {
    const { start, end } = linesOf(text, old);
    return spliced(text, start, end, '');
  }
  const [last, next] = [list.items[index - 1] as Node | undefined, list.items[index + 1] as Node | undefined];
  const [from, to] = [last ? endOf(last) : startOf(item), !last && next ? startOf(next) : endOf(item)];
  if (`${text.slice(from, startOf(item))}${text.slice(endOf(item), to)}`.includes('#'))
    throw new UneditableYaml(1, `${block}: a comment stands beside ${String(value)}`);
  return spliced(text, from, to, '');
}

/** Of a key of the top that has nothing under it any more: as another text has it, which had nothing there or not even the key. */
export function copyEmpty(text: string, from: string, key: string): string {
  const [now, former] = [text, from].map((one) => pairOf(parseMap(one).document.contents, key));
  if (!now || !isNothing(now.value as Node | null)) return text;
  if (!former) return spliced(text, lineStart(text, startOf(now)), lineEnd(text, colonOf(now)), '');
  const said = former.value as Node | null;
  if (!said || !isNothing(said)) return text;
  // The word for nothing, such as "null", went when there was something.
  const [start, end] = rangeOf(said);
  const lead = from.slice(colonOf(former) + 1, start);
  const at = colonOf(now) + 1 + lead.length;
  return text.slice(colonOf(now) + 1, at) === lead && lineFrom(text, at) === lineFrom(from, end)
    ? spliced(text, at, at, from.slice(start, end))
    : text;
}

function found(text: string, block: string, id: string, value: unknown): Found | null {
  const list = pairOf(parseMap(text).document.contents, block)?.value;
  if (!isSeq(list)) return null;
  const index = list.items.findIndex((candidate) => isMap(candidate) && candidate.get(id) === value);
  return index < 0 ? null : { list, index, item: list.items[index] as YAMLMap };
}

/** The lines of an item of a list in block style. */
function linesOf(text: string, { list, index, item }: Found): { start: number; end: number; indent: number } {
  const dash = dashOf(list, index);
  const start = lineStart(text, dash);
  return { start, end: contentEnd(text, item), indent: dash - start };
}

/** The rest of a line, without its end. */
function lineFrom(text: string, offset: number): string {
  return /^[^\r\n]*/.exec(text.slice(offset))?.[0] ?? '';
}
