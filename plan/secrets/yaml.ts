// Secrets in a file: where it is YAML, found as YAML means it; and as in any other text. Pure.
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  Scalar,
} from 'yaml';
import { isMark, type Mark } from './mark.ts';
import { isHarmless, isNamedSecret } from './named.ts';
import { hiddenLine, redacted } from './text.ts';

/** The file with a mark for each secret. Every line stays where it was. */
export function redactedFile(text: string, mark: Mark): string {
  const { found, isYaml } = secretsIn(text);
  return redacted(withoutValues(text, found, mark), mark, isYaml ? 'in comments' : 'everywhere');
}

interface Found {
  start: number;
  end: number;
  value: string;
  /** Begins with a line that has only its style (`|`, `>`). */
  isBlock: boolean;
  /** A text of several lines that is no secret itself, and may have some: other settings, in YAML or not. */
  isText?: boolean;
}

interface Looking {
  text: string;
  found: Found[];
  /** By name, the newest: what an alias stands for. */
  anchors: Map<string, Node>;
  isSecret: boolean;
}

function withoutValues(text: string, secrets: Found[], mark: Mark): string {
  let [out, from] = ['', 0];
  for (const secret of secrets.sort((a, b) => a.start - b.start)) {
    if (secret.start < from) continue;
    out += text.slice(from, secret.start) + hidden(text.slice(secret.start, secret.end), secret, mark);
    from = secret.end;
  }
  return out + text.slice(from);
}

/** A block has a mark on each line, as its lines are told apart; any other value has one, and leaves its further lines empty. */
function hidden(source: string, { value, isBlock, isText }: Found, mark: Mark): string {
  if (isText) return redacted(source, mark);
  const [first = '', ...lines] = source.split('\n');
  if (isBlock) return [first, ...lines.map((line) => hiddenLine(line, mark))].join('\n');
  if (lines.length === 0) return mark(value);
  // What follows on the last line stays as far to the right.
  const indent = /^\s*/.exec(lines.at(-1)!)![0];
  return mark(value) + [first, ...lines].map((line) => /\r?$/.exec(line)![0]).join('\n') + indent;
}

/** `isYaml`: all of them, but for what is in comments. */
function secretsIn(text: string): { found: Found[]; isYaml: boolean } {
  const found: Found[] = [];
  try {
    const options = { uniqueKeys: false, prettyErrors: false, strict: false, logLevel: 'silent' } as const;
    const documents = [parseAllDocuments(text, options)].flat() as Document[];
    for (const { contents } of documents) look(contents, { text, found, anchors: new Map(), isSecret: false });
    return { found, isYaml: documents.every(({ contents, errors }) => errors.length === 0 && isCollection(contents)) };
  } catch {
    // Too deep: what was not found yet is found as in any text.
    return { found, isYaml: false };
  }
}

function look(node: unknown, at: Looking): void {
  if (isAlias(node)) return lookAtAlias(node.source, node.range, at);
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
  const [start = 0, end = 0] = node.range ?? [];
  if (isMark(at.text.slice(start, end))) return;
  if (node.anchor) at.anchors.set(node.anchor, node);
  if (isMap(node)) for (const pair of node.items) lookAtPair(pair, nameOf(node.items, pair), at);
  else if (isSeq(node))
    node.items.forEach((item, index) => look(item, { ...at, isSecret: at.isSecret || isFlag(node.items[index - 1]) }));
  else if (at.isSecret && !isHarmless('', valueOf(node))) {
    const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
    at.found.push({ start, end, value: valueOf(node), isBlock });
  } else if (at.text.slice(start, end).trimEnd().includes('\n'))
    at.found.push({ start, end, value: valueOf(node), isBlock: false, isText: true });
}

/** Where an alias is a secret, what it stands for is one. */
function lookAtAlias(name: string, range: Node['range'], at: Looking): void {
  const target = at.anchors.get(name);
  if (!at.isSecret || !target) return;
  const [start = 0, end = 0] = range ?? [];
  at.found.push({ start, end, value: isScalar(target) ? valueOf(target) : `*${name}`, isBlock: false });
  // Taken out meanwhile, since a node may hold an alias of itself.
  at.anchors.delete(name);
  look(target, at);
  at.anchors.set(name, target);
}

function lookAtPair({ key, value }: Pair, name: string, at: Looking): void {
  look(key, { ...at, isSecret: false });
  const isSecret = isNamedSecret(name) && !(isScalar(value) && isHarmless(name, valueOf(value)));
  look(value, { ...at, isSecret: at.isSecret || isSecret });
}

/** The name of a setting; that of a `value` beside a `name` is the latter's. */
function nameOf(items: Pair[], { key }: Pair): string {
  const own = valueOf(key);
  const named = own === 'value' ? items.find((other) => ['name', 'key'].includes(valueOf(other.key))) : undefined;
  return named ? valueOf(named.value) : own;
}

/** Such as "--password", whose value is the next item. */
function isFlag(item: unknown): boolean {
  return /^--?[\w-]+$/.test(valueOf(item)) && isNamedSecret(valueOf(item));
}

function valueOf(node: unknown): string {
  return isScalar(node) ? (node.source ?? String(node.value ?? '')) : '';
}
