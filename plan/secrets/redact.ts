// What leaves a machine has a short digest where a secret was. Not for workflows: digests differ from process to process.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { isArgument, redactedData } from './data.ts';
import { isMark, markOf } from './mark.ts';
import { isHarmless, isNamedSecret } from './named.ts';
import { nobody, type Ours } from './ours.ts';
import { redactedFile } from './yaml.ts';

/** Of this process alone, and never told: without it nobody can try passwords until one has the digest. */
const processKey = crypto.getRandomValues(new Uint8Array(32));

/** The same secret has the same mark, as long as the process lives. */
function mark(secret: string): string {
  return markOf(bytesToHex(hmac(sha256, processKey, utf8ToBytes(secret))).slice(0, 8));
}

/** A text, or plain data of ours. */
export function redact<T>(value: T, ours: Ours = nobody): T {
  return redactedData(value, mark, ours) as T;
}

/** The text of a file, YAML or not. */
export function redactFile(text: string): string {
  return redactedFile(text, mark);
}

/** JSON of somebody else: what has a key that is named like a secret is one. */
export function redactJson(value: unknown, name = ''): unknown {
  const isSecret = isNamedSecret(name);
  if (Array.isArray(value))
    return value.map((item: unknown, index) =>
      redactJson(item, isSecret ? name : isArgument(item, value[index - 1]) ? String(value[index - 1]) : ''),
    );
  if (value !== null && typeof value === 'object') {
    const { name: named, key: keyed } = value as Record<string, unknown>;
    const nameOf = (key: string) => (key === 'value' ? String(named ?? keyed ?? key) : key);
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, redactJson(inner, isSecret ? name : nameOf(key))]),
    );
  }
  const text = typeof value === 'number' ? String(value) : value;
  if (!isSecret || typeof text !== 'string') return redact(value);
  return isHarmless(name, text) || isMark(text) ? value : mark(text);
}

/** The error itself, with message, stack, causes and details redacted: what kind it is, and whether it is tried again, stays. */
export function redactError(error: unknown, ours: Ours = nobody, seen = new Set<unknown>()): unknown {
  if (!(error instanceof Error)) return redact(error, ours);
  if (seen.has(error)) return error;
  seen.add(error);
  const own = (key: string, value: unknown) =>
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: key === 'details' });
  own('message', redact(error.message, ours));
  own('stack', redact(error.stack, ours));
  if ('details' in error) own('details', redact(error.details, ours));
  if (error.cause !== undefined) own('cause', redactError(error.cause, ours, seen));
  return error;
}
