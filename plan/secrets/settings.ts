// Settings in a line of any kind, and how far their values go: YAML, JSON, INI, environment, logfmt, headers, command lines. Pure.
import { beginsWithMark, type Mark } from './mark.ts';
import { isHarmless, isNamedSecret } from './named.ts';
import { nobody, type Ours } from './ours.ts';

/** Words that make one name with the next: "API key", "secret access key". */
const firstWord =
  'api|access|account|admin|app|auth|bot|client|database|db|encryption|license|master|private|root|routing|secret|service|session|shared|signing|user';
/** `--password x`, `"--password", "x"`. */
const flag = String.raw`--?([A-Za-z][\w.-]*)(?:=|(?:\\*["']?,?[ \t]+|\\*["'],)(?!\\*["']?-))`;
/** As a terminal is told them. */
const colours = String.raw`(?:\u001b\[[\d;]*m)*`;
/** A name and what joins it with a value: `DB_PASS=x`, `"password": "x"`, `API key => x`, `token[0]=x`. */
const joint = String.raw`${colours}\\*["'\x60]?(?:\[\w*)?\]?[ \t]{0,8}(?:=>|->|:=|[:=])[ \t]*${colours}`;
const word = String.raw`((?:(?:${firstWord}) (?!-))?[\w.$-]*\w)(${joint})`;
const setting = new RegExp(String.raw`(?<![\w.$-])(?:${flag}|${word})`, 'gi');

/** Before the `value` of an entry of a list such as `{"name": "DB_PASSWORD", "value": "x"}`. */
const nameBefore = /\b(?:name|key)\\*["']?\s*[:=]\s*\\*["']?([\w.-]+)\\*["']?[\s,]+\\*["']?$/;
/** So much of what stands before a setting is looked at. */
const lookBehind = 200;

/** The line with a mark for the value of each setting that is named like a secret. */
export function withoutSettings(line: string, mark: Mark, ours: Ours = nobody): string {
  let out = '';
  let from = 0;
  for (const match of line.matchAll(setting)) {
    const [all, ofFlag, ofWord = '', joined = ''] = match;
    if (match.index < from) continue;
    const before =
      (match.index > lookBehind ? '…' : '') + line.slice(Math.max(0, match.index - lookBehind), match.index);
    const name = ofFlag ?? (ofWord === 'value' ? (nameBefore.exec(before)?.[1] ?? ofWord) : ofWord);
    const at = match.index + all.length;
    const rest = line.slice(at);
    if (!isNamedSecret(name, ours) || beginsWithMark(rest) || isSomethingElse(name, before, joined, rest)) continue;
    const ends = ofFlag === undefined ? bare(rest, before, joined) : upTo(/[\s"'\]]/, rest);
    const { open, value, close } = partsOf(quoted(rest) ?? bracketed(rest) ?? ends);
    if (isHarmless(name, value) || beginsWithMark(value) || isBlockStyle(value)) continue;
    out += line.slice(from, at) + open + mark(value) + close;
    from = at + open.length + value.length + close.length;
  }
  return out + line.slice(from);
}

/** YAML's sign that the value is in the lines below. */
function isBlockStyle(value: string): boolean {
  return /^[|>][-+\d]*$/.test(value);
}

/** What a host with a port behind it is not called. */
const endsAsSecret = /(?:pass|passw\w*|pwd|pw|pin|secrets?|tokens?|keys?|credentials?)$/i;

/** The tag of an image. */
const image = /\bimages?\W{1,4}(?:[\w.-]+(?::\d+)?\/)*$/i;

/** The port behind the name of a host, one path for another, `a == b`, `a::b`, `scheme://`, `program[pid]: `, `pass: 5, fail: 0`. */
function isSomethingElse(name: string, before: string, joined: string, rest: string): boolean {
  if (joined.endsWith('=')) return rest.startsWith('=');
  if (/^\[\d{3,}\]: $/.test(joined)) return true;
  if (name === 'pass' && /^\d+\b.*\bfail/.test(rest)) return true;
  if (joined !== ':') return false;
  if (/^(?::|\/\/)/.test(rest)) return true;
  if (image.test(before)) return true;
  if (/^\d{1,5}(?!\w)/.test(rest)) return /(?:\/\/|@)$/.test(before) || !endsAsSecret.test(name);
  return before.endsWith('/') && /^(?:\/|r[ow]\b)/.test(rest);
}

/** YAML's tags and anchors, and quotes, are no part of a value. A last quote may have been cut off. */
function partsOf(text: string): { open: string; value: string; close: string } {
  const [open = ''] = /^(?:[&!][\w-]*[ \t]+)*(?:[bru]?\\*["'`])?/i.exec(text) ?? [];
  const quote = /["'`]$/.exec(open)?.[0];
  const end = quote && text.length > open.length && text.endsWith(quote) ? text.length - 1 : text.length;
  const value = text.slice(open.length, end);
  const escapes = quote && end < text.length ? value.length - value.replace(/\\+$/, '').length : 0;
  return { open, value: value.slice(0, value.length - escapes), close: text.slice(end - escapes) };
}

/** To the closing quote. Quotes may be escaped, as in JSON within JSON. */
function quoted(text: string): string | undefined {
  const [open, escapes = '', quote = ''] = /^(?:[&!][\w-]*[ \t]+)*[bru]?(\\*)(["'`])/i.exec(text) ?? [];
  if (open === undefined) return undefined;
  for (let at = open.length; at < text.length; at += 1) {
    const from = at;
    while (text[at] === '\\') at += 1;
    if (text[at] !== quote) continue;
    const run = at - from;
    const doubled = quote === "'" && run === 0 && text[at + 1] === quote;
    if (doubled) at += 1;
    else if (run === escapes.length || (escapes === '' && run % 2 === 0)) return text.slice(0, at + 1);
  }
  return text;
}

/** A list or map in brackets, to its end or that of the line. */
function bracketed(text: string): string | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ('[{'.includes(text.charAt(at))) depth += 1;
    if (']}'.includes(text.charAt(at))) depth -= 1;
    if (depth === 0) return text.slice(0, at + 1);
  }
  return text;
}

const jsonLiteral = /^(?:true|false|null|-?\d[\d.eE+-]*)(?=\s*(?:[}\]]|,\s*["'}\]]))/;
const nextSetting = new RegExp(String.raw`(?<![\s,;|&])[\s,;|&]+${colours}["']?[\w.-]+["']?${colours}\s*=(?!=)`);

/** To the end of the line, where nothing tells that it ends before. */
function bare(text: string, before: string, joined: string): string {
  const whole = text.trimEnd();
  const [literal] = /["']/.test(joined) ? (jsonLiteral.exec(whole) ?? []) : [];
  if (literal !== undefined) return literal;
  const beginsLine = /^[\s+#;"'-]*(?:export\s+|set\s+)?["']?$/.test(before);
  if (/[?&]$/.test(before)) return upTo(/[&#\s"<>]/, whole);
  return joined.includes('=') && !beginsLine ? upTo(nextSetting, whole) : whole;
}

function upTo(end: RegExp, text: string): string {
  const found = end.exec(text);
  return found ? text.slice(0, found.index) : text;
}
