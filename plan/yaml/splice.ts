// Changes YAML text in place, by node ranges: whatever is not changed stays as it is, byte for byte.
import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  stringify,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

/** YAML text that can't be read or edited; `line` is where. */
export class UneditableYaml extends Error {
  override name = 'UneditableYaml';
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(`line ${line}: ${message}`);
  }
}

/** A parsed document whose content is a map or nothing. Throws UneditableYaml. */
export function parseMap(text: string): { document: Document; lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) throw new UneditableYaml(lines.linePos(error.pos[0]).line, `not YAML: ${error.message}`);
  const { contents } = document;
  const empty = contents === null || (isScalar(contents) && contents.value === null);
  if (!empty && !isMap(contents))
    throw new UneditableYaml(lines.linePos(contents.range?.[0] ?? 0).line, 'a map of settings is wanted at the top');
  return { document, lines };
}

/** Sets `block.key` to a scalar. The block is made at the end of the text when it is not there. */
export function setKey(text: string, block: string, key: string, value: string | number): string {
  const { document, lines } = parseMap(text);
  const found = pairOf(document.contents, block);
  if (!found) return appended(text, document, render({ [block]: { [key]: value } }));
  const node = found.value as Node | null;
  if (isNothing(node)) return withLines(text, headEnd(text, found), render({ [key]: value }), '  ');
  if (!isMap(node)) throw new UneditableYaml(lines.linePos(startOf(found)).line, `${block}: a map is wanted`);
  const pair = pairOf(node, key);
  if (pair) return withValue(text, lines, pair, `${block}.${key}`, value);
  if (node.flow) return inFlow(text, node, `${key}: ${JSON.stringify(value)}`);
  const indent = indentAt(text, startOf(node.items[0] as Pair));
  return withLines(text, blockEnd(text, node, indent.length - 1), render({ [key]: value }), indent);
}

/** Adds `item` at the end of the list `block`, or puts it in the place of the one whose `id` is the same. */
export function setItem(text: string, block: string, id: string, item: Record<string, unknown>): string {
  const { document, lines } = parseMap(text);
  const found = pairOf(document.contents, block);
  if (!found) return appended(text, document, render({ [block]: [item] }));
  const list = found.value as Node | null;
  if (isNothing(list)) return withLines(text, headEnd(text, found), render([item]), '  ');
  if (!isSeq(list)) throw new UneditableYaml(lines.linePos(startOf(found)).line, `${block}: a list is wanted`);
  const index = list.items.findIndex((candidate) => isMap(candidate) && candidate.get(id) === item[id]);
  const old = list.items[index] as YAMLMap | undefined;
  if (old && JSON.stringify(old.toJS(document)) === JSON.stringify(item)) return text;
  if (list.flow)
    return old ? spliced(text, ...rangeOf(old), JSON.stringify(item)) : inFlow(text, list, JSON.stringify(item));
  const dash = dashOf(text, old ?? (list.items[0] as YAMLMap));
  const indent = ' '.repeat(dash - lineStart(text, dash));
  if (!old) return withLines(text, blockEnd(text, list, indent.length), render([item]), indent);
  return withLines(
    spliced(text, lineStart(text, dash), contentEnd(text, old), ''),
    lineStart(text, dash),
    render([item]),
    indent,
  );
}

/** Puts the item of the list `block` whose `id` has this value as another text has it, with its comments, where both are in block style alike. */
export function copyItem(text: string, from: string, block: string, id: string, value: unknown): string {
  const [old, item] = [found(text, block, id, value), found(from, block, id, value)];
  if (!old || !item) return text;
  const [at, source] = [linesOf(text, old.item), linesOf(from, item.item)];
  if (old.list.flow || item.list.flow || at.indent !== source.indent)
    return setItem(text, block, id, item.item.toJS(parseMap(from).document) as Record<string, unknown>);
  return spliced(text, at.start, at.end, from.slice(source.start, source.end));
}

/** Takes the item of the list `block` out whose `id` has this value, with its own lines. One that is not there is fine. */
export function removeItem(text: string, block: string, id: string, value: unknown): string {
  const old = found(text, block, id, value);
  if (!old) return text;
  const { list, item } = old;
  if (!list.flow) {
    const lines = linesOf(text, item);
    return spliced(text, lines.start, lines.end, '');
  }
  const [start, end] = rangeOf(item);
  const index = list.items.indexOf(item);
  const [next, last] = [list.items[index + 1] as Node | undefined, list.items[index - 1] as Node | undefined];
  if (next) return spliced(text, start, startOf(next), '');
  return spliced(text, last ? rangeOf(last)[1] : start, end, '');
}

/** Takes a key of the top away that has nothing under it. */
export function removeEmpty(text: string, key: string): string {
  const found = pairOf(parseMap(text).document.contents, key);
  if (!found || !isNothing(found.value as Node | null)) return text;
  return spliced(text, lineStart(text, startOf(found)), headEnd(text, found), '');
}

function found(text: string, block: string, id: string, value: unknown): { list: YAMLSeq; item: YAMLMap } | null {
  const list = pairOf(parseMap(text).document.contents, block)?.value;
  if (!isSeq(list)) return null;
  const item = list.items.find((candidate): candidate is YAMLMap => isMap(candidate) && candidate.get(id) === value);
  return item ? { list, item } : null;
}

/** The lines of an item of a list in block style. */
function linesOf(text: string, item: YAMLMap): { start: number; end: number; indent: number } {
  const dash = dashOf(text, item);
  const start = lineStart(text, dash);
  return { start, end: contentEnd(text, item), indent: dash - start };
}

function withValue(text: string, lines: LineCounter, pair: Pair, path: string, value: string | number): string {
  const node = pair.value as Node | null;
  if (isScalar(node) && node.value === value) return text;
  const [start, end] = isScalar(node) || isAlias(node) ? (node.range ?? []) : [];
  if (start === undefined || end === undefined)
    throw new UneditableYaml(lines.linePos(startOf(pair)).line, `${path}: a single value is wanted`);
  const gap = text[start - 1] === ':' ? ' ' : '';
  return spliced(text, start, end, `${gap}${render(value).trimEnd()}`);
}

/** Adds at the end of a list or map in brackets. */
function inFlow(text: string, node: YAMLMap | YAMLSeq, entry: string): string {
  const close = (node.range?.[1] ?? 0) - 1;
  const before = text.slice(0, close).trimEnd();
  const comma = node.items.length === 0 || before.endsWith(',') ? '' : ',';
  const space = node.items.length === 0 ? '' : ' ';
  return `${before}${comma}${space}${entry}${text.slice(before.length)}`;
}

/** At the end of the text, but before the mark "..." that ends a document. */
function appended(text: string, document: Document, addition: string): string {
  const contentEnds = document.range?.[1] ?? 0;
  const mark = text.slice(contentEnds).search(/^\.\.\.\s/m);
  return withLines(text, mark < 0 ? text.length : contentEnds + mark, addition, '');
}

/** Puts whole lines in at an offset, with the text's own line ends; a last line without its end gets one first. */
function withLines(text: string, offset: number, addition: string, indent: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const before = text.slice(0, offset);
  const open = before !== '' && !before.endsWith('\n') ? newline : '';
  const added = addition
    .trimEnd()
    .split('\n')
    .map((line) => `${indent}${line}${newline}`);
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

function isNothing(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function startOf(node: Node | Pair): number {
  return (isPair(node) ? (node.key as Node) : node).range?.[0] ?? 0;
}

function rangeOf(node: Node): [start: number, end: number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}

/** Of the "-" before an item of a list in block style. */
function dashOf(text: string, item: Node): number {
  return text.lastIndexOf('-', startOf(item) - 1);
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
  const end = last.range?.[1] ?? 0;
  return lineEnd(text, text.slice(0, end).trimEnd().length);
}

function lastLeaf(node: Node): Node {
  if (!isCollection(node) || node.flow) return node;
  const last = node.items.at(-1);
  const inner = isPair(last) ? ((last.value ?? last.key) as Node) : (last as Node | undefined);
  return inner ? lastLeaf(inner) : node;
}

/** End of the line of `key:`, when nothing comes after it. */
function headEnd(text: string, pair: Pair): number {
  return lineEnd(text, (pair.value as Node | null)?.range?.[0] ?? startOf(pair));
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the first character of the next line. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

function indentAt(text: string, offset: number): string {
  return text.slice(lineStart(text, offset), offset);
}
