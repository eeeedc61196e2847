// The way back: from every state of the week, once, to the state before it.
import { describe, expect, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import { reportOf } from '../../plan/report/report.ts';
import * as messages from '../../workflows/orders/messages.ts';
import type { Agent } from '../../plan/schema/agent.ts';
import { week1Plan, type Handle, type Running } from './harness.ts';
import { order, refusal, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };

interface Point {
  when: string;
  from: string;
  arrive(week: Running): Promise<unknown>;
}

const points: Point[] = [
  {
    when: 'in the preflight',
    from: '2A.prepare.docker',
    arrive: ({ handle, machines }) =>
      hanging(
        handle,
        machines.hang('measureImpact', (_ask, machine) => machine === 'PC2'),
      ),
  },
  {
    when: 'in mid-activity of 2A',
    from: '2A.prepare.directories',
    arrive: ({ handle, machines }) => hanging(handle, machines.hang('deployContainer')),
  },
  {
    when: 'while a fault of 2C is in force',
    from: '2C.resilience.node-down',
    arrive: ({ handle, machines }) => hanging(handle, machines.hang('natsAlone')),
  },
  {
    when: 'in a log watch',
    from: '2D.deploy.observability_hub',
    arrive: ({ handle }) =>
      soon(handle, ({ windows }) => windows.some(({ id }) => id === '2D.deploy.observability_hub.log-watch')),
  },
  {
    when: 'in the soak',
    from: '2D.soak',
    arrive: ({ handle }) => until(lab, handle, ({ windows }) => windows.some(({ creditMs }) => creditMs > 0)),
  },
  {
    when: 'at the gate',
    from: 'week.redundancy',
    arrive: ({ handle }) => until(lab, handle, ({ status }) => status === 'deciding'),
  },
  {
    when: 'while paused',
    from: '2D.soak',
    arrive: async (week) => {
      await soon(week.handle, ({ windows }) => windows.length > 0);
      await order.pause(week.handle);
      return soon(week.handle, ({ status }) => status === 'paused');
    },
  },
  {
    when: 'while a failed step waits for an answer',
    from: '2A.check.restart',
    arrive: ({ handle, machines }) => {
      machines.override('readSequences', async () => ({ sequences: [], samples: 0 }));
      return until(lab, handle, ({ status }) => status === 'failed');
    },
  },
];

function hanging(handle: Handle, one: { asked: number }) {
  return until(lab, handle, () => one.asked > 0);
}

describe('a rollback ends the week in the state before it, from both ledgers', () => {
  test.each(points)('$when', bounded, async ({ from, arrive }) => {
    await lab.run(
      week1Plan(),
      async (week) => {
        const { handle, machines } = week;
        await arrive(week);
        expect(await order.rollback(handle, 'enough')).toBe('The rollback begins.');
        const state = await handle.result();
        expect(state).toMatchObject({ status: 'rolled back', phase: 'end' });
        expect(machines.asked('rollback').map(({ machine, ask }) => [machine, ask.scope])).toEqual(
          expect.arrayContaining([
            ['MainPC', 'all'],
            ['PC2', 'all'],
          ]),
        );
        expect(state.undone.map(({ machine, result }) => [machine, result])).toEqual([
          ['MainPC', 'undone'],
          ['PC2', 'undone'],
        ]);
        expect(
          Object.keys(state.records).filter(
            (id) => !id.startsWith('preflight.') && id !== 'ledger.open' && !id.includes('undo'),
          ),
        ).toEqual([]);
        expect(
          Object.values(state.records).filter(({ id, verdict }) => id.includes('undo') && verdict === 'fail'),
        ).toEqual([]);
        const after = machines.calls.slice(machines.calls.findIndex(({ verb }) => verb === 'rollback'));
        expect(after.filter(({ ask }) => ask?.change !== undefined)).toEqual([]);
        expect(machines.asked('liftFault').length).toBeGreaterThanOrEqual(machines.asked('injectFault').length);
      },
      { from },
    );
  });
});

test('no order is taken while the week rolls back', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      const one = machines.hang('deployContainer');
      await hanging(handle, one);
      const release = machines.hold('rollback');
      await order.rollback(handle, 'enough');
      const seen = await soon(handle, ({ status }) => status === 'rolling back');
      expect(seen).toMatchObject({ phase: 'rollback', held: { reason: 'ada: enough' } });
      await Promise.all(
        [order.rollback(handle), order.pause(handle), order.resume(handle)].map(async (given) =>
          expect(await refusal(given)).toMatch(/is rolling back; wait for its end/),
        ),
      );
      release();
      expect((await handle.result()).status).toBe('rolled back');
    },
    { from: '2A.prepare.directories' },
  );
});

test('a rollback with a failed entry holds the week and names it; a second one finishes', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await until(lab, handle, ({ status }) => status === 'deciding');
      machines.override('rollback', async (_ask, usual, machine) =>
        machine === 'PC2'
          ? [
              {
                entry: 1,
                step: '2A.deploy.container',
                kind: 'container.remove',
                target: 'edgehub',
                result: 'failed',
                detail: 'Docker does not answer',
                ms: 5,
              },
            ]
          : usual(),
      );
      await order.rollback(handle);
      const held = await soon(handle, ({ status }) => status === 'paused');
      expect(held.held?.reason).toMatch(/left failures/);
      expect(held.undone).toEqual({
        results: { failed: 1, undone: 1 },
        failed: ['PC2: container.remove edgehub: Docker does not answer'],
      });
      machines.restore('rollback');
      await order.rollback(handle);
      const state = await handle.result();
      expect(state.status).toBe('rolled back');
      expect(state.undone.filter(({ result }) => result === 'failed')).toEqual([]);
    },
    { from: 'week.redundancy' },
  );
});

test('a rollback whose activity gives up is held as failed', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await until(lab, handle, ({ status }) => status === 'deciding');
      machines.override('rollback', (_ask, usual, machine) => {
        if (machine === 'PC2') throw ApplicationFailure.nonRetryable('the disk is full');
        return usual();
      });
      await order.rollback(handle);
      const held = await soon(handle, ({ status }) => status === 'paused');
      expect(held.undone?.failed).toEqual([expect.stringContaining('the disk is full')]);
    },
    { from: 'week.redundancy' },
  );
});

test(
  'what a deployment replaced is what an undo is compared with, also where others had changed it since its backup',
  bounded,
  async () => {
    const theirs = '7'.repeat(64);
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        const [{ config }] = week1Plan().agents as [Agent];
        machines.override('deployAgent', async (ask: { agent: { config: string } }, usual) => ({
          ...((await usual()) as object),
          ...(ask.agent.config === config ? { originalSha256: theirs } : {}),
        }));
        machines.override('digestFile', async (ask: { path: string; before?: object }, usual) => ({
          ...((await usual()) as object),
          ...(ask.path === config && !ask.before ? { sha256: theirs } : {}),
        }));
        await until(lab, handle, ({ windows }) => windows.some(({ id }) => id.endsWith('.log-watch')));
        await order.rollback(handle, 'it misbehaves', { task: '2D' });
        await soon(handle, ({ status }) => status === 'paused');
        const { records } = await handle.query(messages.state);
        expect(records['2D.undo.restore']).toMatchObject({ verdict: 'pass' });
        expect(machines.asked('deployAgent')[0]?.ask.edit).toMatchObject({
          kind: 'dual-hub',
          settings: { hub_endpoints: { primary: expect.any(String) } },
        });
      },
      { from: '2D.backup' },
    );
  },
);

test(
  'one agent alone goes back, not one with a longer name, and its log is watched anew when it is deployed again',
  bounded,
  async () => {
    const plan = week1Plan(({ agents }) => {
      for (const agent of agents) if (agent.name === 'resource_manager') agent.name = 'observability_hub_2';
    });
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        let end = 0;
        machines.override('logOffset', async () => ({ offset: (end += 1000) }));
        await until(lab, handle, ({ windows }) =>
          windows.some(({ id }) => id === '2D.deploy.observability_hub_2.log-watch'),
        );
        await order.rollback(handle, 'it misbehaves', { agent: 'observability_hub' });
        const held = await soon(handle, ({ status }) => status === 'paused');
        expect(held.held?.reason).toBe('agent observability_hub was rolled back for ada');
        const { records } = await handle.query(messages.state);
        expect(records).not.toHaveProperty(['2D.deploy.observability_hub.observation']);
        expect(records).toHaveProperty(['2D.deploy.observability_hub_2']);
        await order.resume(handle);
        await until(lab, handle, ({ windows }) =>
          windows.some(({ id }) => id === '2D.deploy.observability_hub.log-watch'),
        );
        const deployed = machines.asked('deployAgent').map(({ ask }) => ask.agent.name);
        // The second time is the rehearsal of its rollback.
        expect(deployed).toEqual([
          'observability_hub',
          'observability_hub',
          'observability_hub_2',
          'observability_hub',
        ]);
        expect(machines.asked('watchLog').at(-1)?.ask).toMatchObject({ path: plan.agents[0]!.log, fromOffset: 3000 });
      },
      { from: '2D.deploy.observability_hub' },
    );
  },
);

test('after a GO the evidence of the week goes with what is undone, into the report of it', bounded, async () => {
  const first = { kind: 'rollback', by: 'ada', scope: 'all', reason: 'second thoughts' } as const;
  const reports = { files: ['/reports/run.json'] };
  await lab.run(
    week1Plan(),
    async ({ handle }) => {
      const state = await handle.result();
      const before = { status: 'completed', phase: 'end', reports: reports.files };
      expect(state).toMatchObject({ status: 'rolled back', stood: before });
      const { requirements, stood } = reportOf(state, Date.now());
      expect(stood).toMatchObject(before);
      // The rest is what it was undone from: not measured any more, and not done any more.
      expect(requirements.find(({ id }) => id === 'kpi.failover-time')).toMatchObject({ verdict: 'pass' });
      expect(requirements.find(({ id }) => id === '2A.deploy.container')).toMatchObject({
        verdict: 'open',
        before: { verdict: 'pass' },
      });
    },
    { from: 'week.redundancy', left: { state: { status: 'completed', phase: 'end', reports }, first } },
  );
});

test(
  'a part that was undone after a GO is not done again, and what was kept is not undone for that',
  bounded,
  async () => {
    // As a client of before orders it.
    const first = { kind: 'rollback', by: 'ada', scope: { task: '2D' }, reason: 'a mistake' } as const;
    await lab.run(
      week1Plan(),
      async ({ handle, machines, state: { run } }) => {
        machines.kept.add(run);
        await soon(handle, ({ status }) => status === 'paused');
        await order.resume(handle);
        const held = await soon(handle, ({ held: now }) => now?.reason.includes('takes no more changes') === true);
        expect(held.waits).toMatchObject([{ command: 'hubshift rollback, which undoes everything' }]);
        expect(machines.asked('rollback').filter(({ ask }) => ask.scope === 'all')).toEqual([]);
        await order.rollback(handle);
        expect((await handle.result()).status).toBe('rolled back');
      },
      { from: 'week.redundancy', left: { state: { status: 'completed', phase: 'end' }, first } },
    );
  },
);

test('a week that goes on after a rollback that left failures does not stand as it did before', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await until(lab, handle, ({ status }) => status === 'deciding');
      machines.override('rollback', () => {
        throw ApplicationFailure.nonRetryable('the disk is full');
      });
      await order.rollback(handle);
      const { waits } = await soon(handle, ({ status }) => status === 'paused');
      expect(waits).toMatchObject([{ command: expect.stringContaining('hubshift resume') }]);
      expect(await handle.query(messages.state)).toMatchObject({ stood: { status: 'running', phase: 'gate' } });
      machines.hang('deployContainer');
      await order.resume(handle);
      await soon(handle, ({ status }) => status === 'running');
      expect(await handle.query(messages.state)).not.toHaveProperty('stood');
      machines.restore('rollback');
      await order.rollback(handle);
      expect((await handle.result()).status).toBe('rolled back');
    },
    { from: 'week.redundancy' },
  );
});
