// What a step that does not pass leads to: ask, undo-task, undo-all, by plan and by task.
import { expect, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { Plan } from '../../plan/schema/plan.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan, type Running } from './harness.ts';
import { order, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };
/** Two checks before the one that fails. */
const from = { from: '2A.check.restart' };

/** CentralHub loses a target in task 2A (before it, the week would not be blamed), for as long as that is not undone. */
function impaired({ machines }: Running): void {
  const lost = { targets: [{ job: 'agents', instance: 'PC2:8101', health: 'down', lastError: 'no route to host' }] };
  const inTask2A = () => machines.asked('openLedger').length > 0 && machines.asked('rollback').length === 0;
  machines.override('targets', async (_ask, usual) => ({ ...(await usual()), ...(inTask2A() ? lost : {}) }));
}

const policy = (failure: Partial<Plan['failure']>) => week1Plan((plan) => Object.assign(plan.failure, failure));
const scopes = ({ machines }: Running) => [
  ...new Set(machines.asked('rollback').map(({ ask }) => JSON.stringify(ask.scope))),
];

test(
  'ask: when nobody answers, the row is done again at the deadline; a plan of version 1 then undoes the task, and resume does that again',
  bounded,
  async () => {
    const plan = policy({ atDeadline: 'undo-task', askDeadline: 4 * 3_600_000 });
    await lab.run(
      plan,
      async (week) => {
        const { handle, machines } = week;
        impaired(week);
        const failed = await until(lab, handle, ({ status }) => status === 'failed');
        expect(failed.held?.deadline).toBe((failed.held?.since ?? 0) + plan.failure.askDeadline);
        expect(failed.waits[0]?.until).toBe(failed.held?.deadline);
        await lab.skip(plan.failure.askDeadline - 60_000);
        expect((await handle.query(messages.progress)).held?.reason).toMatch(/^2A.check.no-impact did not pass/);
        expect(machines.asked('rollback')).toEqual([]);

        await lab.skip(240_000);
        const held = await soon(handle, ({ held: is }) => is?.reason.startsWith('task 2A was undone') ?? false);
        expect(held).toMatchObject({
          status: 'failed',
          held: { reason: expect.stringMatching(/nobody answered within 4h; done again, it did not pass$/) },
        });
        // What stands on it goes first.
        expect(scopes(week)).toEqual(['{"task":"2D"}', '{"task":"2B"}', '{"task":"2A"}']);
        const state = await handle.query(messages.state);
        expect(Object.keys(state.records).filter((id) => id.startsWith('2A.') && !id.startsWith('2A.undo.'))).toEqual(
          [],
        );
        expect(state.records['preflight.machines']?.verdict).toBe('pass');
        expect(state.history.some(({ id, verdict }) => id === '2A.check.no-impact' && verdict === 'fail')).toBe(true);

        machines.restore('targets');
        await order.resume(handle);
        const on = await until(lab, handle, ({ phase, status }) => phase === '2B' || status !== 'running');
        expect(on).toMatchObject({ phase: '2B', issues: [] });
        expect(machines.asked('deployContainer').map(({ ask }) => ask.spec.name)).toContain('edgehub');
      },
      from,
    );
  },
);

test(
  'ask: nothing is undone at the deadline where the plan says hold, and people may go on from there',
  bounded,
  async () => {
    await lab.run(
      policy({ atDeadline: 'hold', askDeadline: 2 * 3_600_000 }),
      async (week) => {
        const { handle, machines } = week;
        impaired(week);
        await until(lab, handle, ({ status }) => status === 'failed');
        await lab.skip(2 * 3_600_000 + 240_000);
        const held = await soon(handle, ({ held: is }) => is?.reason.includes('nobody answered') ?? false);
        expect(held).toMatchObject({
          status: 'failed',
          held: {
            reason: expect.stringMatching(/^2A.check.no-impact did not pass.*within 2h; done again, it did not pass$/),
          },
          waits: [{ command: expect.stringContaining('hubshift retry 2A.check.no-impact') }],
        });
        expect(held.waits[0]).not.toHaveProperty('until');
        await lab.skip(2 * 3_600_000);
        expect(machines.asked('rollback')).toEqual([]);
        machines.restore('targets');
        await order.retry(handle, '2A.check.no-impact');
        await until(lab, handle, ({ phase }) => phase === '2B');
        expect(machines.asked('rollback')).toEqual([]);
      },
      from,
    );
  },
);

test(
  'ask: where who asks is refused, and still is at the deadline, nobody can tell, and nothing is undone by that',
  bounded,
  async () => {
    await lab.run(
      policy({ atDeadline: 'undo-task', askDeadline: 2 * 3_600_000 }),
      async ({ handle, machines }) => {
        const refused = 'GET https://MainPC:9000 answered 401 (passwordFile /etc/site/password)';
        machines.override('targets', async (_ask, usual) => {
          if (machines.asked('openLedger').length > 0) throw ApplicationFailure.nonRetryable(refused, 'NotSeen');
          return usual();
        });
        await until(lab, handle, ({ status }) => status === 'failed');
        const { records } = await handle.query(messages.state);
        expect(records['2A.check.no-impact']).toMatchObject({ verdict: 'inconclusive', summary: refused });
        await lab.skip(2 * 3_600_000 + 240_000);
        const held = await soon(handle, ({ held: is }) => is?.reason.includes('nobody answered') ?? false);
        expect(held.held?.reason).toMatch(/done again, nobody can tell, and nothing is undone by that$/);
        expect(machines.asked('rollback')).toEqual([]);
      },
      from,
    );
  },
);

test('undo-task: the task is undone at once and the week held', bounded, async () => {
  await lab.run(
    policy({ onFailure: 'undo-task' }),
    async (week) => {
      impaired(week);
      const held = await until(lab, week.handle, ({ status }) => status === 'failed');
      expect(held.held).toMatchObject({
        reason: expect.stringMatching(/^task 2A was undone: 2A.check.no-impact did not pass: /),
      });
      expect(held.held?.deadline).toBeUndefined();
      // What stands on it goes first.
      expect(scopes(week)).toEqual(['{"task":"2D"}', '{"task":"2B"}', '{"task":"2A"}']);
    },
    from,
  );
});

test('undo-all: the week ends rolled back and says why', bounded, async () => {
  await lab.run(
    policy({ onFailure: 'undo-all' }),
    async (week) => {
      impaired(week);
      const state = await week.handle.result();
      expect(state.status).toBe('rolled back');
      expect(state.held?.reason).toMatch(/^2A.check.no-impact did not pass/);
      expect(scopes(week)).toEqual(['"all"']);
    },
    from,
  );
});

test('a task has a policy of its own', bounded, async () => {
  await lab.run(
    policy({ onFailure: 'undo-all', tasks: { '2A': 'ask' } }),
    async (week) => {
      impaired(week);
      const failed = await until(lab, week.handle, ({ status }) => status === 'failed');
      expect(failed.held?.deadline).toBeDefined();
      expect(week.machines.asked('rollback')).toEqual([]);
    },
    from,
  );
});

test('an activity that keeps failing fails its step with what it said, after its retries', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('restartContainer', () => {
        throw new Error('edgehub does not stop');
      });
      const failed = await until(lab, handle, ({ status }) => status === 'failed');
      expect(failed.issues).toMatchObject([
        { id: '2A.check.restart', verdict: 'fail', summary: 'edgehub does not stop' },
      ]);
      expect(machines.asked('restartContainer')).toHaveLength(5);
    },
    from,
  );
});

test('work beside a step that fails is cancelled, awaited, and leaves no record', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      const hanging = machines.hang('alerts');
      machines.override('directoryState', async (_ask, usual) => ({ ...(await usual()), freeBytes: 5 }));
      await until(lab, handle, ({ status }) => status === 'failed');
      expect(hanging).toEqual({ asked: 1, ended: 1 });
      const { records } = await handle.query(messages.state);
      expect(records['2A.check.storage']?.verdict).toBe('fail');
      expect(records).not.toHaveProperty(['2A.check.alert']);
    },
    { from: '2A.check.accessible' },
  );
});

test('a ledger that was closed by a rollback without Temporal ends the week rolled back', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('deployContainer', () => {
        throw ApplicationFailure.nonRetryable('the ledger is closed', 'LedgerClosed');
      });
      const state = await handle.result();
      expect(state).toMatchObject({
        status: 'rolled back',
        held: { reason: expect.stringContaining('without Temporal') },
      });
      expect(machines.asked('rollback')).toHaveLength(2);
    },
    { from: '2A.deploy.container' },
  );
});
