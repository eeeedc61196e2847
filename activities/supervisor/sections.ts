// A supervisord.conf in its sections. supervisor reads it with Python's RawConfigParser, with comments behind values: no library for Node has that dialect.
import { lineNotUtf8 } from '../files/text.ts';

/** By section and key; keys in lower case. */
export type Sections = Map<string, Map<string, string>>;

/** Throws with the number of the line that supervisorctl does not read either; never with what stands in it. */
export function sectionsOf(content: Buffer): Sections {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  let value: string[] | undefined;
  let depth = 0;
  linesOf(content).forEach((line, index) => {
    const comment = commentIn(line);
    const text = stripped(line.slice(0, comment));
    const indented = [...line].findIndex((char) => !isSpace(char));
    if (!text) {
      if (comment === undefined) value?.push('');
    } else if (value && indented > depth) {
      value.push(text);
    } else {
      depth = indented;
      const header = /^\[(.+)\]/s.exec(text)?.[1];
      const [, key, first] = /^([^=:]+)[=:](.*)$/s.exec(text) ?? [];
      value = undefined;
      if (header !== undefined) {
        section = sections.get(header) ?? new Map<string, string[]>();
        sections.set(header, section);
      } else if (!section) throw new Error(`line ${index + 1} stands before the first [section]`);
      else if (key === undefined || first === undefined)
        throw new Error(`line ${index + 1} is no "key = value", no "key: value" and no [section]`);
      else section.set(stripped(key).toLowerCase(), (value = [stripped(first)]));
    }
  });
  return new Map([...sections].map(([name, keys]) => [name, joined(keys)]));
}

/**
 * A comment begins the line, or follows a space: "Winter#2026" is none. supervisor looks at the first ";" and the first "#", then at the second of each,
 * until one begins a comment: of "a#b # x ; y" it takes "; y" alone.
 */
export function commentIn(line: string): number | undefined {
  const marks = [';', '#'].map((mark) => [...line.matchAll(new RegExp(mark, 'g'))].map(({ index }) => index));
  for (let turn = 0; marks.some((at) => turn < at.length); turn += 1) {
    const found = marks.flatMap((at) => at[turn] ?? []).filter((at) => at === 0 || isSpace(line.charAt(at - 1)));
    if (found.length > 0) return Math.min(...found);
  }
  return undefined;
}

/** As Python sees it: with some characters for control that are none for JavaScript, and without the byte order mark. */
export function isSpace(char: string): boolean {
  const code = char.charCodeAt(0);
  return (code >= 0x1c && code <= 0x1f) || code === 0x85 || (code !== 0xfeff && char.trim() === '');
}

export function stripped(text: string): string {
  const chars = text.split('');
  const first = chars.findIndex((char) => !isSpace(char));
  return first < 0 ? '' : text.slice(first, chars.findLastIndex((char) => !isSpace(char)) + 1);
}

function linesOf(content: Buffer): string[] {
  const wrong = lineNotUtf8(content);
  if (wrong !== undefined) throw new Error(`line ${wrong} is not in UTF-8`);
  const text = content.toString();
  if (text.startsWith('\u{feff}')) throw new Error('it begins with a byte order mark: save it without one');
  return text.split(/\r\n|\r|\n/);
}

function joined(keys: Map<string, string[]>): Map<string, string> {
  return new Map([...keys].map(([key, lines]) => [key, lines.join('\n').replace(/\n+$/, '')]));
}
