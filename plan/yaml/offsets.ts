// Where the nodes of a YAML text lie in it.
import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  type CST,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { parseMap } from './document.ts';

export function pairOf(map: unknown, key: string): Pair | undefined {
  return isMap(map) ? (map.items as Pair[]).find((pair) => isScalar(pair.key) && pair.key.value === key) : undefined;
}

export function isBlockScalar(node: Node | null): boolean {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
}

export function startOf(node: Node | Pair): number {
  return (isPair(node) ? (node.key as Node) : node).range?.[0] ?? 0;
}

export function rangeOf(node: Node): [start: number, end: number] {
  return [startOf(node), endOf(node)];
}

export function endOf(node: Node): number {
  return node.range?.[1] ?? 0;
}

export function colonOf(pair: Pair): number {
  return betweenOf(pair).find(({ type }) => type === 'map-value-ind')?.offset ?? 0;
}

/** The tag and the anchor before a value. */
export function propsOf(pair: Pair): CST.SourceToken[] {
  return betweenOf(pair).filter(({ type }) => type === 'tag' || type === 'anchor');
}

/** What stands between a key and its value. */
function betweenOf(pair: Pair): CST.SourceToken[] {
  return (pair as Pair & { srcToken?: CST.CollectionItem }).srcToken?.sep ?? [];
}

/** Of what stands in a map or list in block style. */
export function indentOf(node: Document['contents']): number {
  return (node?.srcToken as CST.BlockMap | CST.BlockSequence | undefined)?.indent ?? 0;
}

export function dashOf(list: YAMLSeq, index: number): number {
  const { start = [] } = (list.srcToken as CST.BlockSequence).items[index] ?? {};
  return start.find(({ type }) => type === 'seq-item-ind')?.offset ?? 0;
}

/** End of the lines that a block's nodes take, with the comments right below that are indented deeper than `depth`. */
export function blockEnd(text: string, node: Node, depth: number): number {
  let end = contentEnd(text, node);
  for (;;) {
    const comment = /^([ \t]*)#.*(\r?\n|$)/.exec(text.slice(end, lineEnd(text, end)));
    if (!comment || (comment[1] ?? '').length <= depth) return end;
    end = lineEnd(text, end);
  }
}

/** End of the line with the last character of a node; a block's own range reaches on over comments and blank lines. */
export function contentEnd(text: string, node: Node): number {
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

export function lastIn(node: YAMLMap | YAMLSeq): Node | undefined {
  const last = node.items.at(-1);
  return (isPair(last) ? (last.value ?? last.key) : last) as Node | undefined;
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the first character of the next line. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}
