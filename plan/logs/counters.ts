// Counters and fields that say that there is no error: `ERROR=0`, `"error":null`, `0 errors`. Pure.

const zero = String.raw`0+(?:[.,]0+)?\s?%?`;
const nothing = String.raw`(?:${zero}|null|nil|none|false|<nil>|""|''|\[\]|\{\})`;
const name = String.raw`(?<![\w.-])[\w.-]{1,60}["']?`;
const assigned = String.raw`${name}\s{0,2}(?:=|=>|->)\s{0,2}["']?${nothing}["']?(?![\w.%])`;
const inJson = String.raw`["'][\w.-]{1,60}["']\s{0,2}:\s{0,4}["']?${nothing}["']?(?=\s{0,4}[,}\]])`;
/** Behind a colon a sentence may begin, so that it must end here, or another pair follow. `ERROR: null` is one. */
const told = String.raw`${name}\s{0,2}:\s{0,4}${zero}(?=\s{0,4}(?:[,;|)}\]/]|$)|\s{1,4}["']?[\w.-]{1,60}["']?\s?[:=])`;
const counted = String.raw`(?<![\w.:,+-])(?:0|no|zero|without(?: any)?)\s{1,3}(?:[\w-]{1,30}\s{1,3})?(?:errors|exceptions|failures|panics|tracebacks)\b|\b(?:no|without(?: an)?) (?:error|exception)\b`;
const harmless = new RegExp(`${assigned}|${inJson}|${told}|${counted}`, 'gi');

/** In a line that says itself that it is no error: `WARN 1 ERROR 0`, `ERROR (0)`, `0 ERROR, 1 WARN`. */
const beside = new RegExp(
  String.raw`${name}\s?[([]?\s?0\s?[)\]]?(?=\s{0,4}(?:[,;|/)\]]|$)|\s{1,4}[A-Za-z][\w.-]{1,40}\s?[([]?\s?\d)|(?<![\w.:,+-])0\s[A-Za-z][\w-]{1,40}(?=\s{0,4}(?:[,;|/)\]]|$))`,
  'g',
);

/** The line with blanks in their place. */
export function withoutCounters(text: string, isCalm: boolean): string {
  const blank = (found: string) => ' '.repeat(found.length);
  const rest = text.replace(harmless, blank);
  return isCalm ? rest.replace(beside, blank) : rest;
}
