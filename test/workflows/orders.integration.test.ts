// Orders to a running week: pause, resume, retry, skip, and what is refused.
import { expect, test } from 'vitest';
import type { UpdateDefinition } from '@temporalio/common';
import { week1Plan } from './harness.ts';
import { decide, missing, order, refusal, soon, speaker, until } from './people.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };

test('a pause stops an activity in its middle within 2 s, and resume does its step again', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      const hanging = machines.hang('deployContainer', ({ spec }) => spec.name === 'edgehub');
      await until(lab, handle, () => hanging.asked === 1);
      expect(await refusal(order.resume(handle))).toMatch(/not paused/);
      const at = Date.now();
      await order.pause(handle);
      const seen = await soon(handle, ({ status }) => status === 'paused');
      expect(hanging.ended).toBe(1);
      expect(Date.now() - at).toBeLessThan(2_000);
      expect(seen.held?.reason).toBe('paused by ada: lunch');
      expect(seen.waits).toMatchObject([{ on: 'a person', command: 'hubshift resume, or hubshift rollback' }]);
      expect(seen.running).toEqual([]);
      expect(await refusal(order.pause(handle))).toMatch(/paused already/);

      machines.restore('deployContainer');
      await lab.skip(2 * 3_600_000);
      await order.resume(handle);
      const on = await until(lab, handle, ({ phase, issues }) => phase === '2B' || issues.length > 0);
      expect(on).toMatchObject({ status: 'running', issues: [] });
      const { records, interruptions } = await handle.query(messages.state);
      const { startedAt, endedAt, ...deployed } = records['2A.deploy.container']!;
      expect(deployed).toMatchObject({ verdict: 'pass', attempts: 1 });
      // The two hours are not of the time that the task took.
      const [[from, to], ...more] = interruptions!.times as [[number, number]];
      expect(more).toEqual([]);
      expect(to - from).toBeGreaterThanOrEqual(2 * 3_600_000);
      expect(from - startedAt + (endedAt - to)).toBeLessThan(60_000);
      expect(machines.asked('deployContainer').filter(({ ask }) => ask.spec.name === 'edgehub')).toHaveLength(2);
      expect(
        machines.asked('ensureDirectories').filter(({ ask }) => ask.change.step === '2A.prepare.directories'),
      ).toHaveLength(1);
    },
    { from: '2A.prepare.directories' },
  );
});

test(
  'an order for another run, or with another text of the plan, is refused by the week itself; who names the run is heard',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines, state: { run } }) => {
        const hanging = machines.hang('deployContainer', ({ spec }) => spec.name === 'edgehub');
        await until(lab, handle, () => hanging.asked === 1);
        const other = { ...speaker, planDigest: 'of another text', reason: 'x' };
        const refused = /another text of the plan/;
        const update = <Ask>(definition: UpdateDefinition<string, [Ask]>, ask: Ask) =>
          refusal(handle.executeUpdate(definition, { args: [ask] }));
        expect(await update(messages.pause, other)).toMatch(refused);
        expect(await update(messages.resume, other)).toMatch(refused);
        expect(await update(messages.retry, { ...other, step: '2A.deploy.container' })).toMatch(refused);
        expect(await update(messages.skip, { ...other, step: '2A.deploy.container' })).toMatch(refused);
        expect(await update(messages.accept, { ...other, row: '2A.deploy.healthy' })).toMatch(refused);
        expect(await update(messages.rollback, { ...other, scope: 'all' })).toMatch(refused);
        for (const level of [1, 2, 3] as const)
          expect(await update(messages.emergency, { ...other, level, agent: 'resource_manager' })).toMatch(refused);
        const go = { decision: 'go', confidencePercent: 95, evidence: '' } as const;
        expect(await update(messages.approve, { ...other, ...go })).toMatch(refused);
        const another = { ...other, run: 'another' };
        expect(await update(messages.pause, another)).toMatch(/^This order is for run another/);
        expect(await update(messages.accept, { ...another, row: '2A.deploy.healthy' })).toMatch(
          /^This order is for run/,
        );
        expect((await handle.query(messages.progress)).status).toBe('running');

        await handle.executeUpdate(messages.pause, { args: [{ ...speaker, reason: 'lunch', run }] });
        await soon(handle, ({ status }) => status === 'paused');
        machines.restore('deployContainer');
      },
      { from: '2A.prepare.directories' },
    );
  },
);

test('a week that waits for a missing worker can be paused, and waits no more', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, startWorker }) => {
      await missing(lab, handle);
      await order.pause(handle);
      const paused = await soon(handle, ({ status }) => status === 'paused');
      expect(paused.waits.map(({ on }) => on)).toEqual(['a person']);
      await startWorker('PC2');
      await order.resume(handle);
      const on = await until(lab, handle, ({ tasks }) => tasks[0]?.verdict !== 'open');
      expect(on).toMatchObject({ status: 'running', waits: [] });
      expect(on.tasks[0]).toMatchObject({ task: 'preflight', verdict: 'pass' });
    },
    { without: ['PC2'] },
  );
});

test('a failed step asks a person, and passes when it is retried', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('directoryState', async (_ask, usual) => ({ ...(await usual()), owner: '0:0' }));
      const failed = await until(lab, handle, ({ status }) => status === 'failed');
      expect(failed.waits).toMatchObject([
        {
          on: 'a person',
          step: '2A.check.storage',
          command: expect.stringContaining('hubshift retry 2A.check.storage'),
        },
      ]);
      expect(failed.held?.reason).toContain('belongs to 0:0');
      expect(failed.verdict).toBe('fail');
      expect(await refusal(order.resume(handle))).toMatch(/hubshift retry STEP or hubshift skip STEP/);
      expect(await refusal(order.retry(handle, '2A.check.storrage'))).toMatch(/no row 2A.check.storrage/);
      expect(await refusal(order.retry(handle, '2A.config.valid'))).toMatch(/passed/);
      expect(await refusal(order.retry(handle, '2C.latency'))).toMatch(/not done yet/);
      expect(await refusal(order.skip(handle, '2Z'))).toMatch(/no row 2Z/);
      expect(await refusal(order.skip(handle, '2A.config.valid'))).toMatch(/passed/);
      expect(await refusal(order.skip(handle, '2A.check.storage', ' '))).toMatch(/needs a reason/);
      expect(
        await refusal(
          handle.executeUpdate(messages.retry, { args: [{ ...speaker, by: '', step: '2A.check.storage' }] }),
        ),
      ).toMatch(/needs a name/);
      expect(await refusal(order.rollback(handle, 'x', { agent: 'nobody' }))).toMatch(/no agent nobody/);
      expect(await refusal(order.rollback(handle, 'x', { task: '2Z' }))).toMatch(/no task 2Z/);

      machines.restore('directoryState');
      await order.retry(handle, '2A.check.storage');
      await until(lab, handle, ({ phase }) => phase === '2B');
      const state = await handle.query(messages.state);
      expect(state.records['2A.check.storage']).toMatchObject({ verdict: 'pass', attempts: 2 });
      expect(state.history).toMatchObject([{ id: '2A.check.storage', verdict: 'fail', attempts: 1 }]);
    },
    { from: '2A.check.accessible' },
  );
});

test(
  'a finding that is accepted is on record with its reason and stands in the way of a GO that the plan does not let stand on it, also when it passes; after the end nothing is taken',
  bounded,
  async () => {
    await lab.run(
      week1Plan(({ gate }) => (gate.acceptable = [])),
      async ({ handle, machines }) => {
        // What is done again is over in a moment: a slice that ends as the gate cancels it would be lost on the test server.
        machines.hang('measure');
        machines.override('awaitReady', async ({ url }, usual) =>
          url.includes(':9091') ? { url, ok: false, status: 503, latencyMs: 1, waitedMs: 20_000 } : usual(),
        );
        await until(lab, handle, ({ status }) => status === 'failed');
        await order.accept(handle, 'week.health', 'the gateway is being rebuilt');
        const deciding = await until(lab, handle, ({ status }) => status === 'deciding');
        expect(deciding.issues).toMatchObject([
          { id: 'week.health', waived: { by: 'ada', reason: 'the gateway is being rebuilt' } },
        ]);
        expect(await refusal(decide(handle))).toMatch(
          /speaks for a NO-GO: go.criteria-met: .*week.health.*needs --override/,
        );

        machines.restore('awaitReady');
        await order.retry(handle, 'week.health');
        await until(lab, handle, ({ status, issues }) => status === 'deciding' && issues.length === 0);
        expect(await refusal(decide(handle))).toMatch(
          /speaks for a NO-GO: go.findings: week.health: attempt: .*accepted, and the plan takes no attempt for a GO/,
        );
        await decide(handle, { override: true });
        await decide(handle, { override: true, by: 'grace' });
        const ended = await handle.result();
        expect(ended.status).toBe('completed');
        expect(ended.records['week.health']).toMatchObject({ verdict: 'pass', attempts: 2 });
        expect(ended.records['week.health']?.waived).toBeUndefined();
        await expect(order.pause(handle)).rejects.toThrow(/completed|not found/i);
        await expect(order.rollback(handle)).rejects.toThrow(/completed|not found/i);
      },
      { from: 'week.redundancy' },
    );
  },
);
