// Emergencies: levels 1 and 2 mend and let the week go on, level 3 ends it from every state, and what triggers them by itself.
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../plan/machine-api/measure.ts';
import type { Plan } from '../../plan/schema/plan.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan, type Handle, type Running } from './harness.ts';
import type { FakeMachines } from './fake-machines.ts';
import { decide, explain, order, refusal, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(45_000);

const bounded = { timeout: 100_000 };
const emergency = (handle: Handle, ask: Partial<messages.EmergencyAsk> & Pick<messages.EmergencyAsk, 'level'>) =>
  handle.executeUpdate(messages.emergency, { args: [{ reason: 'it burns', ...speaker, ...ask }] });
const deciding = (handle: Handle) => until(lab, handle, ({ status }) => status === 'deciding');
const asking = (change: Partial<Plan['emergency']> = {}) =>
  week1Plan(({ emergency: levels }) => Object.assign(levels, change));

/** Components that are down until they are restarted. */
function takeDown(machines: FakeMachines, ...names: string[]): Set<string> {
  const down = new Set(names);
  machines.override('inspectContainer', async ({ name }, usual) => ({
    ...(await usual()),
    ...(down.has(name) ? { running: false, status: 'exited' } : {}),
  }));
  machines.override('restartContainer', async ({ name }, usual) => {
    down.delete(name);
    return usual();
  });
  return down;
}

/** The next slice of a window on PC2 sees a target down for longer than tolerated. */
function seeDown(machines: FakeMachines, plan: Plan, target: string, slices = 1): void {
  let left = slices;
  machines.override('observe', async (_ask, usual, machine) => {
    const seen = await usual();
    if (machine !== 'PC2' || left === 0) return seen;
    left -= 1;
    return {
      ...seen,
      targets: {
        ...seen.targets,
        [target]: { up: 0, down: 5, longestDown: plan.watch.tolerate + 1, firstError: 'connection refused' },
      },
    };
  });
}

describe('level 1', () => {
  test('finds the failing component, restarts it and looks again; a paused week stays paused', bounded, async () => {
    await lab.run(
      week1Plan(),
      async (week) => {
        const { handle, machines } = week;
        await deciding(handle);
        await order.pause(handle);
        await soon(handle, ({ status }) => status === 'paused');
        takeDown(machines, 'nats-pc2');
        expect(await emergency(handle, { level: 1 })).toMatch(/looked for and restarted/);
        const seen = await soon(handle, ({ incidents }) => incidents.length === 1);
        expect(seen).toMatchObject({
          status: 'paused',
          incidents: [
            {
              id: 'incident-1',
              level: 1,
              target: 'nats-pc2',
              result: 'recovered',
              withinLimit: true,
              limitMs: 120_000,
              cause: null,
              prevention: null,
              trigger: { automatic: false, by: 'ada', reason: 'it burns' },
            },
          ],
        });
        expect(seen.incidents[0]!.actions.map(({ what }) => what)).toEqual([
          'probe all components',
          'restart nats-pc2',
          'await nats-pc2',
          'look at all components',
        ]);
        expect(machines.asked('restartContainer').map(({ ask }) => ask.name)).toEqual(['nats-pc2']);
      },
      { from: 'week.redundancy' },
    );
  });

  test('interrupts what runs, restarts the one that is named, and the week goes on', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        const hanging = machines.hang('natsLatency');
        await until(lab, handle, () => hanging.asked > 0);
        machines.restore('natsLatency');
        await emergency(handle, { level: 1, component: 'edgehub' });
        await until(lab, handle, ({ incidents, phase }) => incidents.length === 1 && phase === '2D');
        expect(hanging.ended).toBeGreaterThan(0);
        expect(machines.asked('restartContainer').map(({ ask }) => ask.name)).toEqual(['edgehub']);
      },
      { from: '2C.latency' },
    );
  });
  test('before all is made looks only at what stands, and refuses what does not', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        const hanging = machines.hang('portHolders', ({ ports }) => ports.includes(4222));
        await until(lab, handle, () => hanging.asked > 0);
        expect(await refusal(emergency(handle, { level: 1, component: 'nats-pc2' }))).toMatch(
          /nats-pc2 does not stand yet/,
        );
        const down = takeDown(machines, 'edgehub', 'nats-main', 'nats-pc2');
        await emergency(handle, { level: 1 });
        const { incidents } = await soon(handle, (seen) => seen.incidents.length === 1);
        expect(incidents).toMatchObject([{ level: 1, target: 'edgehub', result: 'recovered' }]);
        expect([...down]).toEqual(['nats-main', 'nats-pc2']);
      },
      { from: '2C.prepare.ports' },
    );
  });

  test('that finds nobody down is a false alarm, and one that does not help has failed', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        await emergency(handle, { level: 1 });
        expect((await soon(handle, ({ incidents }) => incidents.length === 1)).incidents[0]).toMatchObject({
          result: 'false alarm',
          target: null,
          actions: [{ result: 'all of them answer' }],
        });
        machines.override('probe', async ({ url }, usual) =>
          url.includes(':9091') ? { url, ok: false, status: 503, latencyMs: 1 } : usual(),
        );
        await emergency(handle, { level: 1, component: 'pushgateway-pc2' });
        expect((await soon(handle, ({ incidents }) => incidents.length === 2)).incidents[1]).toMatchObject({
          result: 'failed',
          target: 'pushgateway-pc2',
        });
      },
      { from: 'week.redundancy' },
    );
  });
});

test('level 2 restores the agent, and the week migrates it again and soaks again', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await deciding(handle);
      const measured = machines.asked('measure').length;
      await emergency(handle, { level: 2, agent: 'resource_manager' });
      const seen = await soon(handle, ({ incidents }) => incidents.length === 1);
      expect(seen.incidents[0]).toMatchObject({
        level: 2,
        target: 'resource_manager',
        result: 'recovered',
        withinLimit: true,
        limitMs: 300_000,
      });
      expect(
        machines
          .asked('rollback')
          .filter(({ ask }) => !ask.dryRun)
          .map(({ machine, ask }) => [machine, ask.scope]),
      ).toEqual([['PC2', { agent: 'resource_manager' }]]);
      await deciding(handle);
      expect(machines.asked('deployAgent').map(({ ask }) => ask.agent.name)).toEqual(['resource_manager']);
      expect(machines.asked('observe').length).toBeGreaterThan(90);
      // On both machines: the second day is evidence like the first.
      expect(machines.asked('measure').length - measured).toBeGreaterThan(150);
      expect(await refusal(decide(handle))).toMatch(
        /incident-1 \(level 2 of resource_manager\) has no cause and no prevention/,
      );
      const { run } = await handle.query(messages.state);
      await expect
        .poll(() =>
          machines.told.flatMap(({ notice: { kind, commands = [] } }) => (kind === 'approval' ? commands : [])),
        )
        .toContain(`hubshift incident note incident-1 --cause TEXT --prevention TEXT --run ${run}`);
      await explain(handle);
      expect((await soon(handle, ({ unexplained }) => unexplained?.length === 0)).status).toBe('deciding');
      await decide(handle);
      expect((await handle.result()).status).toBe('completed');
    },
    { from: 'week.redundancy' },
  );
});

test('orders that can not be carried out are refused with the reason', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await deciding(handle);
      expect(await refusal(emergency(handle, { level: 1, component: 'centralhub' }))).toMatch(
        /made no component centralhub; it made edgehub/,
      );
      expect(await refusal(emergency(handle, { level: 2 }))).toMatch(/needs a pilot/);
      expect(await refusal(emergency(handle, { level: 2, agent: 'pc2_sentinel' }))).toMatch(/needs a pilot/);
      expect(await refusal(emergency(handle, { level: 4 as never }))).toMatch(/levels are 1, 2 and 3/);
      expect(await refusal(emergency(handle, { level: 3, by: '' }))).toMatch(/needs a name/);
      const release = machines.hold('rollback');
      await order.rollback(handle, 'enough');
      await soon(handle, ({ status }) => status === 'rolling back');
      for (const ask of [{ level: 1 }, { level: 2, agent: 'resource_manager' }] as const)
        expect(await refusal(emergency(handle, ask))).toMatch(/is rolling back, which undoes what level . would mend/);
      // Level 3 joins it.
      expect(await emergency(handle, { level: 3 })).toBe('The rollback that runs is level 3 from now on.');
      release();
      expect(await handle.result()).toMatchObject({
        status: 'rolled back',
        incidents: [{ level: 3, result: 'recovered', trigger: { by: 'ada' } }],
      });
    },
    { from: 'week.redundancy' },
  );
});

describe('level 3', () => {
  const points: [when: string, from: string, arrive: (week: Running) => Promise<unknown>][] = [
    [
      'while a step runs',
      '2A.prepare.directories',
      async ({ handle, machines }) => {
        const hanging = machines.hang('deployContainer');
        await until(lab, handle, () => hanging.asked > 0);
      },
    ],
    [
      'while a level 1 is under way',
      'week.redundancy',
      async ({ handle, machines }) => {
        await deciding(handle);
        const hanging = machines.hang('restartContainer');
        await emergency(handle, { level: 1, component: 'edgehub' });
        await until(lab, handle, () => hanging.asked > 0);
      },
    ],
    [
      'while the week is paused',
      'week.redundancy',
      async ({ handle }) => {
        await deciding(handle);
        await order.pause(handle);
        await soon(handle, ({ status }) => status === 'paused');
      },
    ],
    ['at the gate', 'week.redundancy', ({ handle }) => deciding(handle)],
    [
      'in a fault that nobody there lifts',
      '2C.resilience.node-down',
      async ({ handle, machines }) => {
        machines.hang('liftFault');
        const hanging = machines.hang('natsAlone');
        await until(lab, handle, () => hanging.asked > 0);
      },
    ],
  ];
  test.each(points)('%s ends the week', bounded, async (_, from, arrive) => {
    await lab.run(
      week1Plan(),
      async (week) => {
        await arrive(week);
        await emergency(week.handle, { level: 3 });
        const state = await week.handle.result();
        expect(state.status).toBe('rolled back');
        expect(state.incidents.at(-1)).toMatchObject({
          level: 3,
          target: null,
          result: 'recovered',
          withinLimit: true,
        });
        expect(state.rollback).toMatchObject({ scope: 'all', verifiedAt: expect.any(Number) });
      },
      { from },
    );
  });

  test('whose Phase 1 does not show holds the week and says what is not so', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        machines.override('inspectContainer', async (_ask, usual) => ({ ...(await usual()), exists: true }));
        await emergency(handle, { level: 3 });
        const held = await soon(handle, ({ status }) => status === 'paused');
        expect(held.incidents[0]).toMatchObject({
          result: 'failed',
          actions: expect.arrayContaining([
            expect.objectContaining({ what: 'verify Phase 1', result: expect.stringContaining('2A.undo.container') }),
          ]),
        });
        machines.restore('inspectContainer');
        await order.rollback(handle, 'again');
        expect((await handle.result()).status).toBe('rolled back');
      },
      { from: 'week.redundancy' },
    );
  });
});

describe('by itself', () => {
  test(
    'one component down in the soak is level 1, and the soak begins again; the same one again is for people, and level 3 at their deadline',
    bounded,
    async () => {
      const plan = asking({ askDeadline: 600_000, atDeadline: 'level-3' });
      await lab.run(
        plan,
        async ({ handle, machines }) => {
          takeDown(machines, 'edgehub');
          seeDown(machines, plan, 'edgehub');
          const mended = await until(lab, handle, ({ incidents }) => incidents.length === 1);
          expect(mended.incidents[0]).toMatchObject({
            level: 1,
            target: 'edgehub',
            result: 'recovered',
            trigger: { automatic: true, by: 'the plan', reason: '2D.soak: edgehub: connection refused' },
          });
          await until(lab, handle, ({ windows }) =>
            windows.some(({ restarts, creditMs }) => restarts === 1 && creditMs > 0),
          );
          takeDown(machines, 'edgehub');
          // Still so at the deadline.
          seeDown(machines, plan, 'edgehub', 9);
          await until(lab, handle, ({ status }) => status === 'rolled back');
          const state = await handle.result();
          expect(state.incidents).toMatchObject([
            { level: 1 },
            {
              level: 3,
              trigger: {
                automatic: true,
                reason: expect.stringMatching(
                  /edgehub is down again after it was mended automatically; nobody answered within 10m; still so: edgehub: connection refused/,
                ),
              },
            },
          ]);
        },
        { from: '2D.soak' },
      );
    },
  );

  test('a person in between lets the same thing be mended again', bounded, async () => {
    const plan = week1Plan();
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        takeDown(machines, 'edgehub');
        seeDown(machines, plan, 'edgehub');
        await until(lab, handle, ({ incidents }) => incidents.length === 1);
        await until(lab, handle, ({ windows }) => windows.some(({ creditMs }) => creditMs > 0));
        await order.pause(handle);
        await soon(handle, ({ status }) => status === 'paused');
        takeDown(machines, 'edgehub');
        seeDown(machines, plan, 'edgehub');
        await order.resume(handle);
        expect((await until(lab, handle, ({ incidents }) => incidents.length === 2)).incidents[1]).toMatchObject({
          level: 1,
          result: 'recovered',
        });
        // A week that ends in the middle of something keeps the server from skipping time for the next.
        await until(lab, handle, ({ windows }) => windows.some(({ creditMs }) => creditMs > 0));
        await order.pause(handle);
        await soon(handle, ({ status }) => status === 'paused');
      },
      { from: '2D.soak' },
    );
  });

  test('an agent that fails in an observation is level 2: restored, migrated and observed again', bounded, async () => {
    const plan = week1Plan();
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        let down = true;
        machines.override('programStatus', async ({ program }, usual) => ({
          ...(await usual()),
          ...(down && program === 'resource_manager' ? { state: 'FATAL' } : {}),
        }));
        machines.override('deployAgent', async (_ask, usual) => {
          down = false;
          return usual();
        });
        seeDown(machines, plan, 'program resource_manager');
        const seen = await until(lab, handle, ({ incidents }) => incidents.length === 1);
        expect(seen.incidents[0]).toMatchObject({
          level: 2,
          target: 'resource_manager',
          result: 'recovered',
          trigger: { automatic: true },
        });
        await until(lab, handle, ({ running }) =>
          running.some(({ id }) => id.startsWith('2D.deploy.unified_utils_agent')),
        );
        const { records } = await handle.query(messages.state);
        expect(records['2D.deploy.resource_manager.observation']).toMatchObject({ verdict: 'pass' });
        expect(machines.asked('deployAgent').map(({ ask }) => ask.agent.name)).toContain('resource_manager');
      },
      { from: '2D.deploy.resource_manager.observation' },
    );
  });

  test('two things down at once are for people, who may let the week go on', bounded, async () => {
    const plan = asking({ askDeadline: 7 * 24 * 3_600_000 });
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        const down = takeDown(machines, 'edgehub', 'pushgateway-pc2');
        seeDown(machines, plan, 'edgehub');
        const asked = await until(lab, handle, ({ status }) => status === 'paused');
        expect(asked.held?.reason).toMatch(/2 things are down at once: edgehub, pushgateway-pc2/);
        expect(asked.waits[0]).toMatchObject({
          on: 'a person',
          until: expect.any(Number),
          command: expect.stringContaining('--level 3'),
        });
        expect(machines.asked('restartContainer')).toEqual([]);
        down.clear();
        await order.resume(handle);
        await deciding(handle);
        const { records, incidents } = await handle.query(messages.state);
        expect(records['2D.soak']).toMatchObject({ verdict: 'pass', evidence: { restarts: 1 } });
        expect(incidents).toEqual([]);
      },
      { from: '2D.soak' },
    );
  });

  test(
    'an issue while a pilot refuses who asks is for people: no level and no clock acts on half a look',
    bounded,
    async () => {
      const plan = asking({ askDeadline: 600_000, atDeadline: 'level-3' });
      const pilot = plan.agents.find(({ name }) => name === 'resource_manager')!;
      const why = 'answered 401 (passwordFile /etc/site/password)';
      await lab.run(
        plan,
        async ({ handle, machines }) => {
          let looks = 0;
          machines.override('probe', async ({ url }, usual) =>
            looks > 0 && url.includes(`:${pilot.port}`)
              ? { url, ok: false, status: 401, latencyMs: 1, error: why, unknown: true }
              : usual(),
          );
          machines.override('observe', async (_ask, usual, machine) => {
            const seen: Observation = await usual();
            if (machine !== 'PC2') return seen;
            looks += 1;
            const edgehub = { up: 0, down: 5, longestDown: plan.watch.tolerate + 1, firstError: 'connection refused' };
            const refused = {
              up: 0,
              down: 0,
              longestDown: 0,
              unknown: 5,
              firstUnknown: why,
              refusedNow: true as const,
            };
            const found = looks === 1 ? { edgehub } : { [pilot.name]: refused };
            return { ...seen, targets: { ...seen.targets, ...found } };
          });
          const held = await until(lab, handle, ({ held: now }) => now?.reason.includes('nobody answered') ?? false);
          expect(held.held?.reason).toContain(`nobody can tell how resource_manager is (${why})`);
          expect(held.held?.reason).toContain(`nobody can tell how it is now (resource_manager: ${why})`);
          expect(held).toMatchObject({ status: 'paused', incidents: [] });
          expect([...machines.asked('restartContainer'), ...machines.asked('rollback')]).toEqual([]);
          // Asked by a person to mend what fails, it says what it could not see.
          await emergency(handle, { level: 1 });
          const { incidents } = await soon(handle, (seen) => seen.incidents.length === 1);
          expect(incidents).toMatchObject([
            {
              result: 'failed',
              target: null,
              actions: [{ result: `nobody can tell how resource_manager is (${why})` }],
            },
          ]);
        },
        { from: '2D.soak' },
      );
    },
  );

  test(
    'a level 1 that does not help is for people; with nobody there the plan may want the week held',
    bounded,
    async () => {
      const plan = asking({ atDeadline: 'hold', askDeadline: 600_000 });
      await lab.run(
        plan,
        async ({ handle, machines }) => {
          machines.override('inspectContainer', async ({ name }, usual) => ({
            ...(await usual()),
            running: name !== 'pushgateway-pc2',
          }));
          seeDown(machines, plan, 'pushgateway-pc2', 9);
          const held = await until(lab, handle, ({ held: now }) => now?.reason.includes('nobody answered') ?? false);
          expect(held.held?.reason).toMatch(
            /level 1 did not mend pushgateway-pc2.*still so: pushgateway-pc2: connection/,
          );
          expect(held).toMatchObject({ status: 'paused', incidents: [{ level: 1, result: 'failed' }] });
        },
        { from: '2D.soak' },
      );
    },
  );

  test('nothing happens where the plan does not want it', bounded, async () => {
    const plan = asking({ automatic: false });
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        takeDown(machines, 'edgehub');
        seeDown(machines, plan, 'edgehub');
        await until(lab, handle, ({ windows }) => windows.some(({ restarts }) => restarts === 1));
        expect(machines.asked('restartContainer')).toEqual([]);
        expect((await handle.query(messages.progress)).incidents).toEqual([]);
      },
      { from: '2D.soak' },
    );
  });
});

test(
  'a ledger that was closed without the week makes it roll back, with an incident that says by whom',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines, state }) => {
        await deciding(handle);
        machines.override('closing', async (_ask, usual, machine) =>
          machine === 'PC2'
            ? { by: 'grace (grace@pc2)', at: state.startedAt, undoneAt: state.startedAt + 2_500 }
            : usual(),
        );
        await handle.signal(messages.ledgerClosed, { run: 'another', machine: 'PC2' });
        await handle.signal(messages.ledgerClosed, { run: state.run, machine: 'PC2' });
        expect(await handle.result()).toMatchObject({
          status: 'rolled back',
          incidents: [
            {
              level: 3,
              result: 'recovered',
              startedAt: state.startedAt,
              endedAt: state.startedAt + 2_500,
              trigger: { by: 'grace (grace@pc2)', from: 'PC2', withoutTemporal: true },
            },
          ],
        });
      },
      { from: 'week.redundancy' },
    );
  },
);

test('people note the cause of an incident and what will prevent it', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle }) => {
      await deciding(handle);
      await emergency(handle, { level: 1, component: 'edgehub' });
      await soon(handle, ({ incidents }) => incidents.length === 1);
      const note = (said: Partial<messages.Note>) =>
        handle.executeUpdate(messages.note, { args: [{ incident: 'incident-1', ...speaker, ...said }] });
      expect(await refusal(note({ incident: 'incident-7', cause: 'x' }))).toMatch(
        /There is no incident-7; there is incident-1/,
      );
      expect(await refusal(note({}))).toMatch(/says a cause, a prevention or both/);
      await note({ cause: 'a full disk' });
      await note({ prevention: 'a quota' });
      expect((await handle.query(messages.progress)).incidents[0]).toMatchObject({
        cause: 'a full disk',
        prevention: 'a quota',
      });
    },
    { from: 'week.redundancy' },
  );
});
