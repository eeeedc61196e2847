// An emergency that was ordered is followed to the incident that it leaves: to no other, and past looks that no worker answered.
import type { Client } from '@temporalio/client';
import { ServiceError } from '@temporalio/client';
import { beforeEach, expect, it, vi } from 'vitest';
import { exitCodes } from '../../../client/failure.ts';
import { untilOver } from '../../../client/week/incident-left.ts';
import { controlQueue } from '../../../plan/names.ts';
import { incident, type Level } from '../../../plan/week/incident.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { plan, seenOf, weekAfter } from '../fixtures.ts';

const ask = { level: 3, reason: 'smoke', by: 'Ada', from: 'ada@desk' } as const;
const hour = 3_600_000;

function left(known: number, level: Level, startedAt: number, result: 'recovered' | 'failed' = 'recovered') {
  const { by, from, reason } = ask;
  const trigger = { automatic: false, by, from, reason };
  return incident(plan, known, {
    level,
    target: null,
    trigger,
    startedAt,
    endedAt: startedAt + 1,
    result,
    actions: [],
  });
}

/** A week whose answers to one look after the other are these incidents; null where no worker answers. */
function clientOf(looks: (WeekState['incidents'] | null)[]): Client {
  let looked = 0;
  const handle = {
    workflowId: 'hubshift-x',
    describe: async () => ({
      status: { name: 'RUNNING' },
      taskQueue: controlQueue,
      memo: { glance: glance(seenOf(weekAfter([]))) },
    }),
    query: async () => {
      const incidents = looks[looked++] ?? looks.at(-1)!;
      if (looks[looked - 1] !== null) return seenOf(weekAfter([], { incidents }));
      const cause = Object.assign(new Error('late'), { code: 4, details: 'late', metadata: {} });
      throw new ServiceError('Query failed', { cause });
    },
  };
  return {
    options: { namespace: 'default' },
    connection: { withDeadline: async (_: number, work: () => unknown) => work() },
    workflow: { getHandle: () => handle },
    workflowService: { describeTaskQueue: async () => ({ pollers: [] }) },
  } as unknown as Client;
}

const over = (client: Client) => untilOver(client, { plan, level: 3, order: async () => 'Level 3 begins.' });
const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean(said.push(String(text))));
  return () => spy.mockRestore();
});

it('is not over with a look that no worker answered', async () => {
  const [first, second] = [left(0, 1, Date.now() - hour), left(1, 3, Date.now())];
  expect(await over(clientOf([[first], null, [first, second]]))).toBe(exitCodes.done);
  expect(said.join('')).toMatch(/^incident-2: level 3/m);
});

it('gives no old incident as the result where the first look was not answered', async () => {
  const [old, new_] = [left(0, 3, Date.now() - hour), left(1, 3, Date.now(), 'failed')];
  expect(await over(clientOf([null, [old], [old, new_]]))).toBe(exitCodes.failed);
  expect(said.join('')).toMatch(/^incident-2: level 3/m);
  expect(said.join('')).not.toMatch(/^incident-1/m);
});

it('waits past an incident of another level', async () => {
  const [other, own] = [left(0, 1, Date.now()), left(1, 3, Date.now())];
  expect(await over(clientOf([[], [other], [other, own]]))).toBe(exitCodes.done);
  expect(said.join('')).toMatch(/^incident-2: level 3/m);
});
