// A week goes on in a new history wherever it is, and nothing of it is lost.
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { controlQueue } from '../../plan/names.ts';
import type { Snapshot } from '../../plan/week/snapshot.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan, type Handle, type Running } from './harness.ts';
import { decide, missing, order, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };

/** Orders a new history and waits until it is there. Asks nothing meanwhile: the test server loses count of its time locks by that. */
async function takeOver(handle: Handle): Promise<Snapshot> {
  const begun = async () => {
    const { runId, historyLength } = await handle.describe();
    return historyLength > 4 ? runId : before;
  };
  const before = (await handle.describe()).runId;
  // Its answer may come with the end of the history that took it, which the test server does not hand on.
  handle.executeUpdate(messages.takeOver, { args: [{ ...speaker, queue: controlQueue }] }).catch(() => undefined);
  await expect.poll(begun, { timeout: 30_000 }).not.toBe(before);
  return soon(handle, () => true);
}

/** All but what tells the time of the look: the evidence is looked at anew, and is the same by its digest. */
const lasting = (seen: Snapshot) => ({
  ...seen,
  at: undefined,
  evidence: seen.evidence?.digest,
  waits: seen.waits.map((wait) => ({ ...wait, since: undefined })),
});

interface Point {
  when: string;
  from: string;
  arrive(week: Running): Promise<unknown>;
}

const waits: Point[] = [
  {
    when: 'paused by a person',
    from: '2A.check.restart',
    arrive: async ({ handle, machines }) => {
      const hanging = machines.hang('restartContainer');
      await until(lab, handle, () => hanging.asked > 0);
      await order.pause(handle);
    },
  },
  {
    when: 'after a step that failed',
    from: '2A.check.restart',
    arrive: async ({ handle, machines }) => {
      machines.override('restartContainer', () => {
        throw ApplicationFailure.nonRetryable('edgehub does not stop');
      });
      await until(lab, handle, ({ status }) => status === 'failed');
    },
  },
  {
    when: 'at the gate',
    from: 'week.redundancy',
    arrive: ({ handle }) => until(lab, handle, ({ status, evidence }) => status === 'deciding' && Boolean(evidence)),
  },
];

describe('a week that waits for people goes on waiting, until the same time and for the same', () => {
  test.each(waits)('$when', bounded, async ({ from, arrive }) => {
    await lab.run(
      week1Plan((plan) => (plan.gate.approvals = 2)),
      async (week) => {
        const { handle } = week;
        await arrive(week);
        const before = await soon(handle, ({ status, running }) => status !== 'running' && running.length === 0);
        if (before.status === 'deciding') await decide(handle);
        const expected = await handle.query(messages.progress);
        await takeOver(handle);
        const after = await soon(handle, ({ waits: on }) => on.length > 0);
        expect(lasting(after)).toEqual(lasting(expected));
      },
      { from },
    );
  });
});

test('a step in its middle is begun anew, and counts as one attempt', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      const hanging = machines.hang('restartContainer');
      await until(lab, handle, () => hanging.asked > 0);
      const { running } = await handle.query(messages.progress);
      const again = takeOver(handle);
      await expect.poll(() => hanging.asked, { timeout: 20_000 }).toBe(2);
      expect((await again).running).toEqual(running);
      machines.restore('restartContainer');
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await order.resume(handle);
      await until(lab, handle, ({ tasks }) => tasks.some(({ task, done, total }) => task === '2A' && done === total));
      const { records } = await handle.query(messages.state);
      expect(records['2A.check.restart']).toMatchObject({ verdict: 'pass', attempts: 1 });
    },
    { from: '2A.check.restart' },
  );
});

test('a soak keeps what it has seen', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle }) => {
      const { windows } = await until(lab, handle, ({ windows: open }) => open.some(({ creditMs }) => creditMs > 0));
      const after = await takeOver(handle);
      expect(after.windows[0]!.creditMs).toBeGreaterThanOrEqual(windows[0]!.creditMs);
      expect(after.windows[0]!.startedAt).toBe(windows[0]!.startedAt);
    },
    { from: '2D.soak' },
  );
});

test('a rollback that waits for a machine goes on with the others’ part done', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines, endWorker, startWorker }) => {
      const hanging = machines.hang('restartContainer');
      await until(lab, handle, () => hanging.asked > 0);
      await endWorker('PC2');
      await order.rollback(handle);
      await missing(lab, handle);
      const asked = machines.asked('rollback').filter(({ machine }) => machine === 'MainPC').length;
      const after = await takeOver(handle);
      expect(after.status).toBe('rolling back');
      await startWorker('PC2');
      await soon(handle, ({ status }) => status === 'rolled back', 30_000).catch(() => undefined);
      const state = await handle.result();
      expect(state.status).toBe('rolled back');
      expect(state.undoing).toBeUndefined();
      expect(machines.asked('rollback').filter(({ machine }) => machine === 'MainPC')).toHaveLength(asked);
    },
    { from: '2A.check.restart' },
  );
});
