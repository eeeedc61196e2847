// Which lines of a log are errors, whatever wrote it; one of several lines counts once. Pure.
import { withoutCounters } from './counters.ts';
import { isChained, isContinued, namesException, opensCrash } from './crashes.ts';
import { levelInFields, levelInJson, type Stated, wrappedLine } from './fields.ts';
import { type Head, headOf, levelInHead } from './heads.ts';
import { plain } from './plain.ts';

/** What was read so far: whether an error goes on, and whether it may yet be named, as a traceback's last line does. */
export interface Reading {
  open: boolean;
  unnamed: boolean;
}

export const nothingRead: Reading = { open: false, unnamed: false };

/** `error`: the one that begins in this line, null where none does. `reading` is for the next line. */
export function readLine(
  line: string,
  patterns: RegExp[],
  before: Reading,
): { error: string | null; reading: Reading } {
  let [error, reading]: [string | null, Reading] = [null, before];
  for (const part of partsOf(line)) {
    const read = readPart(part, patterns, reading);
    ({ reading } = read);
    if (read.isError) error ??= part;
  }
  return { error, reading };
}

/** Docker's wrapping is taken off. What a terminal shows in the place of what was there before, as progress is shown, is a line of its own. */
export function partsOf(line: string): string[] {
  return (wrappedLine(plain(line)) ?? line).replace(/\r+$/, '').split(/\r+/);
}

function readPart(line: string, patterns: RegExp[], reading: Reading): { isError: boolean; reading: Reading } {
  switch (sortOf(line, patterns, reading.open)) {
    case 'error':
      return { isError: true, reading: { open: true, unnamed: true } };
    case 'opening':
      return { isError: !reading.unnamed, reading: { open: true, unnamed: true } };
    case 'name':
      return { isError: !reading.unnamed, reading: { open: true, unnamed: false } };
    case 'chained':
      return { isError: false, reading: { open: reading.open, unnamed: reading.open } };
    case 'entry':
      return { isError: false, reading: nothingRead };
    case 'part':
      return { isError: false, reading };
  }
}

/** The errors that begin in lines that were read at once. */
export function errorsIn(lines: string[], patterns: string[]): string[] {
  const expressions = patterns.map((pattern) => new RegExp(pattern));
  let reading = nothingRead;
  return lines.flatMap((line) => {
    const read = readLine(line, expressions, reading);
    reading = read.reading;
    return read.error ?? [];
  });
}

/** The level that a line states; null where it states none, and where only a syslog daemon does. */
export function statedLevel(line: string): Stated | null {
  const text = plain(partsOf(line).at(-1)!);
  return levelIn(text, headOf(text));
}

/** A line is an error by its head; what it says may be long. Only a field may have its level behind that. */
const headLength = 4_000;

type Sort = 'error' | 'opening' | 'name' | 'chained' | 'entry' | 'part';

function sortOf(line: string, patterns: RegExp[], open: boolean): Sort {
  const text = plain(line);
  const head = headOf(text);
  if (text.slice(head.at, head.at + 200).trim() === '') return 'part';
  if (open && !head.timed && /^\s/.test(text)) return 'part';

  // It may say of what it is: "ValueError: ERROR".
  if (!head.timed && namesException(withoutCounters(text.slice(0, headLength), false))) return 'name';
  const stated = levelIn(text, head);
  if (stated?.level === 'error') return 'error';
  const calm = withoutCounters(text, stated !== null);
  if (!stated) {
    const rest = calm.slice(head.at, head.at + headLength);
    if (isChained(rest)) return 'chained';
    if (open && (/^\s/.test(rest) || isContinued(rest))) return 'part';
    const words = rest.trim();
    const spoken = [words, words.replace(/^(?:\[[^\]]{1,60}\]\s?){1,3}/, '')];
    if (spoken.some(opensCrash)) return 'opening';
    if (spoken.some(namesException)) return 'name';
  }
  const isEntry = head.timed || stated !== null;
  if (patterns.some((pattern) => pattern.test(calm))) return isEntry ? 'error' : 'name';
  if (!stated && head.severity !== null) return head.severity <= 3 ? 'error' : 'entry';
  return isEntry ? 'entry' : 'part';
}

/** In JSON, or what stands first: a field or a word of the head. */
function levelIn(text: string, head: Head): Stated | null {
  const json = levelInJson(text, head.at);
  if (json) return json;
  const field = levelInFields(text);
  const word = levelInHead(text, head, withoutCounters(text.slice(0, headLength), false));
  return field && word ? (word.at < field.at ? word : field) : (field ?? word);
}
