// What docs/rollback.md promises has tests that hold it: each that it names is there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => join('test', path));

const rows = tablesOf(readFileSync(join(root, 'docs/rollback.md'), 'utf8'))
  .filter(([head]) => head?.at(-1) === 'held by')
  .flatMap(([, , ...body]) => body);

it('there are promises', () => {
  expect(rows.length).toBeGreaterThan(60);
});

it.each(rows.map((row) => [row[0], row.at(-1)]))('%s', (_, holders = '') => {
  const named = [...holders.matchAll(/`([^`]+)`:((?:,? "[^"]+")+)/g)];
  expect(named.map(([all]) => all).join('; ')).toBe(holders);
  for (const [, name = '', titles = ''] of named)
    for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g))
      expect(
        filesOf(name).some((file) => namesIn(file).includes(title)),
        `${name}: ${title}`,
      ).toBe(true);
});

/** The cells of each row, of each table. */
function tablesOf(markdown: string): string[][][] {
  return markdown
    .split(/\n(?!\|)/)
    .map((block) => block.split('\n').filter((line) => line.startsWith('| ') || line.startsWith('|-')))
    .filter((lines) => lines.length > 2)
    .map((lines) =>
      lines.map((line) =>
        line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      ),
    );
}

/** By its path, or by its name alone. */
function filesOf(name: string): string[] {
  const isIt = (path: string) => path.startsWith(`${name}.`) || path.includes(`/${name}.`);
  return tests.filter(isIt);
}

/** The text of a file without its comments: in it are the names of its tests, and of their rows. */
function namesIn(path: string): string {
  return readFileSync(join(root, path), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '');
}
