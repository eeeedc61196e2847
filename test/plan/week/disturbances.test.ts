// What the week disturbed on purpose is noted by name, and never more than can travel with it.
import { expect, test } from 'vitest';
import { disturbedAtMost, network, noteAway, noteDisturbed, standsAgain } from '../../../plan/week/disturbances.ts';
import { began, plan } from '../../client/fixtures.ts';
import { initialState } from '../../../plan/week/initial-state.ts';

const week = () => initialState({ plan, planDigest: '', run: 'run', startedBy: '', startedAt: began, rehearsal: null });

test('times of one add up, and those of another are its own', () => {
  const state = week();
  noteDisturbed(state, ['edgehub'], 100, 200);
  noteDisturbed(state, ['edgehub', network], 150, 300);
  noteDisturbed(state, ['edgehub'], 500, 400);
  expect(state.disturbances).toEqual({
    edgehub: [
      [100, 300],
      [500, 500],
    ],
    [network]: [[150, 300]],
  });
});

test('a week that began under an earlier build goes on by its rows', () => {
  const { disturbances: _none, ...before } = week();
  noteDisturbed(before, ['edgehub'], 100, 200);
  expect(before).not.toHaveProperty('disturbances');
});

test('there is an end to what is excused', () => {
  const state = week();
  for (let at = 0; at <= disturbedAtMost; at += 1) noteDisturbed(state, ['edgehub'], 10 * at, 10 * at + 1);
  expect(state.disturbances!['edgehub']).toHaveLength(disturbedAtMost);
});

test('what a rollback took away is down on purpose from then on, until it stands again', () => {
  const state = week();
  noteAway(state, ['nats-pc2', 'edgehub'], 100);
  // Another rollback, before it was made again.
  noteAway(state, ['nats-pc2'], 300);
  standsAgain(state, 'nats-pc2', ['nats-pc2', 'cluster c'], 500);
  expect(state.disturbances).toEqual({ 'nats-pc2': [[100, 500]], 'cluster c': [[100, 500]] });
  expect(state.facts).toEqual({ 'away edgehub': 100 });
  standsAgain(state, 'nats-pc2', ['nats-pc2'], 700);
  expect(state.disturbances!['nats-pc2']).toEqual([[100, 500]]);
});
