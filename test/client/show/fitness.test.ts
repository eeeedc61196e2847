// A week begins over no failure of its preflight, and over a warning only when somebody says so.
import { expect, it } from 'vitest';
import { fitness } from '../../../client/show/fitness.ts';
import type { Requirement } from '../../../plan/report/rows/requirement.ts';
import type { Evaluation } from '../../../plan/week/record.ts';
import { inconclusive, pass, fail, warned } from '../../../plan/tasks/shared/verdict.ts';

const row = (id: string, found: Evaluation) => ({ id, text: id, ...found }) as unknown as Requirement;
const well = row('preflight.names', pass('names resolve'));
const warns = row('preflight.images', warned(pass('3 images'), ['nats:latest: another day it is another image']));
const alone = { yes: false, attended: false };

it('that passes is counted, and its rows are not shown', () => {
  expect(fitness([well, well], alone)).toEqual({ lines: ['preflight 2 rows pass'] });
});

it.each([fail('a port is held'), inconclusive('nobody answered')])('with a row of %j begins for nobody', (found) => {
  const rows = [well, warns, row('preflight.rights', found)];
  for (const who of [alone, { yes: true, attended: true }]) {
    const { lines, refused } = fitness(rows, who);
    expect(lines).toEqual([expect.stringContaining(found.summary)]);
    expect(refused).toMatch(/^Refused: 1 of 3 rows of the preflight do not pass/);
  }
});

it('that warns shows what, and is refused where nobody is there and --yes was not said', () => {
  const { lines, refused } = fitness([well, warns], alone);
  expect(lines).toEqual([
    expect.stringMatching(/preflight.images +3 images; warning: nats:latest/),
    'preflight 2 rows pass, 1 of them with a warning',
  ]);
  expect(refused).toMatch(/nobody is here to be asked.*--yes/);
  for (const who of [
    { yes: true, attended: false },
    { yes: false, attended: true },
  ])
    expect(fitness([well, warns], who)).toEqual({ lines });
});
