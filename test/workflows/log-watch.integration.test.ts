// The log watch: what a worker that ends has not read is read by the next, from where it was.
import { expect, test } from 'vitest';
import * as messages from '../../workflows/orders/messages.ts';
import type { FakeMachines } from './fake-machines.ts';
import { week1Plan } from './harness.ts';
import { order, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(60_000);

const bounded = { timeout: 80_000 };
const place = { inode: 7, offset: 100, before: 'd' };
const id = '2D.deploy.observability_hub.log-watch';
const from = { from: id };
const done = ({ tasks }: { tasks: { task: string; done: number }[] }, count: number) =>
  (tasks.find(({ task }) => task === '2D')?.done ?? 0) >= count;

test('an error that was logged after the worker had ended fails the watch', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('watchLog', async (ask, usual) => {
        const first = ask.place === undefined;
        // SIGTERM came a minute before the end.
        if (first) return { ...(await usual()), offset: 100, place, readAt: ask.untilMs - 60_000 };
        return { ...(await usual()), matches: 1, first: ['ERROR no hub'], place, readAt: ask.untilMs };
      });
      await until(lab, handle, ({ status }) => status === 'failed');
      const { records, windows } = await handle.query(messages.state);
      expect(records[id]).toMatchObject({
        verdict: 'fail',
        summary: '1 error lines: ERROR no hub',
        evidence: { lines: 200 },
      });
      expect(windows).toEqual({});
      expect(machines.asked('watchLog').map(({ ask }) => [ask.fromOffset, ask.place])).toEqual([
        [null, undefined],
        [100, place],
      ]);
    },
    from,
  );
});

test('a pause keeps what was read', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('watchLog', async (_ask, usual) => {
        const { length } = machines.asked('watchLog');
        if (length > 1) return usual();
        await machines.untilCancelled().catch(() => undefined);
        return { ...(await usual()), offset: 100, place, readAt: 1 };
      });
      await until(lab, handle, () => machines.asked('watchLog').length > 0);
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await order.resume(handle);
      await until(lab, handle, () => machines.asked('watchLog').length > 1);
      expect(machines.asked('watchLog').at(-1)!.ask).toMatchObject({ fromOffset: 100, place });
      const before = (await handle.query(messages.progress)).tasks.find(({ task }) => task === '2D')?.done ?? 0;
      await until(lab, handle, (seen) => done(seen, before + 1));
      expect((await handle.query(messages.state)).records[id]).toMatchObject({
        verdict: 'pass',
        evidence: { lines: 200 },
      });
    },
    from,
  );
});

test('a watch that is done again and interrupted goes on where it began', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      let end = 0;
      machines.override('logOffset', async () => {
        end += 1_000;
        return { offset: end, place: { ...place, offset: end } };
      });
      machines.override('watchLog', async (_ask, usual) => {
        const { length } = machines.asked('watchLog');
        if (length === 1) return { ...(await usual()), matches: 1, first: ['ERROR no hub'] };
        // The worker dies, and the week pauses before anybody has said what was read.
        if (length === 2) await machines.untilCancelled();
        return usual();
      });
      await until(lab, handle, ({ status }) => status === 'failed');
      await order.retry(handle, id);
      await until(lab, handle, () => machines.asked('watchLog').length > 1);
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await order.resume(handle);
      await until(lab, handle, () => machines.asked('watchLog').length > 2);
      expect(machines.asked('watchLog').map(({ ask }) => ask.fromOffset)).toEqual([null, 1_000, 1_000]);
    },
    from,
  );
});

/** The first watch reads two errors until it is called off; those after it read none. */
function errorsInFirst(machines: FakeMachines): void {
  machines.override('watchLog', async (_ask, usual) => {
    if (machines.asked('watchLog').length > 1) return usual();
    await machines.untilCancelled().catch(() => undefined);
    return { ...(await usual()), matches: 2, first: ['ERROR no hub'], offset: 100, place, readAt: 1 };
  });
}

test('an error that was read stays found, though its pilot goes back before the watch ends', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      errorsInFirst(machines);
      await until(lab, handle, () => machines.asked('watchLog').length > 0);
      await order.rollback(handle, 'it logs errors', { agent: 'observability_hub' });
      await soon(handle, ({ status }) => status === 'paused');
      const { history, windows } = await handle.query(messages.state);
      expect(history.filter((record) => record.id === id)).toMatchObject([
        { verdict: 'fail', summary: '2 error lines: ERROR no hub', evidence: { errors: 2 } },
      ]);
      expect(windows).toEqual({});
    },
    from,
  );
});

test('an error that was read stays found, though the watch is skipped and done again', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      errorsInFirst(machines);
      await until(lab, handle, () => machines.asked('watchLog').length > 0);
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await order.skip(handle, id);
      await soon(handle, ({ status }) => status !== 'paused');
      await order.retry(handle, id);
      await until(lab, handle, () => machines.asked('watchLog').length > 1);
      expect((await handle.query(messages.state)).history.filter((one) => one.id === id)).toMatchObject([
        { verdict: 'inconclusive', waived: { as: 'skipped' } },
        { verdict: 'fail', summary: '2 error lines: ERROR no hub' },
      ]);
    },
    from,
  );
});
