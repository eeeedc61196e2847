// Waits that a plan or a missing worker brings: each names whom it waits for.
import { expect, test } from 'vitest';
import * as messages from '../../workflows/orders/messages.ts';
import { glance } from '../../plan/week/snapshot.ts';
import { type Handle, week1Plan } from './harness.ts';
import { historiesOf } from './histories.ts';
import { order, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(150_000);

const bounded = { timeout: 180_000 };
const hour = 3_600_000;
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
        const seen = await until(lab, handle, ({ waits }) => waits.length > 0);
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
    week1Plan(),
    async ({ handle, endWorker, startWorker }) => {
      const { runId } = await handle.describe();
      await until(lab, handle, ({ windows }) => windows.some(({ creditMs }) => creditMs > hour));
      // What drifts would keep time from standing where the test wants it.
      await lab.skip(1_000);
      await endWorker('PC2');
      await soon(handle, ({ waits }) => waits.some(({ on }) => on === 'the worker of pc2'), 60_000);
      const before = await eventsOf(handle, runId);
      const begins = await lab.env.currentTimeMs();
      while ((await lab.env.currentTimeMs()) < begins + 3 * day) await lab.skipOver(await queued(handle), hour);
      const hours = ((await lab.env.currentTimeMs()) - begins) / hour;
      const costs = (await eventsOf(handle, runId)).map((events, page) => events - (before[page] ?? 0));
      const anHour = costs.reduce((sum, events) => sum + events, 0) / hours;
      console.log(
        `PC2 away for ${Math.round(hours)} h: ${anHour.toFixed(1)} events an hour in ${costs.length} histories`,
      );
      expect(anHour).toBeLessThan(150);
      expect(Math.max(...(await eventsOf(handle, runId)))).toBeLessThan(10_000);
      const { creditMs } = (await handle.query(messages.progress)).windows[0]!;
      await startWorker('PC2');
      const on = await until(lab, handle, ({ windows }) =>
        windows.every((window) => window.creditMs > creditMs + hour),
      );
      expect(on).toMatchObject({ status: 'running', waits: [] });
    },
    { from: '2D.soak' },
  );
});

/** Events of each history of the week so far. */
async function eventsOf({ workflowId }: Handle, firstRun: string): Promise<number[]> {
  return (await historiesOf(lab, workflowId, firstRun)).map(({ events }) => events?.length ?? 0);
}

/** How many activities lie in queues. */
async function queued(handle: Handle): Promise<number> {
  const { pendingActivities } = (await handle.describe()).raw;
  return (pendingActivities ?? []).filter(({ startedTime, lastStartedTime }: any) => !startedTime && !lastStartedTime)
    .length;
}

// The last one: the server skips no time while a task lies in a queue that nobody asks, nor after it was cancelled there.
test('a machine that falls silent at the gate is waited for a minute, then speaks against a GO', bounded, async () => {
  const plan = week1Plan();
  await lab.run(
    plan,
    async ({ handle, endWorker }) => {
      const { evidence } = await until(lab, handle, ({ status }) => status === 'deciding');
      expect(evidence).toMatchObject({ recommendation: 'go' });
      await endWorker('PC2');
      await lab.skip(plan.gate.evidenceMaxAge + 60_000);
      const silent = await soon(
        handle,
        (seen) => seen.status === 'deciding' && seen.evidence!.at > evidence!.at,
        75_000,
      );
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
