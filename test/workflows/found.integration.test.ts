// What was found stays found on every way that leads on: a window that begins again, an order in its middle, a rollback, a GO that is not carried out yet.
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { minus } from '../../plan/evidence/sequence-sets.ts';
import type { Observation } from '../../plan/machine-api/measure.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { type Handle, week1Plan } from './harness.ts';
import { decide, order, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(110_000);

const bounded = { timeout: 130_000 };
const hour = 3_600_000;
const deciding = (handle: Handle) => until(lab, handle, ({ status }) => status === 'deciding');
const soaking = (change: Partial<Plan['watch']>) => week1Plan(({ watch }) => Object.assign(watch, change));

test('an issue for which the soak began again speaks against a GO, until a person accepts it', bounded, async () => {
  const plan = soaking({ soak: 6 * hour });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      machines.override('observe', async (_ask, usual, machine): Promise<Observation> => {
        const seen: Observation = await usual();
        if (machine !== 'PC2' || machines.asked('observe').filter((call) => call.machine === 'PC2').length !== 4)
          return seen;
        const longestDown = plan.watch.tolerate + 1;
        const down = { up: seen.samples - longestDown, down: longestDown, longestDown, firstError: 'it hangs' };
        return { ...seen, targets: { ...seen.targets, edgehub: down } };
      });
      const { evidence, findings, issues } = await deciding(handle);
      expect(issues).toEqual([]);
      expect(findings).toMatchObject([
        { id: '2D.soak', kind: 'agent', summary: 'edgehub: it hangs', times: 1, stands: false },
      ]);
      expect(evidence).toMatchObject({
        recommendation: 'no-go',
        noGo: { verdict: 'fail', evidence: { holding: ['agent instability'] } },
      });
      await order.accept(handle, '2D.soak', 'a switch was replaced');
      const after = await soon(
        handle,
        (seen) => seen.status === 'deciding' && seen.findings?.[0]?.accepted !== undefined,
      );
      expect(after.evidence).toMatchObject({ recommendation: 'go', noGo: { verdict: 'pass' } });
    },
    { from: '2D.soak' },
  );
});

test('a restart that the last slice before a pause saw is not lost with it', bounded, async () => {
  const plan = soaking({ soak: 2 * hour, soakOnIssue: 'fail' });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      machines.override('observe', async (ask, usual, machine) => {
        if (machines.asked('observe').length <= 4) return usual();
        const fromMs = await lab.env.currentTimeMs();
        await machines.untilCancelled().catch(() => undefined);
        const seen = { ...(await usual({ ...ask, untilMs: fromMs + 1 })), fromMs, toMs: fromMs + 1, samples: 1 };
        return machine === 'PC2' ? { ...seen, restarted: ['program resource_manager'] } : seen;
      });
      await until(lab, handle, () => machines.asked('observe').length > 5);
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      machines.restore('observe');
      await order.resume(handle);
      const { evidence, findings } = await deciding(handle);
      expect(findings).toMatchObject([{ id: '2D.soak', summary: 'program resource_manager restarted' }]);
      expect(evidence).toMatchObject({ recommendation: 'no-go' });
    },
    { from: '2D.soak' },
  );
});

test('what a rollback of a part left speaks against a GO once the week has gone on', bounded, async () => {
  const row = '2D.undo.verify';
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await deciding(handle);
      machines.override('programStatus', async ({ program }, usual) => ({
        ...(await usual()),
        ...(program === 'pc2_sentinel' && { pid: 4711 }),
      }));
      await order.rollback(handle, 'it is slow', { task: '2D' });
      await soon(handle, ({ status }) => status === 'paused');
      machines.restore('programStatus');
      await order.resume(handle);
      const { evidence, findings } = await deciding(handle);
      expect(findings).toMatchObject([{ id: row, kind: 'rollback', times: 1, stands: false }]);
      expect(evidence).toMatchObject({
        recommendation: 'no-go',
        noGo: { verdict: 'fail', evidence: { holding: ['failing rollback'] } },
      });
      expect(await order.accept(handle, row, 'a power cut')).toMatch(/does not stand in the way of a GO/);
      await soon(handle, (seen) => seen.status === 'deciding' && seen.evidence?.recommendation === 'go');
    },
    { from: 'week.redundancy' },
  );
});

test(
  'a GO is to what was found: what is done again before it is carried out opens the gate anew',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        machines.override('awaitReady', async ({ url }, usual) =>
          url.includes(':9091') ? { url, ok: false, status: 503, latencyMs: 1, waitedMs: 20_000 } : usual(),
        );
        await until(lab, handle, ({ status }) => status === 'failed');
        machines.restore('awaitReady');
        await order.accept(handle, 'week.health');
        await deciding(handle);
        machines.override('keepLedger', () => {
          throw ApplicationFailure.nonRetryable('the disk is full');
        });
        await decide(handle);
        await until(lab, handle, ({ status }) => status === 'failed');
        machines.restore('keepLedger');
        await order.retry(handle, 'week.health');
        const again = await deciding(handle);
        expect(again).toMatchObject({ waits: [{ on: 'go/no-go by 1 person' }], findings: [{ stands: false }] });
        expect((await handle.query(messages.state)).records['week.health']).toMatchObject({ verdict: 'pass' });
        await decide(handle);
        expect((await handle.result()).status).toBe('completed');
      },
      { from: 'week.redundancy' },
    );
  },
);

test('a loss at the last checkpoint is a loss, which no GO rests on by default', bounded, async () => {
  const row = 'week.day-4';
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('readStream', async (_ask, usual) => {
        const seen = await usual();
        return { ...seen, sequences: minus(seen.sequences, [[3, 3]]), messages: seen.messages - 1 };
      });
      await until(lab, handle, ({ status }) => status === 'failed');
      machines.restore('readStream');
      await order.retry(handle, row);
      const { evidence, findings } = await deciding(handle);
      expect(findings).toMatchObject([{ id: row, kind: 'data-loss', stands: false }]);
      expect(evidence).toMatchObject({
        recommendation: 'no-go',
        noGo: { verdict: 'fail', evidence: { holding: ['data loss'] } },
      });
      expect(await order.accept(handle, row, 'it was a test')).toMatch(/stands in the way of a GO/);
      const after = await soon(
        handle,
        (seen) => seen.status === 'deciding' && seen.findings?.[0]?.accepted !== undefined,
      );
      expect(after.evidence).toMatchObject({ recommendation: 'no-go' });
    },
    { from: row },
  );
});

test('what was seen of a service before a rollback took it away stays seen', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await deciding(handle);
      const before = (await handle.query(messages.state)).measured['PC2']!.targets['nats-pc2']!;
      const down: [number, number][] = [[before.since + 1, before.since + 2]];
      machines.override('measure', async (_ask, usual) => {
        const totals = await usual();
        const known = totals.targets['nats-pc2'];
        return { ...totals, targets: { ...totals.targets, ...(known && { 'nats-pc2': { ...known, down } }) } };
      });
      await lab.skip(2 * week1Plan().watch.slice);
      machines.restore('measure');
      const entry = { entry: 1, step: '2C.deploy.pc2', kind: 'container.remove', target: 'nats-pc2', ms: 5 };
      machines.override('rollback', async ({ dryRun }, usual, machine) =>
        dryRun || machine !== 'PC2' ? usual() : [{ ...entry, result: 'undone' }],
      );
      const ordered = await lab.env.currentTimeMs();
      await order.rollback(handle, 'it is slow', { task: '2C' });
      await soon(handle, ({ status }) => status === 'paused');
      await order.resume(handle);
      await until(lab, handle, ({ tasks }) => tasks.some(({ task, done }) => task === '2C' && done > 8));
      const { measured, disturbances } = await handle.query(messages.state);
      expect(measured['PC2']!.targets['nats-pc2']).toEqual({ since: before.since, down });
      expect(disturbances!['nats-pc2']![0]![0]).toBeGreaterThanOrEqual(ordered);
    },
    { from: 'week.redundancy' },
  );
});
