// The line of a value in a YAML document.
import { LineCounter, type Document } from 'yaml';

/** The line of the node at the path, or of its nearest parent that is there. */
export function lineOf(document: Document, lines: LineCounter, path: (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true) as
      { items?: { key?: { value?: unknown; range?: [number] } }[] } | undefined;
    const pair = parent?.items?.find((item) => item.key?.value === path[length - 1]);
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    const offset = pair?.key?.range?.[0] ?? node?.range?.[0];
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}
