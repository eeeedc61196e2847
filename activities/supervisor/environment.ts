// A variable in a program's `environment`, in the text of a supervisord.conf: read, set and taken out again, with all else as it is. Pure.
import { commentIn, isSpace, sectionsOf, stripped } from './sections.ts';

/** What can't be edited; the message has the line, and nothing of what stands in it. */
export class UneditableEnvironment extends Error {
  override name = 'UneditableEnvironment';
}

/** A variable as it is written: where it begins and ends, and its value with its quotes. */
interface Pair {
  name: string;
  value: string;
  from: number;
  valueFrom: number;
  to: number;
}

interface Environment {
  pairs: Pair[];
  /** Where more may be written: behind the last pair, or the `=`. */
  end: number;
  /** All of its first line, which is all that there is of one that this file has written anew. */
  line: [from: number, to: number];
}

interface Found {
  /** null: the section has none. */
  environment: Environment | null;
  /** The first key of the section. */
  first: { at: number; indent: string };
}

const key = 'environment';

/** The value as it is written; null where the section has none of this name. */
export function variableIn(text: string, section: string, name: string): string | null {
  return pairOf(found(text, section), name, section)?.value ?? null;
}

/** With the variable set to a value as it is written; null: without it. `keepsKey` says whether an `environment` of nothing stays. */
export function withVariable(
  text: string,
  section: string,
  name: string,
  value: string | null,
  keepsKey = true,
): string {
  const here = found(text, section);
  const pair = pairOf(here, name, section);
  const edited = value === null ? without(text, here, pair, keepsKey) : withPair(text, here, pair, name, value);
  if (changesMore(text, edited, section))
    throw new UneditableEnvironment(`${name} can't be set in [${section}] without a change to something else`);
  return edited;
}

/** Whether a section has an `environment`, of whatever. */
export function hasEnvironment(text: string, section: string): boolean {
  return found(text, section).environment !== null;
}

/** Whether two texts say the same in a section, however it is laid out. */
export function saysTheSame(one: string, other: string, section: string): boolean {
  return whatSays(one, section) === whatSays(other, section);
}

/** What a text says in a section, however it is laid out. */
export function whatSays(text: string, section: string): string {
  return [...(sectionsOf(Buffer.from(text)).get(section) ?? [])].toSorted().toString();
}

/** As supervisord expands it, and takes it apart: in quotes, with a percent sign twice. */
export function written(value: string): string {
  if (/["\n\r\\]/.test(value)) throw new UneditableEnvironment('a value with quotes, lines or backslashes in it');
  return `"${value.replaceAll('%', '%%')}"`;
}

function pairOf({ environment }: Found, name: string, section: string): Pair | undefined {
  const all = environment?.pairs.filter((pair) => pair.name === name) ?? [];
  if (all.length > 1) throw new UneditableEnvironment(`[${section}] has ${name} twice in its environment`);
  return all[0];
}

function withPair(text: string, { environment, first }: Found, pair: Pair | undefined, name: string, value: string) {
  if (pair) return spliced(text, pair.valueFrom, pair.to, value);
  const added = `${name}=${value}`;
  if (!environment) return spliced(text, first.at, first.at, `${first.indent}${key}=${added}${endOfLine(text)}`);
  return spliced(text, environment.end, environment.end, environment.pairs.length > 0 ? `,${added}` : added);
}

function without(text: string, { environment }: Found, pair: Pair | undefined, keepsKey: boolean): string {
  if (!environment || !pair) return text;
  const { pairs, line } = environment;
  const index = pairs.indexOf(pair);
  const [before, after] = [pairs[index - 1], pairs[index + 1]];
  if (before) return spliced(text, before.to, pair.to, '');
  if (after) return spliced(text, pair.from, after.from, '');
  return keepsKey ? spliced(text, pair.from, pair.to, '') : spliced(text, ...line, '');
}

function spliced(text: string, from: number, to: number, by: string): string {
  return `${text.slice(0, from)}${by}${text.slice(to)}`;
}

function endOfLine(text: string): string {
  return /\r\n|\r|\n/.exec(text)?.[0] ?? '\n';
}

/** Than the environment of this section. */
function changesMore(before: string, after: string, section: string): boolean {
  const rest = (text: string) =>
    JSON.stringify(
      [...sectionsOf(Buffer.from(text))].map(([name, keys]) => [
        name,
        [...keys].filter(([one]) => name !== section || one !== key),
      ]),
    );
  return rest(before) !== rest(after);
}

/** Goes through the lines as sectionsOf() does. */
function found(text: string, section: string): Found {
  let isHere = false;
  let depth = 0;
  let value: [from: number, to: number][] | undefined;
  let first: Found['first'] | undefined;
  let its: { value: [number, number][]; line: [number, number]; number: number } | undefined;
  let at = 0;
  text.split(/(?<=\r\n|\r(?!\n)|\n)/).forEach((whole, index) => {
    const [from, line] = [at, whole.replace(/[\r\n]+$/, '')];
    at += whole.length;
    const body = line.slice(0, commentIn(line));
    if (!stripped(body)) return;
    const indent = [...line].findIndex((char) => !isSpace(char));
    if (value && indent > depth) {
      value.push(within(body, from, 0));
      return;
    }
    depth = indent;
    value = undefined;
    const header = /^\[(.+)\]/s.exec(stripped(body))?.[1];
    if (header !== undefined) {
      isHere = header === section;
      return;
    }
    const [, before = '', name = ''] = /^([^=:]*?([^=:]+)[=:])/s.exec(body) ?? [];
    value = [within(body, from, before.length)];
    if (!isHere) return;
    first ??= { at: from, indent: line.slice(0, indent) };
    if (stripped(name).toLowerCase() !== key) return;
    if (its) throw new UneditableEnvironment(`line ${index + 1}: [${section}] has environment twice`);
    its = { value, line: [from, at], number: index + 1 };
  });
  if (!first) throw new UneditableEnvironment(`there is no [${section}] with anything in it`);
  return { first, environment: its ? taken(text, its, section) : null };
}

function within(body: string, from: number, begin: number): [number, number] {
  const chars = body.split('');
  const last = chars.findLastIndex((char) => !isSpace(char)) + 1;
  const start = chars.findIndex((char, index) => index >= begin && !isSpace(char));
  return start < 0 ? [from + begin, from + begin] : [from + start, from + Math.max(start, last)];
}

/** NAME=value, NAME="value" or NAME='value' with commas between, on however many lines. What else supervisord would read is refused. */
function taken(
  text: string,
  { value, line, number }: { value: [number, number][]; line: [number, number]; number: number },
  section: string,
): Environment {
  const places = value.flatMap(([from, to]) => [...Array.from({ length: to - from }, (_, index) => from + index), to]);
  const joined = value.map(([from, to]) => text.slice(from, to)).join('\n');
  const pairs: Pair[] = [];
  let at = 0;
  const one = /\s*([\w./+\-():]+)\s*=\s*("[^"]*"|'[^']*'|(?:[\w./+\-():]|%\([^)]*\)[sdif]|%%)+)(?=\s*(?:,|$))/y;
  while (at < joined.length) {
    one.lastIndex = at;
    const match = one.exec(joined);
    if (!match)
      throw new UneditableEnvironment(
        `line ${number}: environment of [${section}] is not written as NAME="value",NAME="value"`,
      );
    const [, name = '', written = ''] = match;
    const to = match.index + match[0].length;
    const from = match.index + match[0].search(/\S/);
    pairs.push({
      name,
      value: written,
      from: places[from]!,
      valueFrom: places[to - written.length]!,
      to: places[to - 1]! + 1,
    });
    at = to + /^\s*,?\s*/.exec(joined.slice(to))![0].length;
  }
  return { pairs, end: pairs.at(-1)?.to ?? value[0]![1], line };
}
