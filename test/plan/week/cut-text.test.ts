import { expect, it } from 'vitest';
import { cut, cutTo } from '../../../plan/week/cut-text.ts';

it.each([
  ['short', 5, 'short'],
  ['too long', 5, 'too …'],
  ['ab😀cd', 4, 'ab…'],
  ['ab😀cd', 5, 'ab😀…'],
  ['ab👩‍🚒cd', 7, 'ab…'],
])('%j in %i is %j: no half of a character is left', (text, most, want) => {
  expect(cut(text, most)).toBe(want);
});

it('does not cut into what a character is written as', () => {
  const escaped = (text: string) => text.replaceAll('&', '&amp;');
  expect(cutTo('a&b&c', 7, escaped)).toBe('a&amp;…');
  expect(cutTo('a&b', 7, escaped)).toBe('a&amp;b');
});
