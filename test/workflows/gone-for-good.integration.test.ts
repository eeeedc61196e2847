// Level 3 with a machine whose worker never comes. On a server of its own, which skips no time any more after it.
import { expect, test } from 'vitest';
import { week1Plan } from './harness.ts';
import { missing, order, queued, soon } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

test('goes on without it after the deadline of the plan, and not before', { timeout: 120_000 }, async () => {
  const plan = week1Plan();
  const { machineDeadline } = plan.emergency;
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      await missing(lab, handle);
      await order.levelThree(handle);
      await expect
        .poll(() => machines.asked('rollback').map(({ machine }) => machine), { timeout: 20_000 })
        .toEqual(['MainPC']);
      const asked = await soon(handle, ({ status }) => status === 'rolling back');
      await lab.skipOver(() => queued(handle), machineDeadline - 60_000);
      expect((await soon(handle, ({ waits }) => waits.length > 0)).waits).toMatchObject([
        { on: 'the worker of pc2', command: expect.stringContaining('hubshift rollback --without PC2') },
      ]);
      await lab.skipOver(() => queued(handle), 120_000);
      const state = await handle.result();
      expect(state).toMatchObject({
        status: 'rolled back in part',
        without: [{ machine: 'PC2', why: 'its worker did not come within 10m of level 3' }],
        incidents: [{ level: 3, result: 'failed', withinLimit: false }],
      });
      expect(state.without![0]!.since).toBeGreaterThanOrEqual(asked.at + machineDeadline - 60_000);
    },
    { without: ['PC2'] },
  );
});
