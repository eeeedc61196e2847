// What disturbs waits for the calendar, and for nobody else; people let it go, pause beside it, and roll back at any hour.
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { Calendar } from '../../plan/calendar/schema.ts';
import { wavesOf } from '../../plan/schema/plan.ts';
import type { Facts } from '../../plan/week/facts.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan } from './harness.ts';
import { order, refusal, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(250_000);

const [minute, hour] = [60_000, 3_600_000];
const day = 24 * hour;

/** The next Friday, 16:40 UTC. */
function fridayAfter(now: number): number {
  const today = now - (now % day);
  const days = (5 - new Date(today).getUTCDay() + 7) % 7;
  const friday = today + days * day + 16 * hour + 40 * minute;
  return friday > now ? friday : friday + 7 * day;
}

test(
  'a retry after Friday 17:00 waits for Monday; release, pause and rollback do not',
  { timeout: 300_000 },
  async () => {
    const now = await lab.env.currentTimeMs();
    const friday = fridayAfter(now);
    await lab.skip(friday - now);
    const monday = friday - (16 * hour + 40 * minute) + 3 * day + 9 * hour;
    const plan = week1Plan((changed) => {
      changed.calendar = Calendar.parse({ zone: 'UTC', disturb: 'Mon-Fri 09:00-17:00' });
      changed.machines[0]!.calendar = Calendar.parse({ zone: 'UTC', disturb: 'Tue 09:00-17:00' });
      changed.failure.askDeadline = 7 * day;
      changed.watch.slice = 8 * hour;
      changed.holdBefore = ['2A.check.no-impact'];
    });
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        const broken = ApplicationFailure.nonRetryable('Docker is busy', 'Busy');
        machines.override('restartContainer', () => Promise.reject(broken));
        const failed = await until(lab, handle, ({ status }) => status === 'failed');
        expect(failed.held?.reason).toContain('2A.check.restart');
        machines.restore('restartContainer');
        const asked = () => machines.asked('restartContainer').length;
        const triedOnce = asked();
        await lab.skip(20 * minute);

        await order.retry(handle, '2A.check.restart');
        const waits = {
          step: '2A.check.restart',
          until: monday,
          command: 'hubshift release 2A.check.restart --reason TEXT',
        };
        const waiting = await soon(handle, ({ waits: all }) => all.length > 0);
        expect(waiting).toMatchObject({ status: 'running', running: [], waits: [waits] });
        expect(waiting.waits[0]?.on).toMatch(/^a window of 2m 10s \(opens Mon \d{4}-\d\d-\d\d 09:00 UTC\)$/);
        await order.pause(handle);
        await soon(handle, ({ status, waits: all }) => status === 'paused' && all[0]?.on === 'a person');
        await order.resume(handle);
        await soon(handle, ({ waits: all }) => all[0]?.until === monday);
        await lab.skip(2 * day);
        expect(asked()).toBe(triedOnce);

        // Monday: MainPC's own calendar opens on Tuesday.
        await lab.skip(monday - (await lab.env.currentTimeMs()));
        const held = await until(lab, handle, ({ status }) => status === 'paused');
        expect(held.held?.reason).toBe('paused by the plan: holdBefore 2A.check.no-impact');
        await order.resume(handle);
        const reload = await until(lab, handle, ({ waits: all }) => all[0]?.step === '2B.scrape.reload');
        expect(reload.waits[0]?.until).toBe(monday + day);
        const { records } = await handle.query(messages.state);
        expect(records['2A.check.restart']).toMatchObject({ verdict: 'pass', attempts: 2 });
        expect(records['2A.check.restart']!.startedAt - monday).toBeGreaterThanOrEqual(0);
        expect(records['2A.check.restart']!.startedAt - monday).toBeLessThan(minute);
        expect(await refusal(order.release(handle, '2B.scrape.active', 'now'))).toContain('disturbs nothing');

        expect(await order.release(handle, '2B.scrape.reload', 'the owners agree')).toContain('not waited for');
        await until(lab, handle, ({ waits: all }) => all[0]?.step === '2B.test.persistence');
        const { letGo, records: after } = await handle.query(messages.state);
        expect(letGo).toMatchObject([{ row: '2B.scrape.reload', by: 'ada', reason: 'the owners agree' }]);
        expect(after['2B.scrape.reload']?.verdict).toBe('pass');
        expect(await refusal(order.release(handle, '2B.scrape.reload', 'now'))).toContain('passed');

        await order.rollback(handle);
        expect((await handle.result()).status).toBe('rolled back');
        expect(await lab.env.currentTimeMs()).toBeLessThan(monday + day);
      },
      { from: '2A.check.restart' },
    );
  },
);

test('who lets a row go that a deadline has done again is asked what comes of it', { timeout: 100_000 }, async () => {
  const now = await lab.env.currentTimeMs();
  await lab.skip(fridayAfter(now) - now);
  const plan = week1Plan((changed) => {
    changed.calendar = Calendar.parse({ zone: 'UTC', disturb: 'Mon-Fri 09:00-17:00' });
    Object.assign(changed.failure, { askDeadline: hour, atDeadline: 'undo-task' });
  });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      const broken = ApplicationFailure.nonRetryable('Docker is busy', 'Busy');
      machines.override('restartContainer', () => Promise.reject(broken));
      const first = await until(lab, handle, ({ status }) => status === 'failed');
      await lab.skip(hour + 4 * minute);
      await soon(handle, ({ waits }) => waits[0]?.command === 'hubshift release 2A.check.restart --reason TEXT');
      await order.release(handle, '2A.check.restart');
      const again = await soon(handle, ({ status }) => status === 'failed');
      expect(again.held?.deadline).toBe((again.held?.since ?? 0) + hour);
      expect(again.held?.since).toBeGreaterThan(first.held!.deadline!);
      expect(machines.asked('rollback')).toEqual([]);
    },
    { from: '2A.check.restart' },
  );
});

test(
  'a pilot that its machine has not begun to move when the window is over waits for the next',
  { timeout: 100_000 },
  async () => {
    const now = await lab.env.currentTimeMs();
    const friday = fridayAfter(now);
    await lab.skip(friday - now + 10 * hour);
    const monday = friday - (16 * hour + 40 * minute) + 3 * day + 9 * hour;
    const plan = week1Plan((changed) => {
      changed.calendar = Calendar.parse({ zone: 'UTC', disturb: 'Mon-Fri 09:00-17:00' });
      changed.watch.slice = 8 * hour;
    });
    const [{ name } = { name: '' }] = wavesOf(plan).flat();
    const step = `2D.deploy.${name}`;
    const facts: Facts = {};
    facts[`begun ${step}`] = friday;
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        const late = ApplicationFailure.nonRetryable('its window was over', 'OutOfHours');
        machines.override('deployAgent', () => Promise.reject(late));
        const waiting = await soon(handle, ({ waits }) => waits.length > 0);
        expect(waiting.waits).toMatchObject([{ step, until: monday }]);
        const [asked] = machines.asked('deployAgent');
        expect(asked?.ask.agent.name).toBe(name);
        expect(asked?.ask.notAfterMs).toBeLessThan(friday + 10 * hour);
        expect((await handle.query(messages.state)).records[step]).toBeUndefined();
      },
      // Its row had begun in the window.
      { from: step, left: { state: { facts } } },
    );
  },
);
