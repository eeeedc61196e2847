// The state of a run from Temporal: of its last execution, by its result or by its worker.
import { type Client, ServiceError } from '@temporalio/client';
import { expect, it } from 'vitest';
import { executionsOf, stateGivenBy } from '../../../client/week/executions.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { plan, seenOf, weekAfter } from '../fixtures.ts';

const week = (run: string, change: Partial<WeekState> = {}) => weekAfter(['preflight'], { run, ...change });

interface Known {
  status: string;
  state: WeekState;
  answers?: boolean;
}

/** A server that knows these executions, the newest first. */
function serverWith(...known: Known[]): Client {
  return {
    connection: { withDeadline: (_: number, work: () => unknown) => work() },
    workflow: {
      list: async function* () {
        yield* known.map(({ status, state }, index) => ({
          runId: String(index),
          status: { name: status },
          memo: { glance: glance(seenOf(state)) },
        }));
      },
      getHandle: (_: string, runId: string) => ({
        query: async () => {
          const { answers, state } = known[Number(runId)]!;
          if (answers) return state;
          throw new ServiceError('', { cause: Object.assign(new Error(), { code: 4, details: '', metadata: {} }) });
        },
        result: async () => known[Number(runId)]!.state,
      }),
    },
  } as unknown as Client;
}

const given = async (run: string, ...known: Known[]) => {
  const client = serverWith(...known);
  const executions = (await executionsOf(client, plan.name)).filter((one) => one.run === run);
  return stateGivenBy(client, plan.name, executions);
};

it('is the result of its last end, whoever answers, also when another run was begun since', async () => {
  const undone = week('a', { status: 'rolled back' });
  expect(
    await given(
      'a',
      { status: 'RUNNING', state: week('b'), answers: true },
      { status: 'COMPLETED', state: undone },
      { status: 'COMPLETED', state: week('a', { status: 'completed' }) },
    ),
  ).toBe(undone);
});

it('is what the worker answers while it runs, and not what the history before knew', async () => {
  const [now, before] = [week('a', { phase: '2C' }), week('a')];
  const earlier = { status: 'CONTINUED_AS_NEW', state: before, answers: true };
  expect(await given('a', { status: 'RUNNING', state: now, answers: true }, earlier)).toBe(now);
  expect(await given('a', { status: 'RUNNING', state: now }, earlier)).toBeUndefined();
});

it('is not there for a run that it does not know', async () => {
  expect(await given('c', { status: 'COMPLETED', state: week('a') })).toBeUndefined();
});
