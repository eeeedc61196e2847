// What is over the limits of a week goes to its file, and stays where that can't be written.
import { expect, test } from 'vitest';
import { kept } from '../../plan/week/older.ts';
import type { StepRecord } from '../../plan/week/record.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan } from './harness.ts';
import { order, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const passed = (at: number): StepRecord => ({
  id: '2A.deploy.container',
  machine: 'PC2',
  verdict: 'pass',
  summary: '',
  evidence: {},
  startedAt: at,
  endedAt: at,
  attempts: 1,
});
const wait = { on: 'a person', step: 'the week', command: 'hubshift resume' };

test(
  'a file that can not be written loses nothing, is told of, and is written after the next order',
  { timeout: 100_000 },
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        const { keepOlder } = machines.channels;
        let tries = 0;
        machines.channels.keepOlder = async () => {
          tries += 1;
          throw new Error('ENOSPC: no space left on device');
        };
        const hanging = machines.hang('restartContainer');
        await until(lab, handle, ({ status }) => status === 'paused');
        await order.resume(handle);
        await until(lab, handle, () => hanging.asked > 0);
        const { notKept } = await handle.query(messages.progress);
        expect(notKept).toMatchObject({ error: 'ENOSPC: no space left on device' });
        // After the hold and after the order that ended it, and not again by itself.
        expect(tries).toBe(2);
        expect((await handle.query(messages.state)).history).toHaveLength(kept.history + 10);

        machines.channels.keepOlder = keepOlder;
        await order.pause(handle);
        await soon(handle, ({ status, notKept: why }) => status === 'paused' && why === undefined);
        const { history, older } = await handle.query(messages.state);
        expect(history).toHaveLength(kept.history);
        expect(older).toMatchObject({ history: 10 });
        expect(machines.older.map((shed) => shed.history.map(({ startedAt }) => startedAt))).toEqual([
          Array.from({ length: 10 }, (_, at) => at),
        ]);
        await order.rollback(handle);
        expect((await handle.result()).status).toBe('rolled back');
      },
      {
        from: '2A.check.restart',
        left: {
          state: {
            doing: { kind: 'hold', status: 'paused', reason: 'a pause', since: 0, wait, ordered: true },
            history: Array.from({ length: kept.history + 10 }, (_, at) => passed(at)),
          },
        },
      },
    );
  },
);
