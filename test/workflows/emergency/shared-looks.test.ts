// What rows ask alike is asked once.
import { expect, it } from 'vitest';
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import { sharedLooks } from '../../../workflows/machine/shared-looks.ts';

function machines(answer: (call: string) => unknown) {
  const calls: string[] = [];
  const on = (machine: string) =>
    new Proxy({} as MachineActivities, {
      get: (_, verb: string) => async (ask: unknown) => {
        calls.push(`${machine} ${verb} ${JSON.stringify(ask)}`);
        return answer(calls.at(-1)!);
      },
    });
  return { calls, on };
}

it('by two rows, also when one asks later; else each has its own', async () => {
  const { calls, on } = machines((call) => call);
  const sharing = sharedLooks();
  const [one, other] = [sharing(on), sharing(on)];
  const first = await one('PC2').inspectContainer({ name: 'edgehub' });
  expect(await other('PC2').inspectContainer({ name: 'edgehub' })).toBe(first);
  await other('PC2').inspectContainer({ name: 'nats-pc2' });
  await other('MainPC').inspectContainer({ name: 'edgehub' });
  await other('PC2').directoryState({ path: 'edgehub' });
  expect(calls).toHaveLength(4);
  await sharedLooks()(on)('PC2').inspectContainer({ name: 'edgehub' });
  expect(calls).toHaveLength(5);
});

it('and a failure is told to both', async () => {
  const { calls, on } = machines(() => Promise.reject(new Error('no answer')));
  const sharing = sharedLooks();
  const asked = [sharing(on), sharing(on)].map((each) => each('PC2').programStatus({ program: 'a' }));
  for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
  expect(calls).toHaveLength(1);
});
