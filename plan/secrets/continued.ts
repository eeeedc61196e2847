// Values of secrets that go on in the lines below, however far to the left: strings and lists of TOML, lines that end with a backslash. Pure.
import { isNamedSecret } from './named.ts';

/** What the last line of the value has in it, or each but the last at its end. */
export type End = '"""' | "'''" | ']' | '}' | '\\';

const setting = /^[\s+#;-]*(?:export\s+)?["']?([\w.$][\w.$-]*)["']?\s*[:=]\s*(\S.*)$/;

/** Undefined for a line whose value, if it has one, ends with it. */
export function continued(line: string): End | undefined {
  const [, name = '', value = ''] = setting.exec(line.trimEnd()) ?? [];
  if (!isNamedSecret(name)) return undefined;
  const [quotes] = /^(?:"""|''')/.exec(value) ?? [];
  if (quotes) return value.includes(quotes, 3) ? undefined : (quotes as End);
  const count = (sign: string) => value.split(sign).length;
  if (value.startsWith('[')) return count('[') > count(']') ? ']' : undefined;
  if (value.startsWith('{')) return count('{') > count('}') ? '}' : undefined;
  return goesOn(value) ? '\\' : undefined;
}

/** A line of such a value, and how it goes on below. Quotes stay: a second look finds the same end. */
export function hiddenTo(end: End, line: string, hide: (line: string) => string): { hidden: string; next?: End } {
  if (end === '\\') return { hidden: hide(line), ...(goesOn(line.trimEnd()) && { next: end }) };
  const at = line.indexOf(end);
  if (at < 0) return { hidden: hide(line), next: end };
  if (end.length === 1) return { hidden: hide(line) };
  return { hidden: (at > 0 ? hide(line.slice(0, at)) : '') + line.slice(at) };
}

function goesOn(text: string): boolean {
  return /(?<!\\)(?:\\\\)*\\$/.test(text);
}
