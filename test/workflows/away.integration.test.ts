// Level 3 on the third day without a worker. On a server of its own, which skips no time any more after it.
import { expect, test } from 'vitest';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan } from './harness.ts';
import { missing, soon, speaker } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const threeDays = 3 * 24 * 3_600_000;

test('what is there is undone at once, the rest when its worker is back', { timeout: 100_000 }, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines, startWorker }) => {
      await missing(lab, handle);
      await lab.skipOver(threeDays);
      await handle.executeUpdate(messages.emergency, { args: [{ ...speaker, level: 3, reason: 'go back' }] });
      await expect.poll(() => machines.asked('rollback').map(({ machine }) => machine)).toEqual(['MainPC']);
      await startWorker('PC2');
      // It waits for nothing more: were time skipped as well, a timer would fire in the middle of a workflow task, which the server refuses.
      await soon(handle, ({ status }) => status === 'rolled back');
      const { incidents, rollback } = await handle.query(messages.state);
      expect(incidents).toMatchObject([{ level: 3, result: 'recovered' }]);
      expect(rollback!.verifiedAt).toBeGreaterThanOrEqual(rollback!.startedAt);
    },
    { without: ['PC2'] },
  );
});
