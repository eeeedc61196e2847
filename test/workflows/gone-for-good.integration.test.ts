// Level 3 with a machine whose worker never comes. On a server of its own, which skips no time any more after it.
import { expect, test } from 'vitest';
import type { Order } from '../../plan/week/order.ts';
import { week1Plan } from './harness.ts';
import { missing, soon } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

test('goes on without it after the deadline of the plan, and not before', { timeout: 120_000 }, async () => {
  const plan = week1Plan();
  const { machineDeadline } = plan.emergency;
  // Nothing is under way that it would have to cancel: the server would skip no time afterwards.
  const at = await lab.env.currentTimeMs();
  const trigger = { automatic: false, by: 'ada', from: 'test', reason: 'it burns' };
  const first: Order = { kind: 'rollback', by: 'ada', scope: 'all', reason: 'it burns', emergency: { trigger, at } };
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      expect((await missing(lab, handle)).waits).toMatchObject([
        { on: 'the worker of pc2', command: expect.stringContaining('hubshift rollback --without PC2') },
      ]);
      expect(machines.asked('rollback').map(({ machine }) => machine)).toEqual(['MainPC']);
      // The last seconds are real ones: what is cancelled while time is skipped over it would set the server's clock free.
      await lab.skipOver(at + machineDeadline - (await lab.env.currentTimeMs()) - 3_000);
      expect((await soon(handle, ({ waits }) => waits.length > 0)).status).toBe('rolling back');
      const state = await handle.result();
      expect(state).toMatchObject({
        status: 'rolled back in part',
        without: [{ machine: 'PC2', why: 'its worker did not come within 10m of level 3' }],
        incidents: [{ level: 3, result: 'failed', withinLimit: false }],
      });
      expect(state.without![0]!.since).toBeGreaterThanOrEqual(at + machineDeadline);
    },
    { without: ['PC2'], from: 'week.redundancy', left: { state: {}, first } },
  );
});
