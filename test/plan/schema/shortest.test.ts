// One path in all its spellings.
import { expect, it } from 'vitest';
import { shortest } from '../../../plan/schema/shortest.ts';

it.each([
  ['/etc/site', '/etc/site'],
  ['//etc///site', '/etc/site'],
  ['/./etc/././site', '/etc/site'],
  ['/etc/.site/a..b/.', '/etc/.site/a..b/'],
  ['/etc/site//', '/etc/site/'],
  ['/', '/'],
  ['//.', '/'],
  ['no/./path', 'no/./path'],
])('%s is %s', (path, said) => expect(shortest(path)).toBe(said));
