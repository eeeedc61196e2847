// The list of runs: where a week is shows when it was moved.
import { expect, it } from 'vitest';
import { type Run, table } from '../../../client/commands/runs.ts';
import { controlQueue } from '../../../plan/names.ts';
import { began } from '../fixtures.ts';

const run: Run = {
  run: '20260723-100000-ab12',
  plan: 'x',
  rehearsal: null,
  status: 'running',
  phase: '2C',
  verdict: 'open',
  execution: 'running',
  queue: controlQueue,
  startedAt: began,
  endedAt: null,
};

it('shows no queue while all are on that of all builds', () => {
  expect(table([run])).not.toMatch(/QUEUE|hubshift\.control/);
});

it('shows the queue of the one that was moved', () => {
  const [head, first, second] = table([run, { ...run, queue: `${controlQueue}.abcdef012345` }]).split('\n');
  expect(head).toMatch(/ENDED +QUEUE$/);
  expect(first).not.toContain('hubshift.control');
  expect(second).toMatch(/ hubshift\.control\.abcdef012345$/);
});

it('never calls a run rolled back that went without a machine', () => {
  const inPart: Run = { ...run, status: 'rolled back in part', execution: 'completed', without: ['PC2'] };
  expect(table([inPart])).toContain('rolled back, but for PC2');
});
