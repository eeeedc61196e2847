// The secrets of a secured lab, and where any of them is found that has no business there: as it is, in base64, percent-encoded, or in JSON.
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface Secret {
  /** The file that has it. */
  of: string;
  text: string;
}

export interface Text {
  where: string;
  text: Buffer;
}

/** Of a directory in which everything but certificates is secret: passwords, tokens and seeds, keys in PEM, hashes of passwords. */
export function secretsIn(directory: string): Secret[] {
  const found = filesBelow(directory).flatMap((of) => {
    const text = readFileSync(of, 'utf8');
    if (/-----BEGIN CERTIFICATE-----/.test(text)) return [];
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return [{ of, text: ownLine(text) }];
    if (of.endsWith('.yml')) return [...text.matchAll(/\$2[aby]\$\d\d\$\S{53}/g)].map(([hash]) => ({ of, text: hash }));
    // As NATS includes it: NAME: "VALUE".
    if (of.endsWith('.conf')) return [...text.matchAll(/"(.*)"/g)].map(([, value]) => ({ of, text: value! }));
    return [{ of, text: text.trim() }];
  });
  return found.filter(({ text }, index) => found.findIndex((other) => other.text === text) === index);
}

/** Of a key in PEM the second line: the first is much the same in all of them, and what follows is in the certificate too. */
function ownLine(text: string): string {
  return text.split('\n').filter((line) => !line.startsWith('-'))[1]!;
}

/** Wherever in a longer text it stands: base64 of that has one of three forms of it. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
    const whole = bytes.toString('base64').replace(/=+$/, '');
    const before = Math.ceil((offset * 8) / 6);
    const after = bytes.length % 3 === 0 ? 0 : 1;
    return whole.slice(before, whole.length - after);
  });
}

export function formsOf({ text }: Secret): string[] {
  const escaped = JSON.stringify(text).slice(1, -1);
  const base64 = [text, escaped].flatMap(inBase64);
  const forUrls = base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([text, escaped, encodeURIComponent(text), ...base64, ...forUrls])];
}

/** Where one of them stands, and whose it is; never the secret itself. */
export function leaksIn(texts: Iterable<Text>, secrets: Secret[]): string[] {
  const forms = secrets.flatMap((secret) =>
    formsOf(secret).map((form) => ({ of: secret.of, form: Buffer.from(form) })),
  );
  const found = new Set<string>();
  for (const { where, text } of texts)
    for (const { of, form } of forms) if (text.includes(form)) found.add(`${where}: has ${basename(of)}`);
  return [...found];
}

/** Each file below a directory, one after the other, but for what `left` names. */
export function* textsBelow(directory: string, left: (path: string) => boolean): Generator<Text> {
  for (const where of filesBelow(directory, left)) {
    const text = unlessGone(() => readFileSync(where));
    if (text) yield { where, text };
  }
}

function entriesOf(directory: string): Dirent[] {
  return unlessGone(() => readdirSync(directory, { withFileTypes: true })) ?? [];
}

/** Programs go on meanwhile: what was there a moment ago may be gone. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return undefined;
  }
}

export function filesBelow(directory: string, left: (path: string) => boolean = () => false): string[] {
  return entriesOf(directory).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (left(path)) return [];
    if (entry.isDirectory()) return filesBelow(path, left);
    return entry.isFile() ? [path] : [];
  });
}

/** Files that others than their owner may read, or anybody may write. */
export function readableByOthers(files: string[]): string[] {
  return files.filter((path) => (statSync(path).mode & 0o077) !== 0);
}
