// Texts that are too long end between two characters, as people see them, and say so with "…". Pure.

/** At most so many UTF-16 units. */
export function cut(text: string, most: number): string {
  return cutTo(text, most, (whole) => whole);
}

/** The text as `written`, which may make a character longer, and never cuts into what it made of one. */
export function cutTo(text: string, most: number, written: (text: string) => string): string {
  const whole = written(text);
  if (whole.length <= most) return whole;
  const kept: string[] = [];
  let left = most - 1;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) {
    const character = written(segment);
    if (character.length > left) break;
    kept.push(character);
    left -= character.length;
  }
  return `${kept.join('')}…`;
}
