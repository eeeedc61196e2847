// A week that goes by its days: each day's work begins on its day, and its checkpoint gates what follows.
import { expect, test } from 'vitest';
import { keeping } from '../../plan/calendar/keeping.ts';
import { Calendar } from '../../plan/calendar/schema.ts';
import { mayBegin } from '../../plan/calendar/window.ts';
import { controlQueue } from '../../plan/names.ts';
import { utc } from '../../plan/schema/duration.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan } from './harness.ts';
import { order, refusal, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(160_000);

const [hour, day] = [3_600_000, 24 * 3_600_000];
/** A Monday. */
const monday = Date.UTC(2026, 10, 30);
const calendar = Calendar.parse({ zone: 'UTC', disturb: 'Mon-Thu 09:00-17:00' });
/** Days on from a Monday, for the first to the sixth: the fifth is after the weekend. */
const on = [0, 1, 2, 3, 7, 8];

test(
  'each part of a week of Monday 14:00 begins on its day, over the weekend, and disturbs in working hours alone',
  { timeout: 240_000 },
  async () => {
    const plan = week1Plan((one) => {
      one.pace = 'by-day';
      one.calendar = calendar;
      // Before anything may be disturbed.
      one.dayBegins = '07:00';
      // What is measured all along is not what this is about.
      one.watch.slice = 3 * hour;
    });
    const now = await lab.env.currentTimeMs();
    const start = monday + 14 * hour;
    await lab.skip(start + Math.ceil(Math.max(0, now - start) / (7 * day)) * 7 * day - now);
    await lab.run(plan, async ({ handle, state }) => {
      const morning = (number: number) => state.startedAt - (state.startedAt % day) + on[number - 1]! * day + 7 * hour;
      const waits = (number: number) =>
        until(lab, handle, (seen) => seen.waits.some(({ on }) => on === `day ${number}`) || seen.issues.length > 0);

      const seen = await waits(2);
      expect(seen.issues).toEqual([]);
      expect(seen.phase).toBe('2A');
      expect(seen.waits).toMatchObject([
        { step: '2B', until: morning(2), command: 'hubshift release day-2 --reason TEXT' },
      ]);
      // It takes orders meanwhile, and goes on in a new history.
      expect(await refusal(order.release(handle, 'day-9'))).toBe(
        'day-9 is nothing that the week waits for: its days are day-2, day-3, day-4, day-5, day-6. hubshift progress shows its waits.',
      );
      expect(await refusal(order.release(handle, 'day-2', ' '))).toBe('A release needs a reason (--reason TEXT).');
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await order.resume(handle);
      await soon(handle, ({ status, waits: [wait] }) => status === 'running' && wait?.on === 'day 2');
      await lab.quiet();
      const before = (await handle.describe()).runId;
      handle.executeUpdate(messages.takeOver, { args: [{ ...speaker, queue: controlQueue }] }).catch(() => undefined);
      await expect.poll(async () => (await handle.describe()).runId, { timeout: 30_000 }).not.toBe(before);
      await soon(handle, ({ waits: [wait] }) => wait?.on === 'day 2');

      // A person lets the fourth day begin on the third.
      await waits(4);
      expect(await refusal(order.release(handle, 'day-3'))).toBe('day-3 has begun; there is nothing to release.');
      expect(await order.release(handle, 'day-4')).toBe('day-4 is not waited for any more.');
      expect(await refusal(order.release(handle, 'day-4'))).toBe('day-4 is released already.');
      await until(
        lab,
        handle,
        ({ phase, status, issues }) => phase === 'soak' || status !== 'running' || issues.length > 0,
      );
      const { records, letGo } = await handle.query(messages.state);
      expect(letGo).toMatchObject([{ row: 'day-4', by: 'ada', reason: 'we are here' }]);
      const begun = (row: string) => records[row]!.startedAt;
      const first = (task: string) => begun(stepsOf(plan).find((row) => row.task === task)!.id);
      const about = (at: number) => expect.stringMatching(`^${utc(at).slice(0, 16)}`);
      expect({
        '2A': utc(first('2A')),
        '2B': utc(first('2B')),
        '2C': utc(first('2C')),
        '2C.streams': utc(begun('2C.streams.metrics')),
        '2D': utc(first('2D')),
        '2D.deploy': utc(begun('2D.deploy.observability_hub')),
      }).toEqual({
        '2A': expect.stringMatching(`^${utc(state.startedAt).slice(0, 13)}`),
        '2B': about(morning(2)),
        '2C': about(morning(3)),
        '2C.streams': expect.stringMatching(`^${utc(morning(3)).slice(0, 10)}`),
        '2D': about(morning(5)),
        '2D.deploy': about(morning(6) + 2 * hour),
      });
      expect(new Date(begun('2D.deploy.observability_hub')).getUTCDay()).toBe(2);
      const kept = keeping(plan, stepsOf(plan)).flatMap(({ id }) => records[id] ?? []);
      expect(kept.length).toBeGreaterThan(20);
      const outside = kept.filter(
        ({ startedAt, endedAt }) => mayBegin([calendar], startedAt, endedAt - startedAt) !== startedAt,
      );
      expect(outside.map(({ id, startedAt, endedAt }) => `${id}: ${utc(startedAt)} to ${utc(endedAt)}`)).toEqual([]);
    });
  },
);

test('a checkpoint that fails stops the next day; once it passes the week goes on', { timeout: 100_000 }, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('alerts', async (_ask, usual) => ({ ...(await usual()), firing: [] }));
      const seen = await until(lab, handle, ({ status, phase }) => status === 'failed' || phase === '2B');
      expect(seen).toMatchObject({ status: 'failed', issues: [{ id: 'checkpoint.day-1', verdict: 'fail' }] });
      machines.restore('alerts');
      await order.retry(handle, 'checkpoint.day-1');
      await until(lab, handle, ({ phase }) => phase === '2B');
      const { records } = await handle.query(messages.state);
      expect(records['checkpoint.day-1']).toMatchObject({ verdict: 'pass', attempts: 2 });
    },
    { from: '2A.check.no-impact' },
  );
});
