// A second start is refused before anybody is asked anything, by one look at what runs.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { refuseSecond } from '../../../client/week/start.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import { seenOf, weekAfter } from '../fixtures.ts';

const week = weekAfter(['preflight'], { phase: '2A' });

function serverWith(execution: object | undefined) {
  const looks: string[] = [];
  const getHandle = (id: string) => ({
    describe: async () => {
      looks.push(id);
      if (execution) return execution;
      throw new WorkflowNotFoundError('no such execution', id, undefined);
    },
  });
  const connection = { withDeadline: (_: number, work: () => unknown) => work() };
  return { looks, client: { connection, workflow: { getHandle } } as unknown as Client };
}

const memo = { glance: glance(seenOf(week)) };

it('names the run that goes on, and asks for it once', async () => {
  const { looks, client } = serverWith({ status: { name: 'RUNNING' }, memo, taskQueue: 'q' });
  await expect(refuseSecond(client, { ...week, run: 'another' })).rejects.toThrow(
    `Refused: run ${week.run} of the plan ${week.plan.name} is running in 2A, and a plan has one run at a time.`,
  );
  await expect(refuseSecond(client, week)).rejects.toThrow('it was reset, or is taken up already');
  expect(looks).toHaveLength(2);
});

it('is none where nothing goes on, whatever was there', async () => {
  for (const execution of [undefined, { status: { name: 'COMPLETED' }, taskQueue: 'q' }])
    await expect(refuseSecond(serverWith(execution).client, week)).resolves.toBeUndefined();
});

it('says so where what goes on under the name is none of hubshift', async () => {
  const { client } = serverWith({ status: { name: 'RUNNING' }, taskQueue: 'q' });
  await expect(refuseSecond(client, week)).rejects.toThrow('was not started by hubshift');
});
