// Which refusal is said when: the table of docs/real-machines.md is that of the code, and its rows are rows of the preflight.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { foreseen } from '../../plan/tasks/preflight/foreseen.ts';
import { rows } from '../../plan/tasks/preflight/rows.ts';
import { weekPlan } from '../plan/tasks/plan.ts';

it('is in the docs as in the code', () => {
  const text = readFileSync(new URL('../../docs/real-machines.md', import.meta.url), 'utf8');
  const told = [
    ...text.matchAll(/^\| `([A-Z][A-Za-z]+)` \| [^|]+ \| (?:`(preflight\.[a-z-]+)`|not before: ([^|]+)) \|$/gm),
  ];
  expect(Object.fromEntries(told.map(([, code, row, never]) => [code, row ?? { never }]))).toEqual(foreseen);
});

it('names rows that each preflight has', () => {
  const ids = rows(weekPlan()).map(({ id }) => id);
  for (const by of Object.values(foreseen)) if (typeof by === 'string') expect(ids).toContain(by);
});
