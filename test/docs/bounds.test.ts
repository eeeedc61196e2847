// The table of bounds says the numbers that the code has.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const units: Record<string, number> = { s: 1_000, min: 60_000, MiB: 2 ** 20 };

/** | what | 2,000 events or 4 MiB | beyond it | `events`, `bytes` in `workflows/week.ts` |: a name for each number. */
const bounds = [
  ...file('docs/how-it-works.md').matchAll(/^\| ([^|]+) \| ([^|]+) \| [^|]+ \| ([^|]+) in `([^`]+)` \|$/gm),
].map(([, what = '', atMost = '', names = '', path = '']) => ({
  what,
  said: [...atMost.matchAll(/(\d[\d.,]*)(?: (s|min|MiB)\b)?/g)].map(
    ([, number = '', unit = '']) => Number(number.replaceAll(',', '')) * (units[unit] ?? 1),
  ),
  coded: [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => valueOf(name, file(path))),
}));

test('the table is there', () => {
  expect(bounds.length).toBeGreaterThan(15);
});

test.each(bounds)('$what', ({ said, coded }) => {
  expect(said.length).toBeGreaterThan(0);
  expect(said).toEqual(coded);
});

/** What a constant or a key is set to: `60`, `10 * 60_000`, `1.8 * 2 ** 20`. */
function valueOf(name: string, code: string): number {
  const [, value = ''] = new RegExp(`\\b${name}(?: =|:) ([\\d_.* ]+)`).exec(code) ?? [];
  return value
    .replaceAll('_', '')
    .split(' * ')
    .map((factor) => factor.split(' ** ').map(Number))
    .reduce((product, [base = 0, exponent = 1]) => product * base ** exponent, 1);
}
