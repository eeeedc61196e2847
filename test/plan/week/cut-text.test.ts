import fc from 'fast-check';
import { expect, it } from 'vitest';
import { beginOf, characters, cut, cutTo, endOf } from '../../../plan/week/cut-text.ts';
import { holds } from '../../property.ts';

it.each([
  ['short', 5, 'short'],
  ['too long', 5, 'too …'],
  ['ab😀cd', 4, 'ab…'],
  ['ab😀cd', 5, 'ab😀…'],
  ['ab👩‍🚒cd', 7, 'ab…'],
])('%j in %i is %j: no half of a character is left', (text, most, want) => {
  expect(cut(text, most)).toBe(want);
});

it.each([
  ['short', 5, 'short'],
  ['ab😀cd', 3, 'cd'],
  ['ab😀cd', 4, '😀cd'],
  ['ab👩‍🚒cd', 4, 'cd'],
  ['x'.repeat(1_000) + '👩‍🚒' + 'y'.repeat(1_000), 1_003, 'y'.repeat(1_000)],
])('the end of %j in %i is %j', (text, most, want) => expect(endOf(text, most)).toBe(want));

it.each([0, 1])('nothing is longer than it may be: %i', (most) =>
  expect([cut('abc', most), beginOf('abc', most), endOf('abc', most)].map(({ length }) => length)).toEqual([
    most,
    most,
    most,
  ]),
);

it('whatever people write, it is cut between characters', () =>
  holds(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, most) => {
      const all = characters(text);
      for (const part of [beginOf(text, most), endOf(text, most), cut(text, most)]) {
        expect(part.length).toBeLessThanOrEqual(most);
        expect(part).not.toMatch(/\p{Surrogate}/u);
      }
      expect(text.startsWith(beginOf(text, most))).toBe(true);
      expect(all.slice(0, characters(beginOf(text, most)).length).join('')).toBe(beginOf(text, most));
      expect(text.endsWith(endOf(text, most))).toBe(true);
    }),
    300,
  ));

it('does not cut into what a character is written as', () => {
  const escaped = (text: string) => text.replaceAll('&', '&amp;');
  expect(cutTo('a&b&c', 7, escaped)).toBe('a&amp;…');
  expect(cutTo('a&b', 7, escaped)).toBe('a&amp;b');
});
