// A week goes on from the state of an earlier build: as it is, in a new history, and with an order to begin with.
import { expect, test } from 'vitest';
import { controlQueue } from '../../plan/names.ts';
import { serviceOf } from '../../plan/schema/plan.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import type { WeekState } from '../../plan/week/state.ts';
import * as messages from '../../workflows/orders/messages.ts';
import type { Running } from '../workflows/harness.ts';
import { soon, speaker, until } from '../workflows/people.ts';
import { useServer } from '../workflows/server.ts';
import { packed } from './old-machine.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };
const rollback = { kind: 'rollback', by: 'ada', scope: 'all', reason: 'enough' } as const;

/** The first build's week, cut off before its soak. */
function beforeTheSoak(): WeekState {
  const { evidence: _, ...state } = packed<WeekState>('state-completed');
  const steps = stepsOf(state.plan);
  const done = steps.slice(
    0,
    steps.findIndex(({ task }) => task === 'soak'),
  );
  const records = Object.fromEntries(done.map(({ id }) => [id, state.records[id]!]));
  return { ...state, status: 'running', phase: 'soak', records, approvals: [] };
}

/** The machines are as the week found them: files, bystanders, CentralHub. */
function asFound({ machines, state: { plan, facts } }: Running): void {
  const { name: central } = serviceOf(plan, 'central-hub');
  machines.override('digestFile', async ({ path }, usual) => {
    const original = facts[`original ${path}`];
    return { ...(await usual()), ...(original && { sha256: original }) };
  });
  machines.override('programStatus', async ({ program }, usual) => {
    const found = await usual();
    return { ...found, pid: facts.bystanders!.programs[program] ?? found.pid };
  });
  machines.override('inspectContainer', async ({ name }, usual) => {
    const found = await usual();
    return name === central ? { ...found, startedAt: facts.bystanders!.centralStartedAt } : found;
  });
}

test('of the first build, to the gate; and on in a new history', bounded, async () => {
  const state = beforeTheSoak();
  await lab.run(
    state.plan,
    async (week) => {
      const { handle } = week;
      asFound(week);
      await until(lab, handle, ({ status, evidence }) => status === 'deciding' && evidence !== undefined);
      const before = (await handle.describe()).runId;
      handle.executeUpdate(messages.takeOver, { args: [{ ...speaker, queue: controlQueue }] }).catch(() => undefined);
      await expect.poll(async () => (await handle.describe()).runId, { timeout: 30_000 }).not.toBe(before);
      await soon(handle, ({ status }) => status === 'deciding');
      const { records, pages } = await handle.query(messages.state);
      expect(pages).toBe(state.pages + 1);
      expect(Object.values(records).filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
      expect(records).toMatchObject(state.records);
    },
    { left: { state } },
  );
});

test('of the first build, completed and then rolled back', bounded, async () => {
  const state = packed<WeekState>('state-completed');
  await lab.run(
    state.plan,
    async (week) => {
      const { handle } = week;
      asFound(week);
      const ended = await handle.result();
      expect(ended.status).toBe('rolled back');
      expect(ended.undone.map(({ machine }) => machine)).toEqual(['MainPC', 'PC2']);
      expect(ended.history.length).toBeGreaterThan(100);
      expect(ended.older).toBeUndefined();
    },
    { left: { state, first: rollback } },
  );
});

test(
  'of a long week that was rolling back: to its end, with the order that came meanwhile, and nothing undone twice',
  bounded,
  async () => {
    const state = packed<WeekState>('state-rolling-back');
    await lab.run(
      state.plan,
      async (week) => {
        const { handle, machines } = week;
        asFound(week);
        const ended = await handle.result();
        expect(ended.status).toBe('rolled back');
        expect(machines.asked('rollback').map(({ machine }) => machine)).toEqual(['PC2']);
        expect(ended.incidents).toMatchObject([{ id: 'incident-1', level: 3, result: 'recovered' }]);
        expect(ended.older!.history).toBeGreaterThanOrEqual(state.older!.history);
        for (const key of ['undoing', 'doing', 'orders'] as const) expect(ended[key], key).toBeUndefined();
      },
      { left: { state } },
    );
  },
);
