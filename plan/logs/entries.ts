// How many of a log's entries state a level: whether one that does speaks for the log. Pure.
import { isChained, isContinued, namesException, opensCrash } from './crashes.ts';
import { partsOf, statedLevel } from './errors.ts';
import { headOf } from './heads.ts';
import { plain } from './plain.ts';

export interface Entries {
  all: number;
  stated: number;
}

/** Some have their level in a second line: the time in the first, `INFO: …` below it. */
export function entriesIn(lines: string[]): Entries {
  const entries = { all: 0, stated: 0 };
  let isWithout = false;
  for (const part of lines.flatMap(partsOf)) {
    const text = plain(part);
    const { timed } = headOf(text);
    const states = statedLevel(part) !== null;
    if (!timed && !states && (isWithin(text) || opensCrash(text))) continue;
    if (!(states && !timed && isWithout)) entries.all += 1;
    if (states) entries.stated += 1;
    isWithout = timed && !states;
  }
  return entries;
}

/** Blank, set in, closing something, drawn, or a part of a stack. */
function isWithin(text: string): boolean {
  return /^(?:$|\s|[^\w[({"'<])/.test(text) || isContinued(text) || isChained(text) || namesException(text);
}
