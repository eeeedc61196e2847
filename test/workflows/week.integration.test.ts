// The whole week with its real durations, on fake machines.
import { expect, test } from 'vitest';
import * as messages from '../../workflows/orders/messages.ts';
import { pilotsOf } from '../../plan/schema/plan.ts';
import { stepsOf } from '../../plan/tasks/steps.ts';
import { preparedOf } from './fake-machines.ts';
import { week1Plan } from './harness.ts';
import { decide, order, refusal, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(160_000);

test(
  'carries out every step and check of the plan, each with a pass, and completes on a GO',
  { timeout: 180_000 },
  async () => {
    const plan = week1Plan();
    await lab.run(plan, async ({ handle, machines }) => {
      const [moved] = pilotsOf(plan);
      // Others changed its file since it was prepared: what is told is the newest.
      machines.override('deployAgent', async ({ agent }, usual, machine) => ({
        ...(await usual()),
        ...(agent.name === moved!.name && { prepared: preparedOf(machine, agent.name) }),
      }));
      const seen = await until(lab, handle, ({ status, issues }) => status === 'deciding' || issues.length > 0);
      expect(seen.issues).toEqual([]);
      const prepared = pilotsOf(plan).map(({ name }) => name);
      expect(machines.prepared.slice(0, prepared.length)).toEqual(prepared);
      expect(new Set(machines.prepared.slice(prepared.length))).toEqual(new Set([moved!.name]));
      await decide(handle, { decision: 'go', confidencePercent: 95 });
      const state = await handle.result();
      const open = stepsOf(plan).filter((step) => state.records[step.id]?.verdict !== 'pass');
      expect(open.map((step) => `${step.id}: ${state.records[step.id]?.summary}`)).toEqual([]);
      expect(state.status).toBe('completed');
      const soak = state.records['2D.soak']!;
      expect(soak.endedAt - soak.startedAt).toBeGreaterThanOrEqual(plan.watch.soak);
      for (const record of Object.values(state.records)) expect(JSON.stringify(record).length).toBeLessThanOrEqual(512);
    });
  },
);

test(
  'an issue at hour 20 of the soak starts it again: the week is a day and 20 hours longer for it, and says so',
  { timeout: 180_000 },
  async () => {
    const plan = week1Plan();
    const hour = 3_600_000;
    await lab.run(plan, async ({ handle, machines }) => {
      let began = Infinity;
      let broken = false;
      machines.override('observe', async (_ask, usual) => {
        const seen = await usual();
        if (broken || (await handle.query(messages.progress)).phase !== 'soak') return seen;
        began = Math.min(began, seen.fromMs);
        if (seen.toMs < began + 20 * hour) return seen;
        broken = true;
        return {
          ...seen,
          targets: {
            ...seen.targets,
            'nats-pc2': { up: seen.samples - 5, down: 5, longestDown: 5, firstError: 'connection refused' },
          },
        };
      });
      const seen = await until(lab, handle, ({ status, issues }) => status === 'deciding' || issues.length > 0);
      expect(seen.issues).toEqual([]);
      // It has passed since, and what was found stays found.
      expect(await refusal(decide(handle))).toMatch('2D.soak: agent: nats-pc2: connection refused: not accepted');
      await order.accept(handle, '2D.soak', 'a switch was replaced');
      await soon(handle, ({ evidence }) => evidence?.recommendation === 'go');
      await decide(handle);
      const { status, records } = await handle.result();
      expect(status).toBe('completed');
      const soak = records['2D.soak']!;
      expect(soak).toMatchObject({ verdict: 'pass', evidence: { restarts: 1, wantedMs: plan.watch.soak } });
      // The slice with the issue ends with it.
      expect(soak.endedAt - soak.startedAt).toBeGreaterThanOrEqual(20 * hour - plan.watch.slice + plan.watch.soak);
    });
  },
);
