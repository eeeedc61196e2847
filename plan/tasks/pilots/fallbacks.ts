// What agents leave out: they go by their name.
import { derived, listOf, usual, type Fallbacks, type Written } from '../../schema/fallback.ts';
import { textOf } from '../shared/fallbacks.ts';

export function fallbacks({ plan }: Written): Fallbacks {
  return {
    agents: listOf(plan['agents']).map((agent) => ({
      kind: agent['wave'] === undefined ? usual('bystander') : derived('name', textOf(agent, 'name')),
      program: derived('name', textOf(agent, 'name')),
    })),
  };
}
