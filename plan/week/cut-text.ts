// Texts that are too long end, or begin, between two characters as people see them: no emoji is halved, nor an escape. Pure.

/** One for all: what a character is does not depend on the language. */
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** No character is this long: where a text is cut for good, so much before is enough to know where one begins. */
const longestCharacter = 64;

/** At most so many UTF-16 units, and says with "…" that there was more. */
export function cut(text: string, most: number): string {
  return cutTo(text, most, (whole) => whole);
}

/** The text as `written`, which may make a character longer, and never cuts into what it made of one. */
export function cutTo(text: string, most: number, written: (text: string) => string): string {
  const whole = written(text);
  if (whole.length <= most) return whole;
  return most < 1 ? '' : `${beginOf(text, most - 1, written)}…`;
}

/** Whole characters from its begin on, and no "…". */
export function beginOf(text: string, most: number, written = (whole: string) => whole): string {
  const kept: string[] = [];
  let left = most;
  for (const { segment } of segmenter.segment(text)) {
    const character = written(segment);
    if (character.length > left) break;
    kept.push(character);
    left -= character.length;
  }
  return kept.join('');
}

/** Whole characters up to its end, and no "…". */
export function endOf(text: string, most: number): string {
  if (text.length <= most) return text;
  let left = text.slice(-most - longestCharacter);
  for (const { segment } of segmenter.segment(left)) {
    if (left.length <= most) break;
    left = left.slice(segment.length);
  }
  return left;
}

export function characters(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
