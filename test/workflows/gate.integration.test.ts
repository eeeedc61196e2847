// Go/no-go: who may decide what, and what a decision does.
import { expect, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan, type Handle } from './harness.ts';
import { decide, explain, order, refusal, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };
const from = { from: 'week.redundancy' };
const deciding = (handle: Handle) => until(lab, handle, ({ status }) => status === 'deciding');

test(
  'a decision without what it needs is refused with the reason; a GO completes the week and keeps the ledgers',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        const release = machines.hold('describeMachine');
        expect(await refusal(decide(handle))).toMatch(/nothing to decide now: the week is running in preflight/);
        release();
        const seen = await deciding(handle);
        expect(seen.waits).toMatchObject([
          { on: 'go/no-go by 1 person', command: expect.stringContaining('hubshift approve') },
        ]);
        expect(await refusal(order.resume(handle))).toMatch(/hubshift approve/);
        const refused: [Partial<messages.Decision>, RegExp][] = [
          [{ confidencePercent: 90 }, /above 90 %; 90 was given/],
          [{ confidencePercent: 101 }, /from 0 to 100/],
          [{ confidencePercent: '95' as never }, /from 0 to 100/],
          [{ reason: ' ' }, /needs a reason/],
          [{ by: '' }, /needs a name/],
          [{ by: 'Test' }, /Test has started this week, and a GO by nobody else does not count/],
          [{ decision: 'perhaps' as never }, /"go" or "no-go"/],
          [{ then: 'rollback' }, /--then goes with no-go only/],
          [{ decision: 'no-go' }, /needs --then extend or --then rollback/],
        ];
        for (const [decision, why] of refused) expect(await refusal(decide(handle, decision))).toMatch(why);
        expect(machines.asked('keepLedger')).toEqual([]);
        expect(await decide(handle)).toBe('Your GO is on record.');
        const state = await handle.result();
        expect(state).toMatchObject({
          status: 'completed',
          phase: 'end',
          approvals: [{ by: 'ada', confidencePercent: 95, reason: 'all is well', from: 'test' }],
        });
        expect(
          machines
            .asked('keepLedger')
            .map(({ machine }) => machine)
            .sort(),
        ).toEqual(['MainPC', 'PC2']);
      },
      from,
    );
  },
);

test('two approvals are two people, of those that the plan lists', bounded, async () => {
  await lab.run(
    week1Plan(({ gate }) => {
      gate.approvals = 2;
      gate.approvers = ['Ada', 'Grace'];
    }),
    async ({ handle }) => {
      expect((await deciding(handle)).waits[0]?.on).toBe('go/no-go by 2 people');
      expect(await refusal(decide(handle, { by: 'eve' }))).toMatch(
        /eve does not decide .*\(gate\.approvers\): Ada, Grace/,
      );
      await decide(handle, { confidencePercent: 92 });
      await decide(handle, { by: ' Ada' });
      expect((await soon(handle, ({ waits }) => waits[0]?.on === 'go/no-go by 1 person')).approvals).toMatchObject([
        { by: ' Ada', confidencePercent: 95 },
      ]);
      await decide(handle, { by: 'grace' });
      expect(await handle.result()).toMatchObject({
        approvals: [{ by: ' Ada' }, { by: 'grace' }],
        decisions: [{ by: 'ada', confidencePercent: 92 }],
      });
    },
    from,
  );
});

test('one no-go outweighs the GO that comes with it', bounded, async () => {
  await lab.run(
    week1Plan(({ gate }) => (gate.approvals = 2)),
    async ({ handle }) => {
      await deciding(handle);
      await Promise.all([
        decide(handle, { decision: 'no-go', then: 'rollback', reason: 'too slow' }),
        decide(handle, { by: 'grace' }).catch(() => 'too late'),
      ]);
      expect((await handle.result()).status).toBe('rolled back');
    },
    from,
  );
});

test(
  'no-go extend soaks for the whole time again and asks again; no-go rollback undoes the week',
  bounded,
  async () => {
    const plan = week1Plan();
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        await deciding(handle);
        await decide(handle, { decision: 'no-go', then: 'extend', confidencePercent: 50, reason: 'one more day' });
        await until(lab, handle, ({ phase, windows }) => phase === 'soak' && windows.length > 0);
        const again = await deciding(handle);
        expect(again).toMatchObject({ approvals: [], issues: [] });
        const { records, history, decisions } = await handle.query(messages.state);
        const soak = records['2D.soak']!;
        expect(soak).toMatchObject({ verdict: 'pass', attempts: 2 });
        expect(soak.endedAt - soak.startedAt).toBeGreaterThanOrEqual(plan.watch.soak);
        expect(records['checkpoint.day-7']?.attempts).toBe(2);
        expect(history.map(({ id }) => id)).toContain('2D.soak');
        expect(decisions).toMatchObject([
          { by: 'ada', then: 'extend', reason: 'one more day', recommendation: 'go', evidence: expect.any(String) },
        ]);

        await decide(handle, { decision: 'no-go', then: 'rollback', reason: 'not good enough' });
        const state = await handle.result();
        expect(state).toMatchObject({ status: 'rolled back', held: { reason: 'no-go by ada: not good enough' } });
        expect(machines.asked('keepLedger')).toEqual([]);
      },
      from,
    );
  },
);

test('without a decision before the deadline the week is held, and resume opens the gate anew', bounded, async () => {
  const plan = week1Plan();
  await lab.run(
    plan,
    async ({ handle }) => {
      await deciding(handle);
      await lab.skip(plan.gate.deadline + 60_000);
      const held = await soon(handle, ({ status }) => status === 'paused');
      expect(held.held?.reason).toBe('no decision came before the deadline of 48h');
      expect(await refusal(decide(handle))).toMatch(/nothing to decide now: the week is paused/);
      await order.resume(handle);
      const again = await soon(handle, ({ status }) => status === 'deciding');
      expect(again.waits[0]!.until! - again.at).toBeGreaterThan(plan.gate.deadline - 60_000);
      await decide(handle);
      expect((await handle.result()).status).toBe('completed');
    },
    from,
  );
});

test('a pause at the gate does not move its deadline', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle }) => {
      const { waits } = await deciding(handle);
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await lab.skip(3_600_000);
      await order.resume(handle);
      expect((await soon(handle, ({ status }) => status === 'deciding')).waits[0]?.until).toBe(waits[0]?.until);
    },
    from,
  );
});

test(
  'the signal has the same effect as the update; one that would be refused is ignored and shown',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle }) => {
        await deciding(handle);
        const { evidence } = await soon(handle, (seen) => seen.evidence !== undefined);
        const go = { decision: 'go' as const, evidence: evidence!.digest, ...speaker };
        await handle.signal(messages.approveSignal, { ...go, confidencePercent: 20, reason: 'hm' });
        const seen = await soon(handle, ({ refused }) => refused !== undefined);
        expect(seen).toMatchObject({
          status: 'deciding',
          approvals: [],
          refused: { why: expect.stringMatching(/above 90 %; 20 was given/) },
        });
        await handle.signal('approve');
        await soon(handle, ({ refused }) => /"go" or "no-go"/.test(refused?.why ?? ''));
        await handle.signal(messages.approveSignal, { ...go, confidencePercent: 99, reason: 'fine' });
        expect(await handle.result()).toMatchObject({
          status: 'completed',
          approvals: [{ by: 'ada', confidencePercent: 99 }],
        });
      },
      from,
    );
  },
);

test('a ledger that cannot be kept after the GO asks a person, and is tried again', bounded, async () => {
  const plan = week1Plan(({ gate }) => (gate.evidenceMaxAge = 3_600_000));
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      await deciding(handle);
      machines.override('keepLedger', () => {
        throw ApplicationFailure.nonRetryable('the disk is full');
      });
      await decide(handle);
      const failed = await until(lab, handle, ({ status }) => status === 'failed');
      expect(failed.held?.reason).toBe('ledger.keep did not pass: the disk is full');
      machines.restore('keepLedger');
      // By then the evidence is old; the GO is not asked for again.
      await lab.skip(2 * plan.gate.evidenceMaxAge);
      await order.retry(handle, 'ledger.keep');
      expect((await handle.result()).status).toBe('completed');
    },
    from,
  );
});

test(
  'while a machine can not say what it would undo there is evidence all the same, against a GO',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        machines.override('rollback', async (_ask, usual, machine) => {
          if (machine === 'PC2') throw ApplicationFailure.nonRetryable('its ledger can not be read');
          return usual();
        });
        await deciding(handle);
        const { evidence } = await soon(handle, (seen) => seen.evidence !== undefined);
        expect(evidence).toMatchObject({
          recommendation: 'no-go',
          reasons: expect.arrayContaining([
            expect.stringMatching(/rollback-confirmed: PC2: its ledger can not be read/),
          ]),
        });
      },
      from,
    );
  },
);

test('without a level 3 of the plan on record it is said at preflight, and speaks against a GO', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.levelThree = () => null;
      await deciding(handle);
      const { records, evidence } = await handle.query(messages.state);
      expect(records['preflight.rollback-ready']).toMatchObject({
        verdict: 'pass',
        summary: expect.stringContaining('no level 3 of this plan is on record, and the gate wants one'),
      });
      expect(evidence).toMatchObject({
        recommendation: 'no-go',
        reasons: expect.arrayContaining([
          expect.stringMatching(/no level 3 of this plan is on record: end a rehearsal/),
        ]),
      });
    },
    from,
  );
});

test('a level 3 of another build is said at preflight, and speaks against a GO', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      const usual = machines.levelThree;
      machines.levelThree = () => ({ ...usual()!, ofOtherBuild: true });
      await deciding(handle);
      const { records, evidence } = await handle.query(messages.state);
      const why = 'the level 3 of run earlier was done by another build of hubshift';
      expect(records['preflight.rollback-ready']!.summary).toContain(`${why}, and the gate wants another`);
      expect(evidence).toMatchObject({
        recommendation: 'no-go',
        reasons: [expect.stringMatching(`go.rollback-confirmed: .*${why}`)],
      });
    },
    from,
  );
});

test('reports that can not be read are named, and keep nobody from deciding', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.levelThree = () => {
        throw ApplicationFailure.nonRetryable("Earlier reports can't be read (EACCES)");
      };
      await deciding(handle);
      const { evidence } = await handle.query(messages.state);
      expect(evidence).toMatchObject({
        recommendation: 'no-go',
        reasons: expect.arrayContaining([
          expect.stringMatching(/rollback-confirmed: .*Earlier reports can't be read \(EACCES\)/),
        ]),
      });
    },
    from,
  );
});

test('a level 3 leaves on record what it took back itself', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await deciding(handle);
      machines.override('rollback', async (ask, usual, machine) =>
        machine === 'PC2' ? (await usual(ask)).map((entry: object) => ({ ...entry, result: 'already' })) : usual(ask),
      );
      await handle.executeUpdate(messages.emergency, { args: [{ ...speaker, level: 3, reason: 'for the record' }] });
      expect((await handle.result()).rollback).toMatchObject({
        scope: 'all',
        tookBack: ['MainPC: container.remove of 2A.deploy.container'],
      });
    },
    from,
  );
});

test('what has changed since, or grown old, is not what people decide on', bounded, async () => {
  const plan = week1Plan();
  await lab.run(
    plan,
    async ({ handle }) => {
      await deciding(handle);
      expect(await refusal(decide(handle, { evidence: 'of yesterday' }))).toMatch(/not the evidence that stands now/);
      const { evidence } = await soon(handle, (seen) => seen.evidence !== undefined);
      await handle.executeUpdate(messages.emergency, {
        args: [{ ...speaker, level: 1, component: 'nats-pc2', reason: 'it hangs' }],
      });
      const after = await soon(
        handle,
        (seen) => seen.incidents.length === 1 && seen.status === 'deciding' && seen.evidence !== undefined,
      );
      expect(after.evidence!.digest).not.toBe(evidence!.digest);
      expect(await refusal(decide(handle, { evidence: evidence!.digest }))).toMatch(/not the evidence that stands now/);
      await lab.skip(plan.gate.evidenceMaxAge + 60_000);
      const later = await soon(handle, (seen) => (seen.evidence?.at ?? 0) > after.evidence!.at);
      expect(later.evidence!.digest).toBe(after.evidence!.digest);
      await explain(handle);
      expect(await decide(handle)).toBe('Your GO is on record.');
    },
    from,
  );
});

test('a GO against the evidence wants two people who say so', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.override('rollback', async ({ dryRun }, usual) =>
        dryRun
          ? [
              {
                entry: 1,
                step: '2A.deploy.container',
                kind: 'container.remove',
                target: 'edgehub',
                result: 'failed',
                ms: 1,
              },
            ]
          : usual(),
      );
      await deciding(handle);
      expect(await refusal(decide(handle))).toMatch(/speaks for a NO-GO: .*edgehub would be failed.*--override/);
      await decide(handle, { override: true });
      const seen = await soon(handle, ({ approvals }) => approvals.length === 1);
      expect(seen).toMatchObject({ status: 'deciding', evidence: { recommendation: 'no-go' } });
      await decide(handle, { override: true, by: 'grace' });
      expect(await handle.result()).toMatchObject({
        status: 'completed',
        approvals: [{ override: true }, { override: true }],
      });
    },
    from,
  );
});

test('of several the surest must be sure enough, and one who is not does not keep them from it', bounded, async () => {
  await lab.run(
    week1Plan(({ gate }) => (gate.approvals = 2)),
    async ({ handle }) => {
      await deciding(handle);
      await decide(handle, { confidencePercent: 20 });
      await decide(handle, { by: 'grace', confidencePercent: 95 });
      const seen = await soon(handle, ({ approvals }) => approvals.length === 2);
      expect(seen).toMatchObject({ status: 'deciding', waits: [{ on: 'go/no-go by 1 person' }] });
      await decide(handle, { by: 'bob', confidencePercent: 96 });
      expect((await handle.result()).status).toBe('completed');
    },
    from,
  );
});

test(
  'a failure stays found though a pause and a resume did its row again, until a person accepts it',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        machines.override('awaitReady', async ({ url }, usual) =>
          url.includes(':9091') ? { url, ok: false, status: 503, latencyMs: 1, waitedMs: 20_000 } : usual(),
        );
        await until(lab, handle, ({ status }) => status === 'failed');
        await order.pause(handle);
        await soon(handle, ({ status }) => status === 'paused');
        machines.restore('awaitReady');
        await order.resume(handle);
        const { evidence, findings, issues } = await deciding(handle);
        expect(issues).toEqual([]);
        expect(evidence).toMatchObject({
          recommendation: 'no-go',
          reasons: [expect.stringMatching(/^go\.findings: week\.health: attempt: .*not accepted$/)],
        });
        expect(findings).toMatchObject([{ id: 'week.health', kind: 'attempt', times: 1, stands: false }]);
        expect(await order.accept(handle, 'week.health', 'it was restarted')).toMatch(
          /does not stand in the way of a GO/,
        );
        const after = await soon(
          handle,
          (seen) => seen.status === 'deciding' && seen.findings?.[0]?.accepted !== undefined,
        );
        expect(after).toMatchObject({ evidence: { recommendation: 'go' }, findings: [{ accepted: { by: 'ada' } }] });
        await decide(handle);
        expect((await handle.result()).status).toBe('completed');
      },
      from,
    );
  },
);

test('while people decide measuring goes on: figures void no approval, another verdict does', bounded, async () => {
  const plan = week1Plan(({ gate }) => (gate.approvals = 2));
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      const { evidence } = await deciding(handle);
      await decide(handle);
      const asked = machines.asked('measure').length;
      await lab.skip(2 * plan.watch.slice);
      expect(machines.asked('measure').length).toBeGreaterThan(asked);
      const after = await soon(handle, ({ waits }) => waits[0]?.on === 'go/no-go by 1 person');
      expect(after.evidence).toMatchObject({ digest: evidence!.digest, at: evidence!.at });

      const { since } = (await handle.query(messages.state)).measured['PC2']!.targets['resource_manager']!;
      machines.override('measure', async (_ask, usual) => {
        const totals = await usual();
        const down = { since, down: [[since, since + 86_400_000]] };
        return {
          ...totals,
          targets: { ...totals.targets, ...(totals.targets.resource_manager && { resource_manager: down }) },
        };
      });
      await lab.skip(2 * plan.watch.slice);
      const other = await soon(handle, ({ waits }) => waits[0]?.on === 'go/no-go by 2 people');
      expect(other.evidence).toMatchObject({
        recommendation: 'no-go',
        kpis: { 'kpi.agent-uptime': { verdict: 'fail' } },
      });
      await expect
        .poll(() => machines.told.map(({ notice }) => notice.title))
        .toContain(`${plan.title}: the evidence is another one`);
      await decide(handle, { decision: 'no-go', then: 'rollback' });
      expect((await handle.result()).status).toBe('rolled back');
    },
    from,
  );
});

test('a GO does not stand on what the last slice before it shows otherwise', bounded, async () => {
  const plan = week1Plan();
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      const { evidence } = await deciding(handle);
      const { since } = (await handle.query(messages.state)).measured['PC2']!.targets['resource_manager']!;
      const onPc2 = () => machines.asked('measure').filter(({ machine }) => machine === 'PC2').length;
      const before = onPc2();
      machines.override('measure', async (_ask, usual, machine) => {
        if (machine !== 'PC2' || onPc2() !== before + 1) return usual();
        await machines.untilCancelled().catch(() => undefined);
        const totals = await usual();
        const down = { since, down: [[since, since + 86_400_000]] };
        return { ...totals, targets: { ...totals.targets, resource_manager: down } };
      });
      await until(lab, handle, () => onPc2() > before);
      expect(await decide(handle)).toBe('Your GO is on record.');
      const after = await soon(
        handle,
        (seen) =>
          seen.status === 'completed' || (seen.evidence !== undefined && seen.evidence.digest !== evidence!.digest),
      );
      expect(after).toMatchObject({ status: 'deciding', evidence: { recommendation: 'no-go' } });
      await decide(handle, { decision: 'no-go', then: 'rollback' });
      expect((await handle.result()).status).toBe('rolled back');
    },
    from,
  );
});

test(
  'a level 1 that finds nothing is a false alarm, and once it is explained keeps nobody from a GO',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle }) => {
        await deciding(handle);
        await handle.executeUpdate(messages.emergency, { args: [{ ...speaker, level: 1, reason: 'it looks odd' }] });
        const after = await soon(
          handle,
          ({ status, incidents, evidence }) =>
            incidents.length === 1 && status === 'deciding' && evidence !== undefined,
        );
        expect(after).toMatchObject({
          incidents: [{ result: 'false alarm', target: null }],
          evidence: { recommendation: 'go' },
        });
        const note = { ...speaker, incident: 'incident-1', cause: 'a page was read wrongly', prevention: 'a legend' };
        await handle.executeUpdate(messages.note, { args: [note] });
        await decide(handle);
        expect((await handle.result()).status).toBe('completed');
      },
      from,
    );
  },
);
