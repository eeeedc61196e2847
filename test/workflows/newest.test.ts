// What a hub is asked for to see that an agent's metrics are fresh.
import { expect, it } from 'vitest';
import { newestOf } from '../../workflows/tasks/pilots/checks.ts';
import { weekPlan } from '../plan/tasks/plan.ts';

it('is the newest sample of what the agent counts', () => {
  const plan = weekPlan();
  expect(newestOf(plan, plan.agents[0]!)).toBe('timestamp(agent_pushed_sequence{agent="observability_hub"})');
});

it('is that of a scrape that succeeded where it counts nothing: a failed one is as fresh', () => {
  const plan = weekPlan();
  delete plan.migration.contract.acknowledged;
  const up = 'up{instance="PC2:8101"}';
  expect(newestOf(plan, plan.agents[0]!)).toBe(`timestamp(${up}) and ${up} == 1`);
});
