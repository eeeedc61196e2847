// What would end a week without anybody having wanted that holds it instead.
import { describe, expect, test } from 'vitest';
import { serviceOf } from '../../plan/schema/plan.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import type { Order } from '../../plan/week/order.ts';
import { week1Plan } from './harness.ts';
import { order, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };

test('a Cancel of the workflow holds the week; it goes on, and is ended by a rollback', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      const hanging = machines.hang('restartContainer');
      await until(lab, handle, () => hanging.asked > 0);
      await handle.cancel();
      const { held } = await soon(handle, ({ status }) => status === 'paused');
      expect(held!.reason).toMatch(/Cancel of the workflow.*hubshift rollback/);
      expect(hanging.ended).toBe(1);
      await order.resume(handle);
      await expect.poll(() => hanging.asked, { timeout: 20_000 }).toBe(2);
      await order.rollback(handle);
      expect((await handle.result()).status).toBe('rolled back');
    },
    { from: '2A.check.restart' },
  );
});

test('a Cancel where a rollback has left something says what ends that, and not resume', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await until(lab, handle, ({ status }) => status === 'deciding');
      machines.override('inspectContainer', async ({ name }, usual) => ({
        ...(await usual()),
        ...(name === 'edgehub' && { exists: true }),
      }));
      await order.rollback(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await handle.cancel();
      const { waits } = await soon(handle, ({ held }) => held?.reason.includes('Cancel') === true);
      expect(waits).toMatchObject([{ command: expect.stringContaining('hubshift accept ROW --reason TEXT') }]);
      expect(waits[0]!.command).not.toContain('resume');
      machines.restore('inspectContainer');
      await order.rollback(handle);
      expect((await handle.result()).status).toBe('rolled back');
    },
    { from: 'week.redundancy' },
  );
});

test('an error that nobody foresaw holds the week with its text, and resume tries again', bounded, async () => {
  // As a plan may be whose preflight an older build did.
  const broken = week1Plan((plan) => (serviceOf(plan, 'edge-hub').configFile = 'another.yml'));
  const passed = (id: string) => ({
    id,
    machine: 'all',
    verdict: 'pass' as const,
    summary: 'as the older build saw it',
    evidence: {},
    startedAt: 0,
    endedAt: 0,
    attempts: 1,
  });
  const preflight = stepsOf(broken).filter(({ task }) => task === 'preflight');
  await lab.run(
    broken,
    async ({ handle }) => {
      const seen = await until(lab, handle, ({ status }) => status === 'failed');
      expect(seen.held!.reason).toBe(
        'an error that nobody foresaw: The command of edgehub names no another.yml in one of its mounts',
      );
      expect(seen.waits).toMatchObject([
        { on: 'a person', command: expect.stringMatching(/resume.*upgrade.*rollback/) },
      ]);
      await order.resume(handle);
      await soon(handle, ({ status, held }) => status === 'failed' && held!.since > seen.held!.since);
      await order.rollback(handle);
      expect((await handle.result()).status).toBe('rolled back');
    },
    {
      from: '2A.prepare.directories',
      left: { state: { records: Object.fromEntries(preflight.map(({ id }) => [id, passed(id)])) } },
    },
  );
});

describe('a rollback in which an error came up that nobody foresaw', () => {
  const rollback = { kind: 'rollback', by: 'ada', scope: 'all', reason: 'go back' } as const;
  const wait = { on: 'a person', step: 'the week', command: 'hubshift resume' };
  const doing: Order = {
    kind: 'hold',
    status: 'failed',
    reason: 'an error',
    since: 0,
    wait,
    ordered: false,
    resumed: rollback,
  };
  const begun = { from: '2A.check.restart' };

  test('is gone on with by resume, and not the tasks', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle }) => {
        await until(lab, handle, ({ status }) => status === 'failed');
        await order.resume(handle);
        expect((await handle.result()).status).toBe('rolled back');
      },
      { ...begun, left: { state: { doing } } },
    );
  });

  test('is not taken for the one that is ordered after it', bounded, async () => {
    // Everything is undone, it says: what is ordered now looks itself.
    const undoing = { phase: '2A' as const, since: 0, undone: {}, begun: [], actions: [] };
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await until(lab, handle, ({ status }) => status === 'failed');
        await order.rollback(handle);
        const state = await handle.result();
        expect(state).toMatchObject({ status: 'rolled back', rollback: { scope: 'all' } });
        expect(state.undoing).toBeUndefined();
        expect(
          machines
            .asked('rollback')
            .map(({ machine }) => machine)
            .sort(),
        ).toEqual(['MainPC', 'PC2']);
      },
      { ...begun, left: { state: { doing, undoing } } },
    );
  });
});

test('what was undone behind the week is done again when a person lets it go on', bounded, async () => {
  const step = '2A.deploy.container';
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('newestEntries', async () => [
        { entry: 9, step, kind: 'container.remove', target: 'edgehub', live: false },
      ]);
      const seen = await until(lab, handle, ({ status }) => status === 'paused');
      expect(seen.held!.reason).toMatch(/9 container.remove edgehub of 2A.deploy.container, undone there/);
      expect(machines.asked('deployContainer')).toEqual([]);
      await order.resume(handle);
      await until(lab, handle, () => machines.asked('deployContainer').length > 0);
      await order.rollback(handle);
      expect((await handle.result()).status).toBe('rolled back');
    },
    { from: '2B.scrape.central' },
  );
});
