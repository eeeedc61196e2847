// Names that processes agree on: with a site, of that site alone; without one, what they always were.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  buildQueue,
  controlQueueOf,
  isOfAllBuilds,
  isOfSite,
  machineQueue,
  planId,
  siteOf,
  workflowId,
} from '../../plan/names.ts';
import { name, site } from '../../plan/schema/fields.ts';
import { holds } from '../property.ts';

const digest = 'abcdef0123456789';

it('are those of before, where a plan has no site', () => {
  expect([machineQueue('PC2'), controlQueueOf(undefined), buildQueue(digest)]).toEqual([
    'hubshift.machine.pc2',
    'hubshift.control',
    'hubshift.control.abcdef012345',
  ]);
  expect(workflowId(planId({ name: 'phase2-week1' }))).toBe('hubshift-phase2-week1');
});

it('have the site behind them, where there is one', () => {
  expect([machineQueue('PC2', 'berlin'), controlQueueOf('berlin'), buildQueue(digest, 'berlin')]).toEqual([
    'hubshift.machine.pc2@berlin',
    'hubshift.control@berlin',
    'hubshift.control@berlin.abcdef012345',
  ]);
  expect(workflowId(planId({ name: 'phase2-week1', site: 'berlin' }))).toBe('hubshift-phase2-week1@berlin');
});

const names = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '.', '-', '_', '1'), minLength: 1, maxLength: 6 });
const some = names.filter((text) => name.safeParse(text).success);
const sites = fc.option(
  names.filter((text) => site.safeParse(text).success),
  { nil: undefined },
);

it('of two sites are never the same, whatever machines and plans are called', () =>
  holds(
    fc.property(some, some, sites, sites, (one, other, here, there) => {
      fc.pre(here !== there);
      expect(machineQueue(one, here)).not.toBe(machineQueue(other, there));
      expect(planId({ name: one, site: here })).not.toBe(planId({ name: other, site: there }));
      for (const queue of [controlQueueOf(here), buildQueue(digest, here)]) {
        expect([isOfSite(queue, here), isOfSite(queue, there)]).toEqual([true, false]);
        expect(isOfAllBuilds(queue)).toBe(queue === controlQueueOf(here));
      }
      expect(siteOf(planId({ name: one, site: here }))).toBe(here);
    }),
    500,
  ));
