// The plan of the first build: valid for ever, with the same meaning. See test/fixtures/compat/README.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { footprintOf } from '../../plan/week/digest.ts';
import { readPlan } from '../../plan/schema/read.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { fixtures, json, packed } from './old-machine.ts';

const text = readFileSync(join(fixtures, 'week1.yaml'), 'utf8');

it('is valid, with all that its build read in it: what is new has a default', () => {
  expect(readPlan(text, 'week1.yaml')).toMatchObject(json<Plan>('week1.json'));
});

it('has the footprint that its build gave it, by which a level 3 on record is found', () => {
  const { footprint } = packed<WeekState>('state-rolled-back');
  expect(footprint).toBe('7af44c1e3b844fa29ce78288bc7d514dab52333ec681e41a20b116895cd2bf47');
  expect(footprintOf(readPlan(text, 'week1.yaml'))).toBe(footprint);
});
