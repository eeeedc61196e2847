// A machine that does not come back: a rollback of everything ends without it, and says what is to be done there. Here it hangs when it is
// asked to undo anything; one whose worker is never started is in gone-for-good.
import { describe, expect, test } from 'vitest';
import { reportOf } from '../../plan/report/report.ts';
import { tasksIn, undoRows } from '../../plan/tasks/steps.ts';
import type { StepRecord } from '../../plan/week/record.ts';
import { snapshot } from '../../plan/week/snapshot.ts';
import type { Undone } from '../../plan/week/undo.ts';
import { commandThere } from '../../plan/week/without.ts';
import * as messages from '../../workflows/orders/messages.ts';
import type { Hanging } from './fake-machines.ts';
import { week1Plan, type Handle, type Running } from './harness.ts';
import { order, refusal, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(45_000);

const bounded = { timeout: 70_000 };
const atTheGate = { from: 'week.redundancy' };
/** And an order in the moment in which an activity ends is one that this server may lose. */
const deciding = async (handle: Handle) => {
  await until(lab, handle, ({ status }) => status === 'deciding');
  await lab.quiet();
};
const failedRows = (records: Record<string, { id: string; verdict: string }>) =>
  Object.values(records).filter(({ id, verdict }) => id.includes('undo') && verdict === 'fail');

/** At the gate, with PC2 about to fall silent. */
async function silentPC2({ handle, machines }: Running): Promise<Hanging> {
  await deciding(handle);
  return machines.hang('rollback', (_ask, machine) => machine === 'PC2');
}

describe('a rollback that is ordered without it', () => {
  test('ends, but for it, with what is to be done there', bounded, async () => {
    await lab.run(
      week1Plan(),
      async (week) => {
        const { handle, machines, state } = week;
        const hanging = await silentPC2(week);
        expect(await order.rollback(handle, 'it burns', 'all', ['PC2'])).toBe('The rollback begins.');
        const ended = await handle.result();
        expect(ended).toMatchObject({ status: 'rolled back in part', phase: 'end' });
        expect(hanging.asked).toBe(0);
        expect(ended.without).toMatchObject([{ machine: 'PC2', why: 'left out by ada: it burns' }]);
        expect(failedRows(ended.records)).toEqual([]);
        // What nobody has looked at is no pass.
        expect(ended.records['2A.undo.container']).toMatchObject({
          verdict: 'inconclusive',
          summary: expect.stringContaining('PC2 was not looked at'),
        });
        expect(ended.records['2C.undo.containers']).toMatchObject({
          verdict: 'inconclusive',
          summary: 'nats-main gone; PC2 was not looked at',
        });
        const command = commandThere(state.run, 'PC2');
        expect(reportOf(ended, Date.now())).toMatchObject({ without: [{ machine: 'PC2', command }] });
        expect(machines.told.find(({ notice }) => notice.kind === 'result')?.notice).toMatchObject({
          title: expect.stringMatching(/: rolled back, but for PC2$/),
          text: expect.stringContaining(command),
        });
      },
      atTheGate,
    );
  });

  test(
    'while one waits for it already goes on at once, and a level 3 that goes without it has failed',
    bounded,
    async () => {
      await lab.run(
        week1Plan(),
        async (week) => {
          const { handle } = week;
          const hanging = await silentPC2(week);
          await order.rollback(handle);
          await soon(handle, () => hanging.asked > 0);
          expect(await refusal(order.rollback(handle))).toMatch(/is rolling back; wait.*rollback --without MACHINE/);
          expect(await order.levelThree(handle, ['PC2'])).toBe(
            'The rollback that runs is level 3 from now on, and goes on without PC2.',
          );
          const { status, incidents } = await handle.result();
          expect(status).toBe('rolled back in part');
          expect(incidents).toMatchObject([
            {
              level: 3,
              result: 'failed',
              actions: expect.arrayContaining([
                expect.objectContaining({
                  machine: 'PC2',
                  result: expect.stringMatching(/^not undone: left out by ada/),
                }),
              ]),
            },
          ]);
        },
        atTheGate,
      );
    },
  );

  test('while it is looked at goes on without what it shows', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        const hanging = machines.hang('programStatus', (_ask, machine) => machine === 'PC2');
        await order.rollback(handle);
        await soon(handle, () => hanging.asked > 0);
        await order.rollback(handle, 'it burns', 'all', ['PC2']);
        const { status, records, undone } = await handle.result();
        expect(status).toBe('rolled back in part');
        expect(undone.map(({ machine }) => machine)).toEqual(['MainPC', 'PC2']);
        expect(records['2D.undo.restart']).toMatchObject({ verdict: 'inconclusive' });
      },
      atTheGate,
    );
  });

  test('ends though entries there had failed before', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        machines.override('rollback', async ({ dryRun }, usual, machine) => {
          const entries = await usual();
          if (machine !== 'PC2' || dryRun) return entries;
          const agent = {
            entry: 2,
            step: '2D.deploy.observability_hub',
            kind: 'agent.restore',
            target: 'observability_hub',
          };
          return [...entries, { ...entries[0], ...agent }].map((entry: Undone) => ({
            ...entry,
            result: 'failed',
            detail: 'Docker hangs',
          }));
        });
        const hanging = machines.hang('programStatus', (_ask, machine) => machine === 'PC2');
        await order.rollback(handle);
        await soon(handle, () => hanging.asked > 0);
        await order.rollback(handle, 'it burns', 'all', ['PC2']);
        const ended = await handle.result();
        expect(ended.status).toBe('rolled back in part');
        const open = [
          'container.remove edgehub of 2A.deploy.container',
          'agent.restore observability_hub of 2D.deploy.observability_hub',
        ];
        expect(ended.without).toMatchObject([{ open, of: 2 }]);
        // Nobody can mend it there: it is what is open, and no failure of the rollback.
        expect(snapshot(ended, Date.now(), { running: [], waits: [] }).undone).toMatchObject({ failed: [] });
      },
      atTheGate,
    );
  });

  test('ends though CentralHub still asks it, and gets no answer', bounded, async () => {
    const plan = week1Plan();
    plan.machines.find(({ name }) => name === 'PC2')!.address = 'fd00::2';
    await lab.run(
      plan,
      async (week) => {
        await silentPC2(week);
        week.machines.override('targets', async (_ask, usual) => {
          const found = await usual();
          const gone = ['PC2:9199', '[fd00::2]:9199'].map((instance) => ({
            job: 'agents',
            instance,
            health: 'down',
            lastError: 'no route to host',
          }));
          return { ...found, targets: [...found.targets, ...gone] };
        });
        await order.rollback(week.handle, 'it burns', 'all', ['PC2']);
        const { status, records } = await week.handle.result();
        expect(failedRows(records)).toEqual([]);
        expect(status).toBe('rolled back in part');
      },
      atTheGate,
    );
  });

  test('ends where it has CentralHub, and looks at what is on the other', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await deciding(handle);
        machines.hang('rollback', (_ask, machine) => machine === 'MainPC');
        machines.override('awaitReady', async ({ url }, usual) => ({
          ...(await usual()),
          ok: !url.includes('PC2:8102'),
        }));
        await order.rollback(handle, 'it burns', 'all', ['MainPC']);
        const held = await soon(handle, ({ status }) => status === 'paused');
        expect(held.issues.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toContain(
          '2A.undo.no-impact',
        );
        machines.restore('awaitReady');
        await order.rollback(handle, 'it burns', 'all', ['MainPC']);
        const { status, records } = await handle.result();
        expect(status).toBe('rolled back in part');
        expect(records['2A.undo.no-impact']).toMatchObject({
          verdict: 'inconclusive',
          summary: expect.stringMatching(/^\d+ agents healthy; MainPC was not looked at$/),
        });
        expect(records['2D.undo.verify']!.verdict).toBe('inconclusive');
      },
      atTheGate,
    );
  });

  test('holds where something on the others is not undone', bounded, async () => {
    await lab.run(
      week1Plan(),
      async (week) => {
        await silentPC2(week);
        week.machines.override('inspectContainer', async (_ask, usual) => ({ ...(await usual()), exists: true }));
        await order.rollback(week.handle, 'it burns', 'all', ['PC2']);
        const { issues } = await soon(week.handle, ({ status }) => status === 'paused');
        expect(issues.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toContain('2C.undo.containers');
      },
      atTheGate,
    );
  });

  test('is refused where it makes no sense', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle }) => {
        await deciding(handle);
        const without = (machines: string[], scope: Parameters<typeof order.rollback>[2] = 'all') =>
          refusal(order.rollback(handle, 'back', scope, machines));
        expect(await without(['PC3'])).toMatch(/no machine PC3: MainPC, PC2/);
        expect(await without(['PC2'], { task: '2B' })).toMatch(/Only a rollback of everything/);
        expect(await without(['PC2', 'MainPC'])).toMatch(/without any machine undoes nothing/);
      },
      atTheGate,
    );
  });
});

describe('one that ended without it is taken up again when it is back', () => {
  const first = { kind: 'rollback', by: 'ada', scope: 'all', reason: 'PC2 is back' } as const;
  const without = [{ machine: 'PC2', why: 'it burned', since: 0, open: ['2A.deploy.container'], of: 1 }];
  /** As it ended: what stood is in the history, and of what is on PC2 nobody knows. */
  const left = () => {
    const plan = week1Plan();
    const record = (id: string, verdict: 'pass' | 'inconclusive', machine: string): StepRecord => ({
      id,
      machine,
      verdict,
      summary: verdict === 'pass' ? 'done' : 'PC2 was not looked at',
      evidence: {},
      startedAt: 1,
      endedAt: 1,
      attempts: 1,
    });
    const rows = undoRows(tasksIn(plan)).map(({ id }) => record(id, 'inconclusive', 'PC2'));
    return {
      state: {
        status: 'rolled back in part' as const,
        phase: 'end' as const,
        without,
        records: Object.fromEntries(rows.map((row) => [row.id, row])),
        history: [record('2A.deploy.container', 'pass', 'PC2')],
      },
      first,
    };
  };

  test('and ends as rolled back, with every row looked at', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle }) => {
        const state = await handle.result();
        expect(state.status).toBe('rolled back');
        expect(state).not.toHaveProperty('without');
        const unseen = Object.values(state.records).filter(({ summary }) => summary.includes('was not looked at'));
        expect(unseen.map(({ id }) => id)).toEqual([]);
      },
      { left: left() },
    );
  });

  test('also where its ledger is lost: what stands there holds the end', bounded, async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        machines.override('rollback', async (_ask, usual, machine) => {
          const entries = await usual();
          return machine === 'PC2' ? [] : entries;
        });
        machines.override('inspectContainer', async ({ name }, usual) => ({
          ...(await usual()),
          ...(name === 'edgehub' && { exists: true, status: 'running' }),
        }));
        const { issues } = await soon(handle, ({ status }) => status === 'paused');
        expect(issues.filter(({ verdict }) => verdict === 'fail')).toMatchObject([
          { id: '2A.undo.container', summary: 'edgehub is still there (running)' },
        ]);
        machines.restore('inspectContainer');
        await order.rollback(handle);
        expect((await handle.result()).status).toBe('rolled back');
      },
      { left: left() },
    );
  });
});

test('one that follows a rollback without the week ends though it falls silent afterwards', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines, state }) => {
      await deciding(handle);
      const at = await lab.env.currentTimeMs();
      machines.override('closing', (_ask, _usual, machine) =>
        machine === 'PC2' ? machines.untilCancelled() : { by: 'ada (ada@desk)', at, undoneAt: at + 1_000 },
      );
      await handle.signal(messages.ledgerClosed, { run: state.run, machine: 'MainPC' });
      expect(await handle.result()).toMatchObject({
        status: 'rolled back',
        incidents: [{ level: 3, trigger: { from: 'MainPC', withoutTemporal: true } }],
      });
    },
    atTheGate,
  );
});

describe('a rollback of a part that waits for it', () => {
  const ofAll = ({ machines }: Running) =>
    machines.asked('rollback').filter(({ ask }) => ask.scope === 'all' && !ask.dryRun);
  const waiting = async (week: Running) => {
    const hanging = await silentPC2(week);
    await order.rollback(week.handle, 'one task', { task: '2B' });
    await soon(week.handle, () => hanging.asked > 0);
    return hanging;
  };

  test('says that to go on without the machine undoes everything', bounded, async () => {
    await lab.run(
      week1Plan(),
      async (week) => {
        await waiting(week);
        expect(await refusal(order.rollback(week.handle, 'again', { task: '2B' }))).toMatch(
          /rollback --without MACHINE, which undoes everything/,
        );
        week.machines.restore('rollback');
      },
      atTheGate,
    );
  });

  test('does not hold up level 3', bounded, async () => {
    await lab.run(
      week1Plan(),
      async (week) => {
        const hanging = await waiting(week);
        expect(await order.levelThree(week.handle)).toBe(
          'Level 3 begins: the rollback that runs, of a part, is broken off.',
        );
        await soon(week.handle, () => hanging.asked > 1);
        expect(ofAll(week).map(({ machine }) => machine)).toContain('MainPC');
        await order.rollback(week.handle, 'it burns', 'all', ['PC2']);
        expect(await week.handle.result()).toMatchObject({ status: 'rolled back in part', incidents: [{ level: 3 }] });
      },
      atTheGate,
    );
  });

  test('nor a rollback of everything', bounded, async () => {
    await lab.run(
      week1Plan(),
      async (week) => {
        await waiting(week);
        week.machines.restore('rollback');
        expect(await order.rollback(week.handle)).toBe(
          'The rollback begins: the one that runs, of a part, is broken off.',
        );
        expect(await week.handle.result()).toMatchObject({ status: 'rolled back', rollback: { scope: 'all' } });
      },
      atTheGate,
    );
  });

  test('nor one that somebody made on a machine without the week', bounded, async () => {
    await lab.run(
      week1Plan(),
      async (week) => {
        await waiting(week);
        week.machines.restore('rollback');
        await week.handle.signal(messages.ledgerClosed, { run: week.state.run, machine: 'MainPC' });
        expect((await week.handle.result()).status).toBe('rolled back');
        expect(ofAll(week).length).toBe(2);
      },
      atTheGate,
    );
  });
});
