// Levels in fields of a log's line: JSON, logfmt, and what looks like them. Pure.
import { errorNumberLike, errorWordLike, type Level, levelOfNumber, levelOfWord } from './levels.ts';

/** The level that a line states. */
export interface Stated {
  level: Level;
  /** Where in the line. */
  at: number;
  /** The same line as an error. */
  raised(): string;
}

/** Keys of a level, lower case and letters only; words are trusted before numbers. */
const keys =
  'level lvl loglevel levelname levelstr severity severitytext sev l levelno levelnumber levelvalue severitynumber syslogseverity loglevelname errorseverity'.split(
    ' ',
  );
/** What holds a level, or is one as an object: loguru, ECS. */
const holders = ['log', 'record', 'level', 'severity', 'attributes'];

type Json = Record<string, unknown>;

/** A whole line of JSON, `from` there on. What Docker or another wraps around a line is looked through. */
export function levelInJson(text: string, from: number): Stated | null {
  const record = objectOf(text.slice(from));
  const field = record && levelField(record);
  if (!record || !field) return null;
  return {
    level: field.level,
    at: from,
    raised: () => {
      const { holder, key, level, value } = field;
      if (level !== 'error')
        holder[key] = typeof value === 'number' ? errorNumberLike(value, bare(key)) : spelt(value, key);
      return text.slice(0, from) + JSON.stringify(record);
    },
  };
}

/** The line that Docker's json-file has under `log`, or the journal under MESSAGE: behind its priority, as its daemon writes it. */
export function wrappedLine(text: string): string | null {
  const record: Json = objectOf(text) ?? {};
  const { log, stream, MESSAGE, PRIORITY } = record;
  if (typeof log === 'string' && typeof stream === 'string') return log.replace(/\r?\n$/, '');
  const message = Array.isArray(MESSAGE) ? ofBytes(MESSAGE) : MESSAGE;
  if (typeof message !== 'string') return null;
  return /^[0-7]$/.test(String(PRIORITY)) ? `<${String(PRIORITY)}>${message}` : message;
}

/** So the journal has what is not printed as it is: colours, too. */
function ofBytes(bytes: unknown[]): string {
  return bytes.map((byte) => (typeof byte === 'number' ? String.fromCharCode(byte) : '')).join('');
}

function spelt(value: string, key: string): string {
  return /^-?\d+$/.test(value) ? `${errorNumberLike(Number(value), bare(key))}` : errorWordLike(value);
}

function objectOf(text: string): Json | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return null;
  try {
    return JSON.parse(trimmed) as Json;
  } catch {
    return null;
  }
}

interface Field {
  holder: Json;
  key: string;
  level: Level;
  value: string | number;
}

function levelField(holder: Json, depth = 0): Field | null {
  const found = Object.entries(holder).flatMap(([key, value]) => {
    const level = levelIn(key, value, depth);
    return level ? [{ holder, key, level, value: value as string | number }] : [];
  });
  const rank = ({ key }: Field) => (keys.includes(bare(key)) ? keys.indexOf(bare(key)) : keys.length);
  const [best] = found.sort((a, b) => rank(a) - rank(b));
  if (best || depth === 2) return best ?? null;
  for (const [key, inner] of Object.entries(holder))
    if (holders.includes(bare(key)) && typeof inner === 'object' && inner !== null) {
      const nested = levelField(inner as Json, depth + 1);
      if (nested) return nested;
    }
  return null;
}

function levelIn(key: string, value: unknown, depth: number): Level | null {
  const name = bare(key);
  // The journal's, in capitals: in small letters it is of tasks and mails. MongoDB's `s` is one letter.
  const known =
    keys.includes(name) ||
    key === 'PRIORITY' ||
    (key === 's' && typeof value === 'string' && /^[A-Z]\d?$/.test(value)) ||
    (depth > 0 && (name === 'name' || name === 'no'));
  if (!known) return null;
  if (typeof value === 'number') return levelOfNumber(value, name);
  if (typeof value !== 'string') return null;
  return /^-?\d+$/.test(value) ? levelOfNumber(Number(value), name) : levelOfWord(value.trim());
}

const bare = (key: string) => key.toLowerCase().replaceAll(/[^a-z]/g, '');

/** A quoted value is passed over as a whole: what is in it is somebody's words. */
const pair = /(?<![\w.@?&/-])([\w.@-]{1,40})=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"',;)\]}]*)/g;
/** JSON in which something stands before or is cut off, or what a language prints of a map. */
const quotedKey = /["']([\w.@-]{1,40})["']\s{0,4}[:=]\s{0,4}["']?(-?[A-Za-z\d]{1,15})/g;

/** The first field of a line that states a level. */
export function levelInFields(text: string): Stated | null {
  for (const found of text.matchAll(pair)) {
    const value = /^["']?([^"']*)/.exec(found[2]!)![1]!.trim();
    const stated = isAnything(found[1]!, value) ? null : ofField(text, found, value);
    if (stated) return stated;
  }
  for (const found of text.matchAll(quotedKey)) {
    const stated = ofField(text, found, found[2]!);
    if (stated) return stated;
  }
  return null;
}

/** What is a level in JSON: outside, `level=2` may be of a tank, and `s=E` the way of the wind. */
function isAnything(key: string, value: string): boolean {
  return key === 's' || (/^-?\d$/.test(value) && /^(?:l|sev$)/.test(bare(key)));
}

function ofField(text: string, { 0: all, 1: key = '', index }: RegExpExecArray, value: string): Stated | null {
  const level = value === '' ? null : levelIn(key, value, 0);
  if (!level) return null;
  const at = index + all.lastIndexOf(value);
  return {
    level,
    at: index,
    raised: () => (level === 'error' ? text : text.slice(0, at) + spelt(value, key) + text.slice(at + value.length)),
  };
}
