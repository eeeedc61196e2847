// What a channel's answer must look like to be a page for people.
import { expect, it } from 'vitest';
import { isPage } from '../../../activities/control/page.ts';

const answer = (text: string) => ({ status: 200, headers: new Headers(), text });

it.each([
  '<!DOCTYPE html>\n<p>Who are you?',
  '\uFEFF\n <HTML lang="en">',
  '<!-- gate --><!-- 2 -- > -->\n<!doctype html>',
])('%j is a page', (text) => expect(isPage(answer(text))).toBe(true));

it.each(['', 'ok', '{"page": "<html>"}', 'see <html>', '<htmlish/>', '<!-- never ends <html>', '<!-- gate -->ok'])(
  '%j is none',
  (text) => expect(isPage(answer(text))).toBe(false),
);

it('a text of many comments is looked at in no time', () => {
  // The few first: with these a slow one comes back after seconds.
  for (const text of ['<!-- a -->\n'.repeat(26), '<!-- a -->\n'.repeat(100_000), ' '.repeat(1_000_000)]) {
    const begun = performance.now();
    expect(isPage(answer(`${text}<aside>`))).toBe(false);
    expect(performance.now() - begun).toBeLessThan(1_500);
  }
});
