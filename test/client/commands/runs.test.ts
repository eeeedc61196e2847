// The list of runs: where a week is shows when it was moved.
import { expect, it } from 'vitest';
import type { Client } from '@temporalio/client';
import { list, type Run, table } from '../../../client/commands/runs.ts';
import { controlQueue } from '../../../plan/names.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import { began, seenOf, weekAfter } from '../fixtures.ts';

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

it('shows an execution that nobody of ours has started as unknown, and goes on', async () => {
  const ours = weekAfter(['preflight']);
  const executions = [
    { workflowId: 'by-hand', runId: 'a', memo: undefined },
    { workflowId: 'hubshift-week', runId: 'b', memo: { more: 1 } },
    { workflowId: 'hubshift-week', runId: 'c', memo: { glance: glance(seenOf(ours)) } },
  ].map((one) => ({ ...one, status: { name: 'RUNNING' }, taskQueue: controlQueue, startTime: new Date(began) }));
  const client = {
    connection: { withDeadline: (_: number, work: () => unknown) => work() },
    workflow: {
      list: async function* () {
        yield* executions;
      },
    },
  } as unknown as Client;
  const runs = await list(client);
  expect(runs).toMatchObject([
    { run: 'a', plan: 'by-hand', status: 'unknown', phase: 'unknown', execution: 'running', startedAt: began },
    { run: 'b', plan: 'hubshift-week', status: 'unknown' },
    { run: ours.run, status: ours.status },
  ]);
  const [, first, second] = table(runs).split('\n');
  expect(first).toMatch(/^a +by-hand +unknown +unknown +unknown +20/);
  expect(second).toMatch(/^b +hubshift-week +unknown/);
});

it('never calls a run rolled back that went without a machine', () => {
  const inPart: Run = { ...run, status: 'rolled back in part', execution: 'completed', without: ['PC2'] };
  expect(table([inPart])).toContain('rolled back, but for PC2');
});
