// An order is for the week that is meant: its run, and the text of the plan that it began with.
import { expect, it } from 'vitest';
import { whyNotFor } from '../../../plan/week/aim.ts';

const week = { plan: 'phase2', run: 'run-2', planDigest: 'a'.repeat(64) };

it.each([
  ['the run that was named', { run: 'run-2' }],
  ['the very text of the plan', { planDigest: week.planDigest }],
  ['both', { run: 'run-2', planDigest: week.planDigest }],
  ['what an old client says: nothing', {}],
])('is taken with %s', (_, aim) => {
  expect(whyNotFor(week, aim)).toBeUndefined();
});

it('is taken by a week of before, which does not say its digest', () => {
  expect(whyNotFor({ plan: 'phase2', run: 'run-2' }, { planDigest: 'b' })).toBeUndefined();
});

it.each([
  ['another run', { run: 'run-1' }, /^This order is for run run-1, and the plan phase2 has run run-2 now.*--run run-2/],
  ['another text of the plan', { planDigest: 'b'.repeat(64) }, /digest a{12}, and this one has b{12}.*--run run-2/],
  ['the right run, seen with another text', { run: 'run-2', planDigest: 'b' }, /another text of the plan/],
  ['anything else from outside', { run: 7 as unknown as string }, /for run 7/],
])('is refused with %s', (_, aim, why) => {
  expect(whyNotFor(week, aim)).toMatch(why);
});
