// What rows ask alike is asked once, and what they ask at once goes as one ask.
import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { lookActivities } from '../../../activities/looks.ts';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import type { Asked } from '../../../plan/machine-api/looks.ts';
import { sharedLooks } from '../../../workflows/machine/shared-looks.ts';

type Answer = (verb: string, ask: unknown) => unknown;

/** Their asks, and the verbs of those that went together. */
function machines(answer: Answer, looks?: (asks: Asked[]) => Promise<never>) {
  const calls: string[] = [];
  const on = (machine: string): MachineActivities => {
    const one = (verb: string) => async (ask: unknown) => answer(verb, ask);
    const all = new Proxy({} as MachineActivities, { get: (_, verb: string) => one(verb) });
    return new Proxy({} as MachineActivities, {
      get: (_, verb: string) => async (ask: never) => {
        const { asks } = ask as { asks?: Asked[] };
        calls.push(`${machine} ${asks ? asks.map((each) => each.verb).join('+') : verb}`);
        if (!asks) return one(verb)(ask);
        return looks ? looks(asks) : lookActivities(all).looks({ asks, withinMs: 0 });
      },
    });
  };
  return { calls, on };
}

const failed = (cause: Error) => new ActivityFailure('it failed', 'looks', '1', 'NON_RETRYABLE_FAILURE', 'PC2', cause);
const two = (on: (machine: string) => MachineActivities) =>
  Promise.all([on('PC2').inspectContainer({ name: 'edgehub' }), on('PC2').programStatus({ program: 'a' })]);

it('by two rows, also when one asks later', async () => {
  const { calls, on } = machines((_, ask) => ask);
  const sharing = sharedLooks();
  const [one, other] = [sharing(on), sharing(on)];
  const both = await Promise.all([one, other].map((each) => each('PC2').inspectContainer({ name: 'edgehub' })));
  expect(await other('PC2').inspectContainer({ name: 'edgehub' })).toBe(both[0]);
  expect(calls).toEqual(['PC2 inspectContainer']);
  await sharedLooks()(on)('PC2').inspectContainer({ name: 'edgehub' });
  expect(calls).toHaveLength(2);
});

it('of each machine by itself, in the order of the answers; what is not a look by itself', async () => {
  const { calls, on } = machines((verb, ask) => `${verb} ${JSON.stringify(ask)}`);
  const sharing = sharedLooks();
  const [one, other] = [sharing(on), sharing(on)];
  const answers = await Promise.all([
    one('PC2').inspectContainer({ name: 'edgehub' }),
    one('MainPC').digestFile({ path: '/a' }),
    other('PC2').directoryState({ path: '/pc2' }),
    other('PC2').rollback({ run: 'week-1', scope: 'all' }),
    other('MainPC').digestFile({ path: '/b' }),
  ]);
  expect(answers).toEqual([
    'inspectContainer {"name":"edgehub"}',
    'digestFile {"path":"/a"}',
    'directoryState {"path":"/pc2"}',
    'rollback {"run":"week-1","scope":"all"}',
    'digestFile {"path":"/b"}',
  ]);
  expect(calls.sort()).toEqual(['MainPC digestFile+digestFile', 'PC2 inspectContainer+directoryState', 'PC2 rollback']);
});

it('a look that failed among others is asked by itself, which says why', async () => {
  const { calls, on } = machines((verb) => {
    if (verb === 'programStatus') throw new Error('supervisord does not answer');
    return verb;
  });
  await expect(two(sharedLooks()(on))).rejects.toThrow('supervisord does not answer');
  expect(calls).toEqual(['PC2 inspectContainer+programStatus', 'PC2 programStatus']);
});

it('each is asked by itself of a worker that does not know how', async () => {
  const unknown = failed(ApplicationFailure.nonRetryable('not registered', 'NotFoundError'));
  const { calls, on } = machines(
    (verb) => verb,
    () => Promise.reject(unknown),
  );
  expect(await two(sharedLooks()(on))).toEqual(['inspectContainer', 'programStatus']);
  expect(calls).toHaveLength(3);
});

it('nobody is asked further once it was cancelled', async () => {
  const { calls, on } = machines(
    (verb) => verb,
    () => Promise.reject(failed(new CancelledFailure('given up'))),
  );
  await expect(two(sharedLooks()(on))).rejects.toThrow();
  expect(calls).toHaveLength(1);
});

it('nothing but a look is done so', async () => {
  const done: string[] = [];
  const all = new Proxy({} as MachineActivities, { get: (_, verb: string) => async () => done.push(verb) });
  const asks = [{ verb: 'rollback' as never, ask: {} }];
  expect(await lookActivities(all).looks({ asks, withinMs: 0 })).toEqual([null]);
  expect(done).toEqual([]);
});
