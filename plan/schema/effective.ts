// The whole of a plan as YAML again: valid input, with where each value came from beside it.
import { Document, isCollection, Pair, Scalar, YAMLMap, YAMLSeq, type Node } from 'yaml';
import { isRaw } from './fallback.ts';
import type { Origins, Path, Whole } from './whole.ts';

export function effectiveText({ input, origins }: Whole, file: string): string {
  const document = new Document();
  const root = nodeOf(document, harmfulFirst(input), [], origins) as YAMLMap<Scalar>;
  for (const { key } of root.items.slice(1)) key.spaceBefore = true;
  document.contents = root;
  document.commentBefore = ` All of ${file} as it will run. "plan": said there; "default", or what it is derived from: left out there.`;
  return document.toString({ lineWidth: 0 });
}

/** What can do harm stands where people look first. */
const first = ['version', 'name', 'title', 'faults', 'emergency', 'failure'];

function harmfulFirst(input: unknown): Record<string, unknown> {
  const plan = isRaw(input) ? input : {};
  const [early, others] = [first.filter((key) => key in plan), Object.keys(plan).filter((key) => !first.includes(key))];
  return Object.fromEntries([...early, ...others].map((key) => [key, plan[key]]));
}

/** A list without maps is one value. */
function nodeOf(document: Document, value: unknown, path: Path, origins: Origins): Node {
  if (isRaw(value) && Object.keys(value).length > 0) {
    const map = new YAMLMap();
    for (const [key, inner] of Object.entries(value))
      map.items.push(new Pair(document.createNode(key), nodeOf(document, inner, [...path, key], origins)));
    return map;
  }
  if (Array.isArray(value) && value.some(isRaw)) {
    const list = new YAMLSeq();
    list.items = value.map((item, index) => nodeOf(document, item, [...path, index], origins));
    return list;
  }
  const leaf = document.createNode(value) as Node;
  if (isCollection(leaf)) leaf.flow = true;
  // For readers of an older YAML, to whom 65534:65534 is a number.
  if (typeof value === 'string' && /^[\d:]+$/.test(value)) (leaf as Scalar).type = 'QUOTE_DOUBLE';
  leaf.comment = ` ${origins.at(path)}`;
  return leaf;
}
