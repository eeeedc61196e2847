// What a watched window knows of starts, when something is mended in it.
import { expect, it } from 'vitest';
import { forgetLives } from '../../../workflows/watch/window.ts';
import { isMended } from '../../../workflows/emergency/repair.ts';
import { plan, weekAfter } from '../../client/fixtures.ts';

it('what is mended may have another start, and nothing beside it', () => {
  const state = weekAfter([]);
  const window = { creditMs: 0, samples: 0, failed: 0, longestGapMs: 0, restarts: 0, startedAt: 0 };
  const known = {
    MainPC: { 'container nats-main': 'a' },
    PC2: { 'container edgehub': 'b', 'program resource_manager': 'c' },
  };
  const after = (target: string | null) => {
    state.windows = { '2D.soak': window };
    state.facts = { 'lives 2D.soak': known };
    forgetLives(state, isMended(plan, target));
    return state.facts['lives 2D.soak'];
  };
  expect(after('edgehub')).toEqual({ ...known, PC2: { 'program resource_manager': 'c' } });
  expect(after('resource_manager')).toEqual({ ...known, PC2: { 'container edgehub': 'b' } });
  expect(after('edgehub, nats-main')).toEqual({ MainPC: {}, PC2: { 'program resource_manager': 'c' } });
  expect(after(null)).toEqual(known);
});
