// Faults happen only where the plan allows them, and around them acknowledgements are there before anything is read back.
import { expect, test } from 'vitest';
import { kpisNow } from '../../plan/evidence/gate.ts';
import { minus } from '../../plan/evidence/sequence-sets.ts';
import type { AckRuns } from '../../plan/machine-api/agents.ts';
import { pilotsOf, serviceOf, servicesOf } from '../../plan/schema/plan.ts';
import { clusterOf } from '../../plan/tasks/messaging/cluster.ts';
import { network } from '../../plan/week/disturbances.ts';
import { subjectOf } from '../../plan/week/notice.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan } from './harness.ts';
import { until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer();

test(
  'a fault that the plan does not allow is not injected, and its rows prove nothing',
  { timeout: 120_000 },
  async () => {
    const plan = week1Plan((changed) => {
      changed.faults.allowed = ['edgehub-stop', 'partition'];
    });
    await lab.run(plan, async ({ handle, machines }) => {
      const seen = await until(lab, handle, ({ status }) => status === 'failed');
      expect(seen.issues.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
        '2C.resilience.node-down inconclusive',
        '2C.resilience.reform inconclusive',
        '2C.resilience.replay inconclusive',
      ]);
      expect(seen.issues[0]?.summary).toContain('does not allow nats-stop');
      expect(machines.asked('injectFault')).toEqual([]);
    });
  },
);

test(
  'the hubs are read when the acknowledgements of the pilot are there, for both hubs and for what was sent to both',
  { timeout: 120_000 },
  async () => {
    const plan = week1Plan(({ notify }) => (notify.routes.fault = ['dashboard']));
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        const done: string[] = [];
        const agentOf = (selector: string) => /agent="([^"]+)"/.exec(selector)?.[1];
        machines.override('readAcks', async ({ path }, usual) => {
          const acks = await usual();
          done.push(`acks of ${plan.agents.find((agent) => agent.acks === path)?.name}`);
          return acks;
        });
        machines.override('readSequences', async ({ selector }, usual, machine) => {
          done.push(`${agentOf(selector)} on ${machine}`);
          return usual();
        });
        await until(lab, handle, ({ phase, status }) => phase === 'soak' || status === 'failed');
        for (const { name } of pilotsOf(plan)) {
          const [first, ...reads] = done.filter((one) => one.includes(name));
          expect([first, ...reads.sort()]).toEqual([
            `acks of ${name}`,
            `${name} on MainPC`,
            `${name} on MainPC`,
            `${name} on PC2`,
          ]);
        }
        // Whoever wants to hear of faults does, when they begin and when they are over.
        const faults = machines.told.filter(({ notice }) => notice.kind === 'fault').map(({ notice }) => notice);
        expect(faults).toMatchObject([
          { title: 'edgehub is stopped on purpose', text: '2D.failover.stop, for 2m at most', resolved: false },
          { title: 'edgehub is not stopped any more', text: '2D.failover.stop', resolved: true },
        ]);
        const [begin, end] = faults;
        expect(faults.map(({ id }) => id)).toEqual(['begin', 'end'].map((part) => `${subjectOf(begin!)}/${part}`));
        expect(begin!.at).toBeGreaterThanOrEqual(end!.since!);
        expect(end!.at).toBeGreaterThan(begin!.at);
        // What EdgeHub passed on to CentralHub is no duplicate.
        const { records, disturbances } = await handle.query(messages.state);
        // Nothing else is excused for it.
        expect(Object.keys(disturbances!)).toEqual([serviceOf(plan, 'edge-hub').name]);
        expect(records['2D.failover.no-loss']).toMatchObject({
          verdict: 'pass',
          evidence: { acknowledged: 8 * pilotsOf(plan).length, lost: 0, recovered: 0, duplicates: 0 },
        });
      },
      { from: '2D.failover.stop' },
    );
  },
);

const lost = /^resource_manager lost 14 of \d+: 41-54, 14 of them never acknowledged/;
const unknown = /^resource_manager was restarted meanwhile: nobody acknowledged 41-54/;

test.each([
  ['are lost: the week fails, and its zero loss with it', {}, 'fail', lost],
  // Whoever is started again and again by its supervisor numbers anew.
  ['may never have been sent by an agent that does not run', { state: 'BACKOFF', pid: null }, 'inconclusive', unknown],
])(
  'batches that nobody acknowledged and that no hub has %s',
  { timeout: 120_000 },
  async (_what, status, verdict, summary) => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        machines.override('programStatus', async ({ program }, usual) => ({
          ...(await usual()),
          ...(program === 'resource_manager' && status),
        }));
        // Of one pilot, in the middle of what it sent to the fallback.
        machines.override('readAcks', async ({ path }, usual) => {
          const acks: AckRuns = await usual();
          const away = (run: AckRuns['runs'][number]) =>
            run.hub === 'fallback' && path.includes('resource_manager')
              ? { ...run, sequences: [[4, 40] as [number, number], [55, 60] as [number, number]], count: 43 }
              : run;
          return { ...acks, before: 0, runs: acks.runs.map(away) };
        });
        machines.override('readSequences', async ({ selector }, usual) => {
          const { sequences, samples } = await usual();
          return {
            samples,
            sequences: selector.includes('resource_manager') ? minus(sequences, [[41, 54]]) : sequences,
          };
        });
        await until(lab, handle, (seen) => seen.status === 'failed' || seen.phase === 'soak');
        const state = await handle.query(messages.state);
        expect(state.records['2D.failover.no-loss']).toMatchObject({
          verdict,
          summary: expect.stringMatching(summary),
        });
        expect(kpisNow(state)['kpi.data-loss']).toMatchObject({ verdict });
      },
      { from: '2D.failover.stop' },
    );
  },
);

test('the streams are read when their publisher has all its acknowledgements', { timeout: 120_000 }, async () => {
  const plan = week1Plan();
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      const done: string[] = [];
      machines.override('publish', async ({ publisher }, usual) => {
        const published = await usual();
        done.push(`${publisher} published`);
        return published;
      });
      machines.override('readStream', async ({ publisher }, usual) => {
        done.push(`${publisher} read`);
        return usual();
      });
      await until(lab, handle, ({ phase, status }) => phase === '2D' || status === 'failed');
      // A checkpoint reads on one side.
      const publishers = [...new Set(done.map((one) => one.split(' ')[0]!))].filter(
        (one) => !one.startsWith('checkpoint'),
      );
      expect(publishers.length).toBeGreaterThanOrEqual(1 + 2 + plan.messaging.streams.length);
      for (const publisher of publishers)
        expect(done.filter((one) => one.startsWith(`${publisher} `))).toEqual([
          `${publisher} published`,
          ...servicesOf(plan, 'nats').map(() => `${publisher} read`),
        ]);
      const { disturbances } = await handle.query(messages.state);
      expect(Object.keys(disturbances!).sort()).toEqual(
        [clusterOf(plan).target, network, ...servicesOf(plan, 'nats').map(({ name }) => name)].sort(),
      );
    },
    { from: '2C.resilience.node-down' },
  );
});
