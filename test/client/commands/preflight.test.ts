// What the command says of a preflight that took too long.
import { expect, it } from 'vitest';
import { notOver } from '../../../client/commands/preflight.ts';
import { snapshot } from '../../../plan/week/snapshot.ts';
import { began, weekAfter } from '../fixtures.ts';

it('is how far it came, and what it was at', () => {
  const state = weekAfter(['preflight']);
  delete state.records['preflight.agent-contract'];
  delete state.records['preflight.baseline'];
  const running = [{ id: 'preflight.agent-contract', machine: 'MainPC, PC2', since: began }];
  expect(notOver(snapshot(state, began, { running, waits: [] }))).toBe(
    'The preflight was not over after 30m, and was ended. 7 of 9 rows passed; what it was at: preflight.agent-contract · MainPC, PC2. hubshift preflight begins it anew.',
  );
  expect(notOver(null)).toBe('The preflight was not over after 30m, and was ended. hubshift preflight begins it anew.');
});
