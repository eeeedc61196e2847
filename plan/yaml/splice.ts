// Changes YAML text in place, by node ranges: whatever is not changed stays as it is, byte for byte.
import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  stringify,
  type CST,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { isNothing, parseMap, UneditableYaml } from './document.ts';

/** Sets `block.key` to a scalar. The block is made at the end of the text when it is not there. */
export function setKey(text: string, block: string, key: string, value: string | number): string {
  const { document, lines } = parseMap(text);
  const found = pairOf(document.contents, block);
  if (!found) return appended(text, document, render({ [block]: { [key]: value } }));
  const node = found.value as Node | null;
  if (isNothing(node)) return inNothing(text, document, found, render({ [key]: value }));
  if (!isMap(node)) throw new UneditableYaml(lines.linePos(startOf(found)).line, `${block}: a map is wanted`);
  const pair = pairOf(node, key);
  if (pair) return withValue(text, lines, pair, `${block}.${key}`, value, node.flow === true);
  if (node.flow) return inFlow(text, node, `${key}: ${JSON.stringify(value)}`);
  const indent = indentOf(node);
  return withLines(text, blockEnd(text, node, indent - 1), render({ [key]: value }), indent);
}

/** Adds `item` at the end of the list `block`, or puts it in the place of the one whose `id` is the same. */
export function setItem(text: string, block: string, id: string, item: Record<string, unknown>): string {
  const { document, lines } = parseMap(text);
  const found = pairOf(document.contents, block);
  if (!found) return appended(text, document, render({ [block]: [item] }));
  const list = found.value as Node | null;
  if (isNothing(list)) return inNothing(text, document, found, render([item]));
  if (!isSeq(list)) throw new UneditableYaml(lines.linePos(startOf(found)).line, `${block}: a list is wanted`);
  const index = list.items.findIndex((candidate) => isMap(candidate) && candidate.get(id) === item[id]);
  const old = list.items[index] as YAMLMap | undefined;
  if (list.flow)
    return old
      ? spliced(text, old.range?.[0] ?? 0, old.range?.[1] ?? 0, JSON.stringify(item))
      : inFlow(text, list, JSON.stringify(item));
  const indent = indentOf(list);
  if (!old) return withLines(text, blockEnd(text, list, indent), render([item]), indent);
  const start = lineStart(text, dashOf(list, index));
  return withLines(spliced(text, start, contentEnd(text, old), ''), start, render([item]), indent);
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
  // What it was said to be ("!!str") is not what the new value is.
  const tag = /![^\s]*[ \t]+$/.exec(text.slice(lineStart(text, start), start))?.[0] ?? '';
  return spliced(text, start - tag.length, end, written);
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

function spliced(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function render(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

function pairOf(map: unknown, key: string): Pair | undefined {
  return isMap(map) ? (map.items as Pair[]).find((pair) => isScalar(pair.key) && pair.key.value === key) : undefined;
}

function isBlockScalar(node: Node | null): boolean {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
}

function startOf(node: Node | Pair): number {
  return (isPair(node) ? (node.key as Node) : node).range?.[0] ?? 0;
}

function endOf(node: Node): number {
  return node.range?.[1] ?? 0;
}

function colonOf(pair: Pair): number {
  const { sep = [] } = (pair as Pair & { srcToken?: CST.CollectionItem }).srcToken ?? {};
  return sep.find(({ type }) => type === 'map-value-ind')?.offset ?? 0;
}

/** Of what stands in a map or list in block style. */
function indentOf(node: Document['contents']): number {
  return (node?.srcToken as CST.BlockMap | CST.BlockSequence | undefined)?.indent ?? 0;
}

function dashOf(list: YAMLSeq, index: number): number {
  const { start = [] } = (list.srcToken as CST.BlockSequence).items[index] ?? {};
  return start.find(({ type }) => type === 'seq-item-ind')?.offset ?? 0;
}

/** End of the lines that a block's nodes take, with the comments right below that are indented deeper than `depth`. */
function blockEnd(text: string, node: Node, depth: number): number {
  let end = contentEnd(text, node);
  for (;;) {
    const comment = /^([ \t]*)#.*(\r?\n|$)/.exec(text.slice(end, lineEnd(text, end)));
    if (!comment || (comment[1] ?? '').length <= depth) return end;
    end = lineEnd(text, end);
  }
}

/** End of the line with the last character of a node; a block's own range reaches on over comments and blank lines. */
function contentEnd(text: string, node: Node): number {
  const last = lastLeaf(node);
  const end = endOf(last);
  // Blank lines at its end may be a part of it.
  if (isBlockScalar(last)) return end;
  return lineEnd(text, text.slice(0, end).trimEnd().length);
}

/** Whether the text ends in the last line of a block scalar: the end of that line is a part of it, so nothing can follow that changes nothing. */
export function endsInBlockScalar(text: string): boolean {
  const { contents } = parseMap(text).document;
  return contents !== null && !text.endsWith('\n') && isBlockScalar(lastLeaf(contents as Node));
}

function lastLeaf(node: Node): Node {
  const inner = isCollection(node) && !node.flow && lastIn(node as YAMLMap | YAMLSeq);
  return inner ? lastLeaf(inner) : node;
}

function lastIn(node: YAMLMap | YAMLSeq): Node | undefined {
  const last = node.items.at(-1);
  return (isPair(last) ? (last.value ?? last.key) : last) as Node | undefined;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the first character of the next line. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}
