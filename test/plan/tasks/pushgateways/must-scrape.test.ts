// Which agents a hub must scrape when the week is undone.
import { expect, it } from 'vitest';
import { mustScrape } from '../../../../plan/tasks/pushgateways/must-scrape.ts';
import type { Before } from '../../../../plan/week/facts.ts';
import { weekPlan } from '../plan.ts';

const plan = weekPlan();
const instances = plan.agents.map(({ machine, port }) => `${machine}:${port}`);
const beside = instances.filter((instance) => instance.startsWith('PC2:'));
const before = { jobs: { centralhub: ['agents'] } } as unknown as Before;

it('is of EdgeHub each beside it, and of CentralHub those that it had', () => {
  const wanted = mustScrape(plan, [`target agents ${instances[0]}`, 'target other elsewhere:1'], before);
  expect(beside.length).toBeGreaterThan(1);
  expect(wanted('edgehub')).toEqual(beside);
  expect(wanted('centralhub')).toEqual([instances[0]]);
  expect(mustScrape(plan, [`target agents ${instances[0]!.toLowerCase()}`], before)('centralhub')).toEqual([
    instances[0],
  ]);
});

it('is nothing of an EdgeHub that was there before this run, and in a history that does not know', () => {
  const kept = { jobs: { edgehub: ['agents'] } } as unknown as Before;
  expect(mustScrape(plan, [], kept)('edgehub')).toEqual([]);
  expect(mustScrape(plan, undefined, before)('edgehub')).toEqual([]);
});
