// A supervisord.conf in its sections. supervisor reads it with Python's RawConfigParser, with comments behind values: no library for Node has that dialect.
import { isUtf8 } from 'node:buffer';

/** By section and key; keys in lower case. */
export type Sections = Map<string, Map<string, string>>;

/** Throws with the number of the line that supervisorctl does not read either; never with what stands in it. */
export function sectionsOf(content: Buffer): Sections {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  let value: string[] | undefined;
  let depth = 0;
  linesOf(content).forEach((line, index) => {
    // A comment begins the line, or follows a space: "Winter#2026" is none.
    const comment = /(?:^|\s)[;#]/.exec(line);
    const text = (comment ? line.slice(0, comment.index) : line).trim();
    const indented = line.search(/\S/);
    if (!text) {
      if (!comment) value?.push('');
    } else if (value && indented > depth) {
      value.push(text);
    } else {
      depth = indented;
      const header = /^\[(.+)\]/.exec(text)?.[1];
      const [, key, first] = /^([^=:]+)[=:](.*)$/.exec(text) ?? [];
      value = undefined;
      if (header !== undefined) {
        section = sections.get(header) ?? new Map<string, string[]>();
        sections.set(header, section);
      } else if (!section) throw new Error(`line ${index + 1} stands before the first [section]`);
      else if (key === undefined || first === undefined)
        throw new Error(`line ${index + 1} is no "key = value", no "key: value" and no [section]`);
      else section.set(key.trim().toLowerCase(), (value = [first.trim()]));
    }
  });
  return new Map([...sections].map(([name, keys]) => [name, joined(keys)]));
}

function linesOf(content: Buffer): string[] {
  if (!isUtf8(content)) {
    const lines = content.toString('latin1').split('\n');
    const wrong = lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1')));
    throw new Error(`line ${wrong + 1} is not in UTF-8`);
  }
  const text = content.toString();
  if (text.startsWith('\u{feff}')) throw new Error('it begins with a byte order mark: save it without one');
  return text.split(/\r\n|\r|\n/);
}

function joined(keys: Map<string, string[]>): Map<string, string> {
  return new Map([...keys].map(([key, lines]) => [key, lines.join('\n').trimEnd()]));
}
