// Changes YAML text in place, by node ranges: whatever is not changed stays as it is, byte for byte.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type CST,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { isNothing, parseMap, UneditableYaml } from './document.ts';
import { render } from './render.ts';
import {
  blockEnd,
  colonOf,
  contentEnd,
  dashOf,
  endOf,
  indentOf,
  isBlockScalar,
  lastIn,
  lineEnd,
  lineStart,
  pairOf,
  propsOf,
  rangeOf,
  startOf,
} from './offsets.ts';

/** Sets `block.key` to a scalar. The block is made at the end of the text when it is not there. */
export function setKey(text: string, block: string, key: string, value: string | number): string {
  const { document, lines } = parseMap(text);
  const found = pairOf(document.contents, block);
  refuseTags(document, lines, found, block);
  if (!found) return appended(text, document, render({ [block]: { [key]: value } }));
  const node = found.value as Node | null;
  if (isNothing(node)) return inNothing(text, document, found, render({ [key]: value }));
  if (!isMap(node)) throw new UneditableYaml(lines.linePos(startOf(found)).line, `${block}: a map is wanted`);
  const pair = pairOf(node, key);
  // What its old value was said to be ("!secret") is not what the new one is.
  const bare = pair && withoutProps(text, pair);
  if (bare !== undefined && bare !== text) return setKey(bare, block, key, value);
  if (pair) return withValue(text, lines, pair, `${block}.${key}`, value, node.flow === true);
  if (node.flow) return inFlow(text, node, `${render(key).trimEnd()}: ${JSON.stringify(value)}`);
  const indent = indentOf(node);
  return withLines(text, blockEnd(text, node, indent - 1), render({ [key]: value }), indent);
}

/** Adds `item` at the end of the list `block`, or puts it in the place of the one whose `id` is the same. */
export function setItem(text: string, block: string, id: string, item: Record<string, unknown>): string {
  const { document, lines } = parseMap(text);
  const found = pairOf(document.contents, block);
  refuseTags(document, lines, found, block);
  if (!found) return appended(text, document, render({ [block]: [item] }));
  const list = found.value as Node | null;
  if (isNothing(list)) return inNothing(text, document, found, render([item]));
  if (!isSeq(list)) throw new UneditableYaml(lines.linePos(startOf(found)).line, `${block}: a list is wanted`);
  const index = list.items.findIndex((candidate) => isMap(candidate) && candidate.get(id) === item[id]);
  const old = list.items[index] as YAMLMap | undefined;
  if (list.flow)
    return old ? spliced(text, ...rangeOf(old), JSON.stringify(item)) : inFlow(text, list, JSON.stringify(item));
  const indent = indentOf(list);
  if (!old) return withLines(text, blockEnd(text, list, indent), render([item]), indent);
  const start = lineStart(text, dashOf(list, index));
  return withLines(spliced(text, start, contentEnd(text, old), ''), start, render([item]), indent);
}

/** Whether `block.key` stands in the text itself or by an alias, as it would be written or in quotes: not merged in, and nothing that readers take differently, such as 036 or what has a tag. */
export function isWritten(text: string, block: string, key: string, value: string | number): boolean {
  const { document } = parseMap(text);
  const found = pairOf(pairOf(document.contents, block)?.value, key)?.value;
  const node = isAlias(found) ? found.resolve(document) : found;
  if (!isScalar(node)) return false;
  if (node.tag !== undefined) return false;
  return node.type === 'PLAIN' ? node.source === render(value).trimEnd() : typeof value === 'string';
}

/** The anchors of what lies on the way to a value, and of the value. */
export function anchorsAt(text: string, path: string[]): string[] {
  let node: unknown = parseMap(text).document.contents;
  return path.flatMap((key) => {
    node = pairOf(node, key)?.value;
    return (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor ? [node.anchor] : [];
  });
}

/** What a reader makes of a map or a list with a tag of its own is known to that reader alone. */
function refuseTags(document: Document, lines: LineCounter, found: Pair | undefined, block: string): void {
  const usual = ['tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq'];
  for (const [node, what] of [
    [document.contents, 'the whole file'],
    [found?.value as Node | null | undefined, block],
  ] as const)
    if (node?.tag !== undefined && !usual.includes(node.tag))
      throw new UneditableYaml(
        lines.linePos(found ? startOf(found) : startOf(node)).line,
        `${what} has the tag ${node.tag.replace('tag:yaml.org,2002:', '!!')}, and only its reader knows what that means: write it without`,
      );
}

function withValue(
  text: string,
  lines: LineCounter,
  pair: Pair,
  path: string,
  value: string | number,
  inBrackets: boolean,
): string {
  const node = pair.value as Node | null;
  const [start, end] = isScalar(node) || isAlias(node) ? (node.range ?? []) : [];
  if (start === undefined || end === undefined)
    throw new UneditableYaml(lines.linePos(startOf(pair)).line, `${path}: a single value is wanted`);
  const written = inBrackets ? JSON.stringify(value) : render(value).trimEnd();
  // Of a block scalar the rest of its first line stays, which may be a comment.
  if (isBlockScalar(node)) {
    const [head] = /^[^\n]*\n?/.exec(text.slice(start, end)) ?? [''];
    return spliced(
      text,
      start,
      end,
      head.replace(/^[|>][-+\d]*/, () => written),
    );
  }
  if (start === end) return spliced(text, colonOf(pair) + 1, colonOf(pair) + 1, ` ${written}`);
  return spliced(text, start, end, written);
}

/** Without the tag and the anchor of its value. */
function withoutProps(text: string, pair: Pair): string {
  return propsOf(pair).reduceRight((now, { offset, source }) => {
    const after = /^[ \t]*/.exec(now.slice(offset + source.length))?.[0] ?? '';
    return spliced(now, offset, offset + source.length + after.length, '');
  }, text);
}

/** Adds behind the last in brackets: what follows there may be a comma, and a comment. */
function inFlow(text: string, node: YAMLMap | YAMLSeq, entry: string): string {
  const last = lastIn(node);
  if (last) return spliced(text, endOf(last), endOf(last), `, ${entry}`);
  const open = (node.srcToken as CST.FlowCollection).start.offset + 1;
  return spliced(text, open, open, entry);
}

/** Below a key that has no value, or whose value is written as none. */
function inNothing(text: string, document: Document, pair: Pair, addition: string): string {
  const [start, end] = (pair.value as Node | null)?.range ?? [0, 0];
  const emptied = spliced(text, start, end, '');
  return withLines(emptied, lineEnd(emptied, colonOf(pair)), addition, indentOf(document.contents) + 2);
}

/** At the end of the text, but before the mark "..." that ends a document. */
function appended(text: string, document: Document, addition: string): string {
  const contentEnds = document.range?.[1] ?? 0;
  const mark = text.slice(contentEnds).search(/^\.\.\.(?=\s|$)/m);
  return withLines(text, mark < 0 ? text.length : contentEnds + mark, addition, indentOf(document.contents));
}

/** Puts whole lines in at an offset, with the text's own line ends; a last line without its end gets one first. */
function withLines(text: string, offset: number, addition: string, indent: number): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const before = text.slice(0, offset);
  const open = before !== '' && !before.endsWith('\n') ? newline : '';
  const added = addition
    .trimEnd()
    .split('\n')
    .map((line) => `${' '.repeat(indent)}${line}${newline}`);
  return `${before}${open}${added.join('')}${text.slice(offset)}`;
}

export function spliced(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
