// What start says before anything happens: of each task what it is for, and what works but people should know.
import { expect, it } from 'vitest';
import { outline } from '../../client/week/start.ts';
import { plan, weekAfter } from './fixtures.ts';

it('has objective, priority, estimate, dependencies and risks of each task', () => {
  const text = outline(weekAfter([])).join('\n');
  expect(text).toContain(
    '2B        Metrics can be pushed on each machine, and the hubs find them (high, 3h to 4h, on 2A)',
  );
  expect(text).toContain('may meet: They cost a machine more than it has to spare; ');
});

it('warns of pilots without a check of their own, and of nothing where all have one', () => {
  const warning = /^warning .* have no check of their own/m;
  expect(outline(weekAfter([])).join('\n')).toMatch(warning);
  const checked = { ...plan, agents: plan.agents.map((agent) => ({ ...agent, check: ['true', '{config}'] })) };
  expect(outline(weekAfter([], { plan: checked })).join('\n')).not.toMatch(warning);
});
