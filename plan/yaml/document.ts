// A file of settings as YAML means it: one document, a map. What can't be read is refused with its line.
import { isMap, isScalar, LineCounter, parseDocument, visit, type Alias, type Document, type Node } from 'yaml';
import { reasonOf } from './reasons.ts';

export type Settings = Record<string, unknown>;

/** YAML text that can't be read or edited; `line` is where. */
export class UneditableYaml extends Error {
  override name = 'UneditableYaml';
  constructor(
    readonly line: number,
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

/** A mark of the byte order, or nothing, and the text behind it. */
export function parted(text: string): [mark: string, rest: string] {
  return text.startsWith('\uFEFF') ? [text.slice(0, 1), text.slice(1)] : ['', text];
}

export interface Parsed {
  document: Document;
  lines: LineCounter;
}

/** A parsed document whose content is a map or nothing; its offsets are those behind a mark of the byte order. Throws UneditableYaml. */
export function parseMap(text: string): Parsed {
  const lines = new LineCounter();
  // Left there, the mark would count as a column of the first line.
  const [, rest] = parted(text);
  const document = parseDocument(rest, {
    lineCounter: lines,
    prettyErrors: false,
    keepSourceTokens: true,
    merge: true,
  });
  const error = document.errors.find(({ code, pos }) => code !== 'MULTIPLE_DOCS' || !endsAgain(rest.slice(pos[0])));
  if (error) throw new UneditableYaml(lines.linePos(error.pos[0]).line, reasonOf(error.code));
  const { contents } = document;
  if (!isNothing(contents) && !isMap(contents))
    throw new UneditableYaml(lines.linePos(contents?.range?.[0] ?? 0).line, 'a map of settings is wanted at the top');
  return { document, lines };
}

/** For the library a second "..." ends a second document; for PyYAML and Prometheus it is nothing. */
function endsAgain(text: string): boolean {
  return text.split('\n').every((line) => /^(\.\.\.(?=\s|$))?\s*(#.*)?$/.test(line));
}

/** What a text means. Its anchors may be used as often as that, and no more: each use is all of it again. Throws UneditableYaml. */
export function settingsOf(text: string): Settings {
  return settingsIn(parseMap(text));
}

export function settingsIn({ document, lines }: Parsed): Settings {
  try {
    const settings = (lastMergeFirst(document).toJS({ maxAliasCount: 10_000 }) as Settings | null) ?? {};
    canonical(settings);
    return settings;
  } catch {
    // The library's message has the alias in it, which may be a password that begins with "*".
    const dangling = danglingIn(document);
    throw dangling
      ? new UneditableYaml(
          lines.linePos(dangling.range?.[0] ?? 0).line,
          'an alias (*) has no anchor (&) before it: a text that begins with * stands in quotes',
        )
      : new UneditableYaml(
          1,
          "its aliases can't be followed: one is within its own anchor, is merged (<<) and no map, or they come to too much",
        );
  }
}

/** The first alias of nothing. */
function danglingIn(document: Document): Alias | undefined {
  let found: Alias | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

/** Of several merge keys in a map the last one counts for PyYAML and for Prometheus; for the library it is the first. */
function lastMergeFirst(document: Document): Document {
  const copy = document.clone();
  visit(copy, {
    Map(_, { items }) {
      const at = [...items.keys()].filter((index) => isMerge(items[index]!.key));
      const merges = at.map((index) => items[index]!);
      for (const index of at) items[index] = merges.pop()!;
    },
  });
  return copy;
}

function isMerge(key: unknown): boolean {
  return isScalar(key) && typeof key.value === 'symbol';
}

export function isNothing(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

/** Equal as YAML means it: the order of keys doesn't matter. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** The same for values that are. */
export function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, sortedKeys);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
