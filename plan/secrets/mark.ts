// What stands where a secret was: "[secret#3f9a1c02]". Pure.

/** Gives the mark of a secret, with a digest that tells one from another. */
export type Mark = (secret: string) => string;

const mark = String.raw`\[secret#[0-9a-f]+\]`;
const whole = new RegExp(`^${mark}$`);
const first = new RegExp(`^${mark}`);
const all = new RegExp(mark, 'g');

export function markOf(digest: string): string {
  return `[secret#${digest}]`;
}

export function isMark(text: string): boolean {
  return whole.test(text);
}

export function hasMark(text: string): boolean {
  return text.search(all) >= 0;
}

export function beginsWithMark(text: string): boolean {
  return first.test(text);
}

/** With marks that are all the same: which secrets they stood for does not count. */
export function withoutDigests(text: string): string {
  return text.replaceAll(all, markOf('0'));
}
