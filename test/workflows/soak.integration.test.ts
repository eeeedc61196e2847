// The soak: only observed healthy time counts, over issues, gaps, pauses and new histories.
import { expect, test } from 'vitest';
import * as messages from '../../workflows/orders/messages.ts';
import type { Measured } from '../../plan/evidence/measured.ts';
import { union } from '../../plan/evidence/sequence-sets.ts';
import type { Observation, ObserveAsk } from '../../plan/machine-api/measure.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import type { Glance } from '../../plan/week/snapshot.ts';
import { type Handle, week1Plan } from './harness.ts';
import { order, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(110_000);

const bounded = { timeout: 130_000 };
const from = { from: '2D.soak' };
const minute = 60_000;
const hour = 60 * minute;

const soaking = (change: Partial<Plan['watch']>) => week1Plan(({ watch }) => Object.assign(watch, change));
const recordOf = async (handle: Handle) => (await handle.query(messages.state)).records['2D.soak'];
const settled = (handle: Handle) =>
  until(
    lab,
    handle,
    ({ tasks, status }) => status === 'failed' || tasks.some(({ task, done }) => task === 'soak' && done > 0),
  );

/** All of it, and less than a sample more: a slice is never shorter than that. */
const wholeSoak = ({ watch }: Plan) =>
  expect.toSatisfy(
    (observedMs: number) => observedMs >= watch.soak && observedMs < watch.soak + watch.sampleInterval,
  ) as number;

/** The healthy observation with one target down for so many samples in a row. */
function withDown(seen: Observation, samples: number): Observation {
  return {
    ...seen,
    targets: {
      ...seen.targets,
      edgehub: { up: seen.samples - samples, down: samples, longestDown: samples, firstError: 'connection refused' },
    },
  };
}

test('an issue starts the soak again from nothing; a tolerated one does not', bounded, async () => {
  const plan = soaking({ soak: 6 * hour });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      machines.override('observe', async (_ask, usual, machine) => {
        const count = machines.asked('observe').filter((call) => call.machine === 'PC2').length;
        if (machine !== 'PC2' || ![4, 8].includes(count)) return usual();
        return withDown(await usual(), count === 4 ? plan.watch.tolerate : plan.watch.tolerate + 1);
      });
      const reset = await until(lab, handle, ({ windows }) => windows.some(({ restarts }) => restarts > 0));
      expect(reset.windows[0]).toMatchObject({ id: '2D.soak', restarts: 1, firstIssue: 'edgehub: connection refused' });
      await settled(handle);
      const record = (await recordOf(handle))!;
      expect(record).toMatchObject({ verdict: 'pass', evidence: { observedMs: wholeSoak(plan), restarts: 1 } });
      // Seven slices were lost; the one with the issue ended with it.
      expect(record.endedAt - record.startedAt).toBeGreaterThanOrEqual(plan.watch.soak + 7 * plan.watch.slice);
    },
    from,
  );
});

test(
  'who is refused by whom it asks can tell nothing: people see to it, nothing is mended, and the soak goes on where it was',
  bounded,
  async () => {
    const plan = soaking({ soak: 6 * hour });
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        let refuses = true;
        machines.override('observe', async (_ask, usual, machine) => {
          const seen: Observation = await usual();
          const count = machines.asked('observe').filter((call) => call.machine === 'PC2').length;
          if (machine !== 'PC2' || count < 4 || !refuses) return seen;
          const said = { unknown: seen.samples, firstUnknown: 'answered 401 (passwordFile /etc/site/password)' };
          const edgehub = { up: 0, down: 0, longestDown: 0, ...said, refusedNow: true as const };
          return { ...seen, seen: [], targets: { ...seen.targets, edgehub } };
        });
        const held = await until(lab, handle, ({ status }) => status === 'paused');
        expect(held.held?.reason).toBe(
          "2D.soak can't see edgehub: answered 401 (passwordFile /etc/site/password); nothing is undone by that",
        );
        expect(held.waits[0]).toMatchObject({ on: 'a person', command: expect.stringContaining('hubshift resume') });
        const { creditMs } = held.windows[0]!;
        expect(creditMs).toBeGreaterThan(0);
        // Nobody was taken for down.
        expect(held.incidents).toEqual([]);
        expect(machines.asked('restartContainer')).toEqual([]);
        refuses = false;
        await order.resume(handle);
        await settled(handle);
        const record = (await recordOf(handle))!;
        expect(record).toMatchObject({ verdict: 'pass', evidence: { observedMs: wholeSoak(plan), restarts: 0 } });
        const slices = machines.asked('observe').filter((call) => call.machine === 'PC2').length;
        expect(slices).toBeLessThan(plan.watch.soak / plan.watch.slice + 3);
      },
      from,
    );
  },
);

test('a target that fails again and again fails the soak, though never for long', bounded, async () => {
  await lab.run(
    soaking({ soak: 24 * hour, soakRestartsAtMost: 0 }),
    async ({ handle, machines }) => {
      // Down, down, up, all along.
      machines.override('observe', async (_ask, usual, machine) => {
        const seen: Observation = await usual();
        const down = Math.floor((2 * seen.samples) / 3);
        const flaps = { up: seen.samples - down, down, longestDown: 2, firstError: 'answered 503' };
        return machine === 'PC2' ? { ...seen, targets: { ...seen.targets, edgehub: flaps } } : seen;
      });
      await settled(handle);
      expect(await recordOf(handle)).toMatchObject({
        verdict: 'fail',
        summary: expect.stringMatching(/^edgehub down in \d+ of \d+ samples, 5 may fail: answered 503$/),
      });
    },
    from,
  );
});

test('looks that failed in the slice that a pause ended count on', bounded, async () => {
  // Two may fail.
  const plan = soaking({ soak: 2 * hour, soakOnIssue: 'fail' });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      machines.override('observe', async (_ask, usual, machine) => {
        const seen: Observation = await usual();
        const slice = machines.asked('observe').filter((call) => call.machine === machine).length;
        const down = [0, 2, 1][slice] ?? 0;
        const flaps = { up: seen.samples - down, down, longestDown: 1, firstError: 'answered 503' };
        return machine === 'PC2' ? { ...seen, targets: { ...seen.targets, edgehub: flaps } } : seen;
      });
      // The workers have told what they saw, and the slice is not over.
      await soon(handle, () => machines.asked('observe').length === 2);
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await order.resume(handle);
      await settled(handle);
      expect(await recordOf(handle)).toMatchObject({
        verdict: 'fail',
        summary: expect.stringMatching(/^edgehub down in 3 of \d+ samples, 2 may fail: answered 503$/),
      });
    },
    from,
  );
});

test('what is down at the end of a slice is still in a row in the next', bounded, async () => {
  const plan = soaking({ soak: 6 * hour });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      machines.override('observe', async (_ask, usual, machine) => {
        const seen: Observation = await usual();
        const count = machines.asked('observe').filter((call) => call.machine === machine).length;
        if (machine !== 'PC2' || count !== 4) return seen;
        const edgehub = { up: seen.samples - 2, down: 2, longestDown: 2, downNow: 2, firstError: 'answered 503' };
        return { ...seen, targets: { ...seen.targets, edgehub } };
      });
      await settled(handle);
      const asked = machines.asked('observe').filter(({ machine }) => machine === 'PC2');
      expect(asked.map(({ ask }) => (ask as ObserveAsk).downBefore).slice(2, 6)).toEqual([{}, {}, { edgehub: 2 }, {}]);
    },
    from,
  );
});

test(
  'more issues than the plan lets it begin again fail the soak, and a restarted program is one',
  bounded,
  async () => {
    await lab.run(
      soaking({ soakRestartsAtMost: 2 }),
      async ({ handle, machines }) => {
        machines.override('observe', async (_ask, usual, machine) =>
          machine === 'PC2' ? { ...(await usual()), restarted: ['program resource_manager'] } : usual(),
        );
        await until(lab, handle, ({ status }) => status === 'failed');
        expect(await recordOf(handle)).toMatchObject({
          verdict: 'fail',
          summary: 'program resource_manager was restarted',
          evidence: { restarts: 2, observedMs: 0 },
        });
        machines.restore('observe');
        await order.retry(handle, '2D.soak');
        await settled(handle);
        expect(await recordOf(handle)).toMatchObject({ verdict: 'pass', attempts: 2, evidence: { restarts: 0 } });
      },
      from,
    );
  },
);

test('soakOnIssue fail ends the soak at the first issue', bounded, async () => {
  await lab.run(
    soaking({ soakOnIssue: 'fail' }),
    async ({ handle, machines }) => {
      machines.override('observe', async (_ask, usual, machine) =>
        machine === 'MainPC' ? withDown(await usual(), 5) : usual(),
      );
      await until(lab, handle, ({ status }) => status === 'failed');
      expect(await recordOf(handle)).toMatchObject({
        verdict: 'fail',
        summary: 'edgehub down in 5 samples in a row: connection refused',
        evidence: { restarts: 0 },
      });
    },
    from,
  );
});

test('time without samples earns no credit, on any machine', bounded, async () => {
  const plan = soaking({ soak: 3 * hour });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      machines.override('observe', async (_ask, usual, machine) => {
        const seen: Observation = await usual();
        // In every slice MainPC takes three samples of four.
        return machine === 'MainPC'
          ? { ...seen, samples: Math.floor(seen.samples * 0.75), longestGapMs: 4 * minute }
          : seen;
      });
      await settled(handle);
      const record = (await recordOf(handle))!;
      expect(record).toMatchObject({ verdict: 'pass', evidence: { longestGapMs: 4 * minute } });
      expect(record.endedAt - record.startedAt).toBeGreaterThanOrEqual(plan.watch.soak / 0.76);
    },
    from,
  );
});

test('what one machine saw while the other saw nothing earns no credit', bounded, async () => {
  const plan = soaking({ soak: 3 * hour });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      // In four slices each machine sees its half: none of it is seen on both.
      machines.override('observe', async (_ask, usual, machine) => {
        const seen: Observation = await usual();
        const count = machines.asked('observe').filter((call) => call.machine === machine).length;
        const middle = Math.floor((seen.fromMs + seen.toMs) / 2);
        if (count > 4) return seen;
        return { ...seen, seen: machine === 'PC2' ? [[middle, seen.toMs]] : [[seen.fromMs, middle - 1]] };
      });
      await settled(handle);
      const record = (await recordOf(handle))!;
      expect(record).toMatchObject({ verdict: 'pass', evidence: { observedMs: wholeSoak(plan) } });
      expect(record.endedAt - record.startedAt).toBeGreaterThanOrEqual(plan.watch.soak + 4 * plan.watch.slice);
    },
    from,
  );
});

test('a slice whose worker ended early is asked for the rest, which goes on where it was', bounded, async () => {
  const plan = soaking({ soak: 3 * hour });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      const asked = () => machines.asked('observe').filter((call) => call.machine === 'PC2');
      machines.override('observe', async (_ask, usual, machine) => {
        const seen: Observation = await usual();
        // Its third slice ends after a sample, in which EdgeHub is down as in the last one before it.
        const third = machine === 'PC2' && asked().length === 3;
        const down = { up: 0, down: 1, longestDown: 1, downNow: 1 };
        const short = { samples: 1, toMs: seen.fromMs + plan.watch.sampleInterval };
        return third ? { ...seen, ...short, targets: { ...seen.targets, edgehub: down } } : seen;
      });
      await settled(handle);
      const record = (await recordOf(handle))!;
      expect(record).toMatchObject({ verdict: 'pass', evidence: { observedMs: wholeSoak(plan), failed: 1 } });
      expect(record.endedAt - record.startedAt).toBeLessThan(plan.watch.soak + 5 * minute);
      const [, , third, rest, next] = asked().map(({ ask }) => ask);
      expect(rest).toMatchObject({ untilMs: third!.untilMs, downBefore: { edgehub: 1 } });
      expect(next!.untilMs).toBeGreaterThan(rest!.untilMs);
    },
    from,
  );
});

test('measuring goes on at once where a worker ended in the middle of its slice', bounded, async () => {
  await lab.run(
    soaking({ soak: 3 * hour }),
    async ({ handle, machines }) => {
      const asked = () => machines.asked('measure').filter(({ machine }) => machine === 'PC2');
      machines.override('measure', async (ask, usual, machine) => {
        const found: Measured = await usual();
        if (machine !== 'PC2' || asked().length !== 2) return found;
        const at = await lab.env.currentTimeMs();
        return { ...found, seen: union(ask.soFar.seen, [[at, at + minute]]) };
      });
      await until(lab, handle, () => asked().length > 3);
      const [, second, rest, next] = asked().map(({ ask }) => ask.untilMs as number);
      expect(rest).toBe(second);
      expect(next).toBeGreaterThan(rest!);
    },
    from,
  );
});

test(
  'a program that was started again while nobody looked is a restart, and what is known goes on from slice to slice',
  bounded,
  async () => {
    await lab.run(
      soaking({ soak: 3 * hour, soakRestartsAtMost: 1 }),
      async ({ handle, machines }) => {
        const asked = () => machines.asked('observe').filter((call) => call.machine === 'PC2');
        machines.override('observe', async (ask, usual, machine) => {
          const seen: Observation = await usual();
          if (machine !== 'PC2') return seen;
          // The machine was off between the third slice and the fourth.
          const life = asked().length <= 3 ? 'before' : 'after';
          const known = ask.lives?.['program resource_manager'];
          const restarted = known === undefined || known === life ? [] : ['program resource_manager'];
          return { ...seen, lives: { 'program resource_manager': life }, restarted };
        });
        await settled(handle);
        expect(await recordOf(handle)).toMatchObject({ verdict: 'pass', evidence: { restarts: 1 } });
        const known = asked().map(({ ask }) => ask.lives?.['program resource_manager']);
        // Begun again, it knows what it finds.
        expect(known.slice(0, 6)).toEqual([undefined, 'before', 'before', 'before', undefined, 'after']);
        expect(Object.keys((await handle.query(messages.state)).facts)).not.toContain('lives 2D.soak');
      },
      from,
    );
  },
);

test(
  'while Docker does not answer nothing is down, nothing is earned, and the soak ends with neither pass nor fail',
  bounded,
  async () => {
    await lab.run(
      soaking({ soak: 2 * hour }),
      async ({ handle, machines }) => {
        machines.override('observe', async (_ask, usual, machine) => {
          const seen: Observation = await usual();
          if (machine !== 'PC2') return seen;
          const silent = { up: 0, down: 0, longestDown: 0, unknown: seen.samples, firstUnknown: 'no answer' };
          return { ...seen, seen: [], targets: { ...seen.targets, 'container edgehub': silent } };
        });
        await until(lab, handle, ({ status }) => status === 'failed');
        expect(await recordOf(handle)).toMatchObject({
          verdict: 'inconclusive',
          summary: expect.stringMatching(/^no sample was taken of container edgehub; container edgehub unknown in \d+/),
          evidence: { observedMs: 0, restarts: 0 },
        });
      },
      from,
    );
  },
);

test('a worker that is away for three hours costs the soak three hours, and nothing else', bounded, async () => {
  const plan = soaking({ soak: 6 * hour });
  await lab.run(
    plan,
    async ({ handle, endWorker, startWorker }) => {
      await until(lab, handle, ({ windows }) => (windows[0]?.creditMs ?? 0) > hour);
      await lab.skip(minute);
      await endWorker('PC2');
      await lab.skipOver(3 * hour);
      const away = (await soon(handle, ({ waits }) => waits.length > 0)).windows[0]!.creditMs;
      expect(away).toBeLessThan(2 * hour);
      await startWorker('PC2');
      await settled(handle);
      const record = (await recordOf(handle))!;
      expect(record).toMatchObject({ verdict: 'pass', evidence: { observedMs: wholeSoak(plan), restarts: 0 } });
      expect(record.endedAt - record.startedAt).toBeGreaterThanOrEqual(plan.watch.soak + 3 * hour - plan.watch.slice);
    },
    from,
  );
});

test('while both workers are away nothing is earned, whatever is ordered meanwhile', bounded, async () => {
  const plan = soaking({ soak: 6 * hour });
  await lab.run(
    plan,
    async ({ handle, endWorker, startWorker }) => {
      await until(lab, handle, ({ windows }) => (windows[0]?.creditMs ?? 0) > hour);
      await lab.skip(minute);
      await Promise.all([endWorker('MainPC'), endWorker('PC2')]);
      await order.pause(handle);
      await soon(handle, ({ status }) => status === 'paused');
      await order.resume(handle);
      await soon(handle, ({ status }) => status === 'running');
      await lab.skipOver(3 * hour);
      expect((await soon(handle, ({ waits }) => waits.length > 0)).windows[0]!.creditMs).toBeLessThan(2 * hour);
      await Promise.all([startWorker('MainPC'), startWorker('PC2')]);
      await settled(handle);
      const record = (await recordOf(handle))!;
      expect(record).toMatchObject({ verdict: 'pass', evidence: { observedMs: wholeSoak(plan), restarts: 0 } });
      expect(record.endedAt - record.startedAt).toBeGreaterThanOrEqual(plan.watch.soak + 3 * hour - plan.watch.slice);
    },
    from,
  );
});

test('a pause keeps the credit and earns none, and all that is measured goes on after it', bounded, async () => {
  const plan = soaking({ soak: 6 * hour });
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      // After an hour the sampling goes on until it is cancelled, and gives the five minutes that it has.
      machines.override('observe', async (ask, usual) => {
        const fromMs = await lab.env.currentTimeMs();
        if (machines.asked('observe').length <= 8) return usual();
        await machines.untilCancelled().catch(() => undefined);
        return { ...(await usual({ ...ask, untilMs: fromMs + 5 * minute })), fromMs, toMs: fromMs + 5 * minute };
      });
      await until(lab, handle, () => machines.asked('observe').length > 9);
      await order.pause(handle);
      const paused = await soon(handle, ({ status }) => status === 'paused');
      const { creditMs } = paused.windows[0]!;
      expect(creditMs).toBeGreaterThan(hour + 4 * minute);
      expect(creditMs).toBeLessThanOrEqual(hour + 5 * minute);
      const measured = machines.asked('measure').length;
      await lab.skip(7 * hour);
      expect((await soon(handle, () => true)).windows[0]?.creditMs).toBe(creditMs);
      // A week that is held for days must not fill its history.
      expect(machines.asked('measure').length).toBe(measured);
      machines.restore('observe');
      await order.resume(handle);
      await settled(handle);
      const record = (await recordOf(handle))!;
      // Two machines, four slices an hour, nearly five hours: measuring went on with the week.
      expect(machines.asked('measure').length - measured).toBeGreaterThan(30);
      expect(record).toMatchObject({ verdict: 'pass', attempts: 1, evidence: { observedMs: wholeSoak(plan) } });
      expect(record.endedAt - record.startedAt).toBeGreaterThanOrEqual(plan.watch.soak + 6 * hour);
      // While the week was held nobody wanted to know: that is not unknown.
      const { wanted = [] } = (await handle.query(messages.state)).measured['MainPC']!;
      expect(Math.max(...wanted.slice(1).map(([first], index) => first - wanted[index]![1]))).toBeGreaterThan(6 * hour);
    },
    from,
  );
});

test(
  'a long soak goes on in new histories without losing credit, and what people see stays right',
  bounded,
  async () => {
    const plan = soaking({ slice: 5 * minute });
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        const first = (await handle.describe()).runId;
        const paged = await until(lab, handle, ({ windows }) => (windows[0]?.creditMs ?? 0) > 20 * hour);
        const { runId, memo } = await handle.describe();
        expect(runId).not.toBe(first);
        expect(paged).toMatchObject({ status: 'running', phase: 'soak', windows: [{ id: '2D.soak', restarts: 0 }] });
        expect(JSON.stringify(memo).length).toBeLessThanOrEqual(2_048);
        expect(memo?.['glance'] as Glance).toMatchObject({
          run: paged.run,
          status: 'running',
          phase: 'soak',
          tasks: { '2D': expect.stringMatching(/pass$/), soak: '0/9 open' },
          issues: [],
        });

        await until(lab, handle, ({ status }) => status === 'deciding' || status === 'failed');
        const state = await handle.query(messages.state);
        expect(state.pages).toBeGreaterThanOrEqual(2);
        const record = state.records['2D.soak']!;
        expect(record).toMatchObject({
          verdict: 'pass',
          attempts: 1,
          evidence: { observedMs: wholeSoak(plan), restarts: 0 },
        });
        expect(record.endedAt - record.startedAt).toBeLessThan(plan.watch.soak + 10 * minute);
        const slices = machines.asked('observe').filter(({ machine }) => machine === 'PC2').length;
        expect(slices - plan.watch.soak / plan.watch.slice).toBeLessThanOrEqual(2);
        expect((await handle.describe()).memo).toMatchObject({ glance: { status: 'deciding' } });
      },
      from,
    );
  },
);
