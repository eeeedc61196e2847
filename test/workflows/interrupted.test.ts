// A worker that dies in the middle of a measurement between two machines.
import { TimeoutFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { timeSkippingLab, week1Plan, type Lab } from './harness.ts';
import { until } from './people.ts';
import * as messages from '../../workflows/messages.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await timeSkippingLab(80_000);
}, 120_000);
afterAll(() => lab?.close());

/** What the server says of an activity whose worker is gone. */
const gone = () => new TimeoutFailure('activity Heartbeat timeout', undefined, 'HEARTBEAT');

test('a listener that died has sender and listener begin again, and the row passes', { timeout: 100_000 }, async () => {
  await lab.run(week1Plan(), async ({ handle, machines }) => {
    let deaths = 0;
    machines.override('natsListen', async (_ask, usual) => {
      deaths += 1;
      if (deaths === 1) throw gone();
      return usual();
    });
    const seen = await until(lab, handle, ({ status, running }) => status === 'failed' || running.some(({ id }) => id === '2C.check.restart'));
    expect(seen.issues).toEqual([]);
    expect((await handle.query(messages.state)).records['2C.check.messaging']).toMatchObject({ verdict: 'pass' });
    expect(machines.asked('natsListen')).toHaveLength(4);
    expect(machines.asked('natsSend')).toHaveLength(4);
  }, { from: '2C.check.messaging' });
});

test('a machine whose workers always die fails the row in the end', { timeout: 100_000 }, async () => {
  await lab.run(week1Plan(), async ({ handle, machines }) => {
    machines.override('natsListen', async () => {
      throw gone();
    });
    const seen = await until(lab, handle, ({ status }) => status === 'failed');
    expect(seen.issues).toMatchObject([{ id: '2C.check.messaging', verdict: 'fail', summary: expect.stringContaining('Heartbeat') }]);
    expect(machines.asked('natsListen').length).toBeLessThanOrEqual(10);
  }, { from: '2C.check.messaging' });
});
