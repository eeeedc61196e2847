// Counters and fields that say that there is no error: `ERROR=0`, `"error":null`, `0 errors`. Pure.

const zero = String.raw`[+-]?0+(?:[.,]0+)?(?:\s?%|/s|m?s)?`;
const nothing = String.raw`(?:${zero}|null|nil|none|false|n/a|<nil>|""|''|\[\]|\{\})`;
const ends = String.raw`(?![\w%]|\.\d)`;
/** What may stand behind that of which there is none: `error count`. */
const things =
  'counts?|counters?|totals?|rates?|ratio|lines?|messages?|events?|entries|alerts?|errors|exceptions|rejections|failures';
const name = String.raw`(?<![\w.-])[\w.-]{1,60}(?:\s(?:${things}))?["']?`;
const assigned = String.raw`${name}\s{0,2}(?:==?|=>|->)\s{0,2}["']?${nothing}["']?${ends}`;
const inJson = String.raw`["'][\w .-]{1,60}["']\s{0,2}:\s{0,4}["']?${nothing}["']?(?=\s{0,4}[,}\]])`;
/** Behind a colon a sentence may begin, so that it must end here, or another pair follow. `ERROR: null` is one. */
const told = String.raw`${name}\s{0,2}:\s{0,4}${zero}(?=\s{0,4}(?:[,;|)}\]/]|$)|\s{1,4}["']?[\w.-]{1,60}["']?\s?[:=])`;
const ofThings = String.raw`(?<![\w.-])[\w.-]{1,60}\s(?:${things})\s{0,2}:?\s{0,2}${zero}${ends}`;
const counted = String.raw`(?<![\w.:,+-])(?:0|no|zero|without(?: any)?)\s{1,3}(?:[\w-]{1,30}\s{1,3})?(?:errors|exceptions|failures|panics|tracebacks)\b|\b(?:no|without(?: an)?) (?:error|exception)\b|(?<![\w.:,+-])(?:0|no|zero) (?:error|fatal|critical)(?=\s{0,4}(?:[.,;|/)\]]|$))`;
const harmless = new RegExp(`${assigned}|${inJson}|${told}|${ofThings}|${counted}`, 'gi');

/** In a line that says itself that it is no error: `WARN 1 ERROR 0`, `ERROR: none`, `0 ERROR, 1 WARN`. */
const beside = new RegExp(
  [
    String.raw`${name}\s{0,3}(?:[:|]|\s)\s{0,3}(?:${nothing})${ends}(?=\s{0,4}(?:[.,;|/)(\]]|$)|\s{1,4}[A-Za-z][\w.-]{1,40}\s?[([:=]?\s?\d)`,
    String.raw`${name}\s{0,3}:\s{0,3}${zero}${ends}`,
    String.raw`${name}\s?[([]\s?0\s?[)\]]`,
    String.raw`(?<![\w.:,+-])(?:0|no|zero)\s[A-Za-z][\w-]{1,40}(?=\s{0,4}(?:[.,;|/)\]]|$)|\s\d|\s(?:${things})\b)`,
  ].join('|'),
  'gi',
);

/** The line with blanks in their place. */
export function withoutCounters(text: string, isCalm: boolean): string {
  const blank = (found: string) => ' '.repeat(found.length);
  const rest = text.replace(harmless, blank);
  return isCalm ? rest.replace(beside, blank) : rest;
}
