// Waits that a plan or a missing worker brings: each names whom it waits for.
import { expect, test } from 'vitest';
import * as messages from '../../workflows/orders/messages.ts';
import { glance } from '../../plan/week/snapshot.ts';
import { week1Plan } from './harness.ts';
import { missing, order, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(150_000);

const bounded = { timeout: 180_000 };
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test('holdBefore waits for a person before the task, once', bounded, async () => {
  await lab.run(
    week1Plan((plan) => (plan.holdBefore = ['2C'])),
    async ({ handle, machines }) => {
      const held = await until(lab, handle, ({ status }) => status === 'paused');
      expect(held).toMatchObject({
        phase: '2C',
        held: { reason: 'paused by the plan: holdBefore 2C' },
        waits: [{ on: 'a person' }],
      });
      expect(held.tasks.find(({ task }) => task === '2B')?.verdict).toBe('pass');
      expect(machines.asked('portHolders').filter(({ ask }) => ask.ports.includes(4222))).toEqual([]);
      await order.resume(handle);
      await until(lab, handle, ({ tasks }) => tasks.some(({ task, done }) => task === '2C' && done > 3));
      await order.pause(handle);
      await soon(handle, ({ held: is }) => is?.reason === 'paused by ada: lunch');
      await order.resume(handle);
      const on = await until(
        lab,
        handle,
        ({ tasks, status }) => status !== 'running' || tasks.some(({ task, done }) => task === '2C' && done > 8),
      );
      expect(on.status).toBe('running');
    },
    { from: '2B.test.impact' },
  );
});

test(
  'a missing worker is named with the command that starts it, and the week goes on when it is there',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, startWorker }) => {
        const seen = await missing(lab, handle);
        expect(seen).toMatchObject({
          status: 'running',
          waits: [{ on: 'the worker of pc2', step: 'preflight.machines', command: 'hubshift worker --machine PC2' }],
        });
        expect(glance(seen).waits).toEqual(['preflight.machines: the worker of pc2']);
        await startWorker('PC2');
        const on = await until(lab, handle, ({ tasks }) => (tasks[0]?.done ?? 0) > 0);
        expect(on.waits).toEqual([]);
        const { records } = await handle.query(messages.state);
        expect(records['preflight.machines']).toMatchObject({ verdict: 'pass', attempts: 1 });
      },
      { without: ['PC2'] },
    );
  },
);

test('a worker that is away for three days costs few events; the soak goes on when it is back', bounded, async () => {
  await lab.run(
    // What MainPC measures meanwhile is none of it.
    week1Plan(({ watch }) => (watch.slice = 8 * hour)),
    async ({ handle, endWorker, startWorker }) => {
      const { windows } = await until(lab, handle, ({ windows: open }) => open.some(({ creditMs }) => creditMs > hour));
      await lab.skip(minute);
      await endWorker('PC2');
      const before = await handle.describe();
      const begins = await lab.env.currentTimeMs();
      await lab.skipOver(3 * day);
      const after = await handle.describe();
      expect(after.runId).toBe(before.runId);
      const anHour = (after.historyLength - before.historyLength) / 72;
      console.log(`PC2 away for three days: ${anHour.toFixed(1)} events an hour`);
      expect(anHour).toBeLessThan(20);
      const seen = await soon(handle, ({ waits }) => waits.length > 0);
      expect(seen.waits).toMatchObject([{ on: 'the worker of pc2', command: 'hubshift worker --machine PC2' }]);
      expect(seen.waits[0]!.since).toBeLessThan(begins + 9 * hour);
      await startWorker('PC2');
      const more = windows[0]!.creditMs + 9 * hour;
      const on = await until(lab, handle, ({ windows: open }) => open.every(({ creditMs }) => creditMs > more));
      expect(on).toMatchObject({ status: 'running', waits: [] });
    },
    { from: '2D.soak' },
  );
});

// The last one: the server skips no time while a task lies in a queue that nobody asks, nor after it was cancelled there.
test('a machine that falls silent at the gate is waited for a minute, then speaks against a GO', bounded, async () => {
  // It is looked at again before the next slice is measured, which would lie in that queue.
  const plan = week1Plan(({ gate, watch }) => (gate.evidenceMaxAge = watch.slice / 3));
  await lab.run(
    plan,
    async ({ handle, endWorker }) => {
      const { evidence } = await until(lab, handle, ({ status }) => status === 'deciding');
      expect(evidence).toMatchObject({ recommendation: 'go' });
      await endWorker('PC2');
      await lab.skip(plan.gate.evidenceMaxAge);
      await expect.poll(() => lab.queued()).toBeGreaterThan(0);
      await lab.skipOver(minute - 10_000);
      const silent = await soon(handle, (seen) => seen.status === 'deciding' && seen.evidence!.at > evidence!.at);
      expect(silent.evidence).toMatchObject({
        recommendation: 'no-go',
        reasons: expect.arrayContaining([
          expect.stringMatching(/rollback-confirmed: PC2: its worker did not say what can be undone/),
        ]),
      });
    },
    { from: 'week.redundancy' },
  );
});
