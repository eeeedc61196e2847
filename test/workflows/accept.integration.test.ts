// What was found and is not the week's is accepted by a person: it stays as it was found, on record, and does not hold up the end.
import { describe, expect, test } from 'vitest';
import { reportMarkdown } from '../../plan/report/markdown.ts';
import { reportOf } from '../../plan/report/report.ts';
import { agentTarget } from '../../plan/schema/endpoints.ts';
import { findingOf } from '../../plan/week/finding.ts';
import { snapshot, type Snapshot } from '../../plan/week/snapshot.ts';
import * as messages from '../../workflows/orders/messages.ts';
import type { FakeMachines } from './fake-machines.ts';
import { week1Plan, type Handle } from './harness.ts';
import { decide, order, refusal, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(45_000);

const bounded = { timeout: 70_000 };
const atTheGate = { from: 'week.redundancy' };
/** And nothing is under way: this server may lose an order that comes in the moment in which an activity ends. */
const deciding = async (handle: Handle) => {
  const seen = await until(lab, handle, ({ status }) => status === 'deciding');
  await lab.quiet();
  return seen;
};
const others = '2D.undo.verify';

const failed = ({ issues }: Snapshot) =>
  issues.filter(({ verdict }) => verdict === 'fail').map(({ id, summary }) => ({ id, summary }));

/** A bystander on PC2 has another process, since another boot of the machine. */
function reboot(machines: FakeMachines, pid = 28196): void {
  machines.override('programStatus', async ({ program }, usual, machine) => ({
    ...(await usual()),
    ...(machine === 'PC2' && { boot: `boot ${pid}` }),
    ...(program === 'pc2_sentinel' && { pid }),
  }));
}

describe('a bystander that has another process because its machine was rebooted', () => {
  test('holds the end of the rollback, until it is accepted', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        reboot(machines);
        await order.rollback(handle);
        const held = await soon(handle, ({ status }) => status === 'paused');
        expect(held.waits).toMatchObject([{ command: expect.stringContaining('hubshift accept ROW --reason TEXT') }]);
        // Its tasks would find closed ledgers.
        expect(held.waits[0]!.command).not.toContain('resume');
        expect(await refusal(order.resume(handle))).toMatch(
          /Everything was rolled back.*hubshift rollback looks again/,
        );
        expect(failed(held)).toEqual([
          {
            id: others,
            summary: expect.stringMatching(/^others: pc2_sentinel had pid \d+, has 28196; PC2 was rebooted since$/),
          },
        ]);
        expect(await order.accept(handle, others, 'a power cut')).toBe(
          `${others} is accepted as it was found; it does not hold up the end any more.`,
        );
        const state = await handle.result();
        expect(state.status).toBe('rolled back');
        expect(state.records[others]).toMatchObject({
          verdict: 'fail',
          summary: failed(held)[0]!.summary,
          waived: { by: 'ada', reason: 'a power cut', as: 'accepted' },
        });
        const report = reportMarkdown(reportOf(state, Date.now()));
        expect(report).toMatch(
          /`2D\.undo\.verify` \| fail, accepted \| others: pc2_sentinel had pid.*Accepted by ada, .*: a power cut/,
        );
      },
      atTheGate,
    );
  });

  test('is a new finding when it has another one yet', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        reboot(machines);
        machines.override('inspectContainer', async ({ name }, usual) => ({
          ...(await usual()),
          ...(name === 'edgehub' && { exists: true }),
        }));
        await order.rollback(handle);
        await soon(handle, ({ status }) => status === 'paused');
        await order.accept(handle, others);
        // The other row holds on.
        const held = await soon(handle, ({ issues }) => issues.some(({ waived }) => waived));
        expect(held.status).toBe('paused');
        machines.restore('inspectContainer');
        reboot(machines, 4711);
        await order.rollback(handle);
        const again = await soon(
          handle,
          ({ status, held: now }) => status === 'paused' && now!.since > held.held!.since,
        );
        expect(failed(again)).toEqual([{ id: others, summary: expect.stringContaining('has 4711') }]);
        expect(again.issues.filter(({ waived }) => waived)).toEqual([]);
        await order.accept(handle, others);
        expect((await handle.result()).status).toBe('rolled back');
      },
      atTheGate,
    );
  });
});

describe('an entry of a ledger that fails for ever', () => {
  const row = '2A.undo.container';
  const entry = { entry: 1, step: '2A.deploy.container', kind: 'container.remove', target: 'edgehub', ms: 5 };

  /** MainPC's ledger has these, and takes none of them back. */
  function failsOnMainPC(machines: FakeMachines, ...entries: object[]): void {
    machines.restore('rollback');
    machines.override('rollback', async ({ dryRun }, usual, machine) => {
      const others = await usual();
      if (dryRun || machine !== 'MainPC') return others;
      return entries.map((one) => ({ ...entry, result: 'failed', detail: 'Docker hangs', ...one }));
    });
  }

  test('fails the row that looks at it; accepted with that it does not hold up the end', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines, state: { run } }) => {
        await deciding(handle);
        failsOnMainPC(machines, {});
        await order.rollback(handle);
        const held = await soon(handle, ({ status }) => status === 'paused');
        expect(failed(held)).toEqual([{ id: row, summary: 'not undone: MainPC: 1 container.remove edgehub' }]);
        expect(held.undone!.failed).toEqual(['MainPC: container.remove edgehub: Docker hangs']);
        await order.accept(handle, row, 'it goes with the machine');
        const ended = await handle.result();
        expect(ended).toMatchObject({ status: 'rolled back', undone: [{ result: 'failed' }, { result: 'undone' }] });
        const why = 'accepted by ada: it goes with the machine';
        expect(machines.asked('leaveEntries')).toMatchObject([
          { machine: 'MainPC', ask: { run, entries: [{ entry: 1, why }] } },
        ]);
        expect(snapshot(ended, Date.now()).undone).toMatchObject({ results: { failed: 1 }, failed: [] });
        expect(reportMarkdown(reportOf(ended, Date.now()))).toContain('failed, accepted: stays there');
      },
      atTheGate,
    );
  });

  test('and another one beside it is a new finding', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        reboot(machines);
        failsOnMainPC(machines, {});
        await order.rollback(handle);
        const held = await soon(handle, ({ status }) => status === 'paused');
        await order.accept(handle, row);
        await soon(handle, ({ issues }) => issues.some(({ waived }) => waived));
        failsOnMainPC(machines, {}, { entry: 2, kind: 'container.restore' });
        await order.rollback(handle);
        const again = await soon(
          handle,
          ({ status, held: now }) => status === 'paused' && now!.since > held.held!.since,
        );
        expect(again.issues.find(({ id }) => id === row)).not.toHaveProperty('waived');
        expect(again.undone!.failed).toHaveLength(2);
      },
      atTheGate,
    );
  });

  test('ends without a machine that is gone, too', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        failsOnMainPC(machines, {}, { entry: 2, step: '2C.resilience.partition-local', kind: 'fault.lift' });
        await order.rollback(handle, 'it burns', 'all', ['PC2']);
        const held = await soon(handle, ({ status }) => status === 'paused');
        // Of a kind that no row is for: the last of its task speaks for it.
        const others = '2C.streams.undo-http';
        expect(
          failed(held)
            .map(({ id }) => id)
            .sort(),
        ).toEqual([row, others]);
        for (const id of [row, others]) await order.accept(handle, id);
        expect((await handle.result()).status).toBe('rolled back in part');
      },
      atTheGate,
    );
  });
});

test('what was accepted does not hold up the next rollback, where it is found again', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await deciding(handle);
      reboot(machines);
      let stands = true;
      machines.override('inspectContainer', async ({ name }, usual) => ({
        ...(await usual()),
        ...(stands && name === 'edgehub' && { exists: true }),
      }));
      await order.rollback(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await order.accept(handle, others);
      stands = false;
      await order.levelThree(handle);
      const { status, records, incidents } = await handle.result();
      expect(status).toBe('rolled back');
      expect(records[others]).toMatchObject({ verdict: 'fail', waived: { by: 'ada' } });
      // Phase 1 does not show: no proof of a way back for another week.
      expect(incidents).toMatchObject([{ level: 3, result: 'failed' }]);
    },
    atTheGate,
  );
});

test('one more that is down behind what the line has room for is a new finding', bounded, async () => {
  const plan = week1Plan();
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      await deciding(handle);
      const down = new Set([agentTarget(plan.agents[0]!)]);
      let stands = true;
      machines.override('awaitReady', async ({ url }, usual) =>
        down.has(url) ? { url, ok: false, latencyMs: 1, waitedMs: 1, error: 'refused '.repeat(60) } : usual(),
      );
      machines.override('inspectContainer', async ({ name }, usual) => ({
        ...(await usual()),
        ...(stands && name === 'edgehub' && { exists: true }),
      }));
      await order.rollback(handle);
      const held = await soon(handle, ({ status }) => status === 'paused');
      const row = '2A.undo.no-impact';
      const found = (seen: Snapshot) => seen.issues.find(({ id }) => id === row);
      expect(found(held)!.summary).toMatch(/…$/);
      await order.accept(handle, row);
      await soon(handle, (seen) => found(seen)?.waived !== undefined);
      stands = false;
      down.add(agentTarget(plan.agents.at(-1)!));
      await lab.quiet();
      await order.rollback(handle);
      const again = await soon(handle, ({ status, held: now }) => status === 'paused' && now!.since > held.held!.since);
      // As it reads it is the same.
      expect(found(again)).toMatchObject({ verdict: 'fail', summary: found(held)!.summary });
      expect(found(again)).not.toHaveProperty('waived');
    },
    atTheGate,
  );
});

test(
  'what was accepted of a rollback of a part holds the one of everything, once the week has gone on',
  bounded,
  async () => {
    const row = '2A.undo.container';
    const found = {
      verdict: 'fail' as const,
      summary: 'edgehub is still there (running)',
      evidence: { gone: 0, of: 1 },
    };
    const waived = { by: 'eve', reason: 'I remove it', at: 0, as: 'accepted' as const };
    const was = { id: row, machine: 'MainPC', startedAt: 0, endedAt: 0, attempts: 1, ...found, waived };
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        const { issues } = await deciding(handle);
        expect(issues).toMatchObject([{ id: row, verdict: 'fail' }]);
        expect(await refusal(order.accept(handle, row))).toMatch(/the week has gone on since.*hubshift rollback/);
        machines.override('inspectContainer', async ({ name }, usual) => ({
          ...(await usual()),
          ...(name === 'edgehub' && { exists: true, status: 'running' }),
        }));
        await order.rollback(handle);
        const held = await soon(handle, ({ status }) => status !== 'deciding' && status !== 'rolling back');
        expect(held.status).toBe('paused');
        expect(failed(held)).toEqual([{ id: row, summary: found.summary }]);
      },
      {
        ...atTheGate,
        left: {
          state: {
            records: { [row]: { ...was, finding: findingOf(found) } },
            rollback: { scope: { task: '2A' }, reason: 'a mistake', startedAt: 0, undoneAt: 0, verifiedAt: 0 },
          },
        },
      },
    );
  },
);

test('a check that is accepted after a rollback of everything lets nothing go on', bounded, async () => {
  const row = 'preflight.rights';
  const waived = { by: 'eve', reason: 'we know', at: 0, as: 'accepted' as const };
  const missing = { verdict: 'fail' as const, summary: 'no acl', evidence: {}, waived };
  const records = { [row]: { id: row, machine: 'PC2', startedAt: 0, endedAt: 0, attempts: 1, ...missing } };
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await deciding(handle);
      reboot(machines);
      await order.rollback(handle);
      const held = await soon(handle, ({ status }) => status === 'paused');
      expect(await refusal(order.retry(handle, others))).toMatch(/hubshift rollback looks again/);
      await order.accept(handle, row, 'seen again');
      const after = await soon(handle, ({ issues }) => issues.some((one) => one.waived?.reason === 'seen again'));
      expect(after.held).toEqual(held.held);
      const { stood, undone } = await handle.query(messages.state);
      expect(stood?.kpis).toBeDefined();
      await order.accept(handle, others);
      const state = await handle.result();
      expect(state).toMatchObject({ status: 'rolled back', stood });
      expect(state.undone).toEqual(undone);
    },
    { ...atTheGate, left: { state: { records } } },
  );
});

test('each verb names the other for what it can not do', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('awaitReady', async ({ url }, usual) =>
        url.includes(':9091') ? { url, ok: false, status: 503, latencyMs: 1, waitedMs: 20_000 } : usual(),
      );
      await until(lab, handle, ({ status }) => status === 'failed');
      expect(await refusal(order.skip(handle, 'week.health'))).toMatch(/hubshift accept week\.health --reason TEXT/);
      expect(await refusal(order.accept(handle, '2A.deploy.container'))).toMatch(/passed; there is nothing to accept/);
      expect(await refusal(order.accept(handle, others))).toMatch(/looked at after a rollback.*hubshift rollback/);
      expect(await refusal(order.accept(handle, 'edgehub'))).toMatch(/The plan has no row edgehub/);
      const seen = { ...speaker, row: 'week.health', reason: 'known' };
      expect(await refusal(handle.executeUpdate(messages.accept, { args: [{ ...seen, found: 'of before' }] }))).toMatch(
        /week\.health is not as you saw it\. Now it is: /,
      );
      expect(await order.accept(handle, 'week.health')).toMatch(/does not stand in the way of a GO/);
      const { issues } = await deciding(handle);
      expect(issues).toMatchObject([{ id: 'week.health', verdict: 'fail', waived: { as: 'accepted' } }]);
    },
    atTheGate,
  );
});

describe('after a GO, while people are still told of it', () => {
  /** The channels are tried again and again. */
  function takesNoNewsOfTheGo({ channels }: FakeMachines): void {
    channels.notify = async ({ notice }) => {
      if (notice.title.endsWith('completed')) throw new Error('no answer');
      return { result: 'sent', detail: 'answered 200' };
    };
  }

  test('a rollback is taken at once, and both ends have their report', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        takesNoNewsOfTheGo(machines);
        await decide(handle);
        await soon(handle, ({ status }) => status === 'completed');
        expect(await refusal(order.pause(handle))).toMatch(/The week has ended \(completed\)/);
        expect(await order.rollback(handle, 'second thoughts')).toBe('The rollback begins.');
        const state = await handle.result();
        expect(state).toMatchObject({ status: 'rolled back', stood: { status: 'completed' } });
        expect(state.stood!.reports).not.toEqual([]);
        expect(machines.reports.length).toBe(2);
      },
      atTheGate,
    );
  });

  test('so is level 3', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        takesNoNewsOfTheGo(machines);
        await decide(handle);
        await soon(handle, ({ status }) => status === 'completed');
        await handle.executeUpdate(messages.emergency, {
          args: [{ by: 'ada', from: 'test', level: 3, reason: 'back' }],
        });
        expect(await handle.result()).toMatchObject({
          status: 'rolled back',
          incidents: [{ level: 3, result: 'recovered' }],
        });
      },
      atTheGate,
    );
  });
});
