// A machine that is away in the soak: its worker alone, and all of it. What others see of it from outside makes the difference.
import { expect, test } from 'vitest';
import type { Measured } from '../../plan/evidence/measured.ts';
import { union } from '../../plan/evidence/sequence-sets.ts';
import type { Observation } from '../../plan/machine-api/measure.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { type Handle, week1Plan } from './harness.ts';
import { decide, order, refusal, soon, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(110_000);

const bounded = { timeout: 130_000 };
const from = { from: '2D.soak' };
const minute = 60_000;
const hour = 60 * minute;

const soakedFor = (handle: Handle, milliseconds: number) =>
  until(lab, handle, ({ windows }) => (windows[0]?.creditMs ?? 0) > milliseconds);
const atTheGate = (handle: Handle) =>
  until(lab, handle, ({ status, issues }) => status === 'deciding' || issues.length > 0);
const kpiOf = async (handle: Handle, id: string) =>
  (await soon(handle, (now) => now.evidence !== undefined)).evidence?.kpis[id];

test(
  'PC2 is rebooted at hour 10: what ran there was down, the soak begins again, and both stay found',
  bounded,
  async () => {
    const plan = week1Plan();
    await lab.run(
      plan,
      async ({ handle, machines, endWorker, startWorker }) => {
        let off: [number, number] | undefined;
        machines.override('measure', async (_ask, usual, machine) => {
          const found: Measured = await usual();
          if (machine === 'MainPC' && off)
            for (const group of found.outside ?? []) group.down = union(group.down, [off]);
          return found;
        });
        let life = 'before';
        machines.override('observe', async (ask, usual, machine) => {
          const seen: Observation = await usual();
          if (machine !== 'PC2') return seen;
          const known = ask.lives?.['container edgehub'];
          seen.restarted = known === undefined || known === life ? [] : ['container edgehub'];
          seen.lives = { 'container edgehub': life };
          return seen;
        });
        await soakedFor(handle, 10 * hour);
        await lab.skip(minute);
        const since = await lab.env.currentTimeMs();
        await endWorker('PC2');
        await lab.skipOver(20 * minute);
        off = [since, await lab.env.currentTimeMs()];
        life = 'after';
        await startWorker('PC2');
        expect((await atTheGate(handle)).issues).toEqual([]);
        // 20 minutes of a week are over what EdgeHub may be down, and not what an agent may.
        const downMs = expect.toSatisfy((down: number) => down >= 20 * minute);
        expect(await kpiOf(handle, 'kpi.edgehub-uptime')).toMatchObject({ verdict: 'fail', evidence: { downMs } });
        expect(await kpiOf(handle, 'kpi.agent-uptime')).toMatchObject({ verdict: 'pass', evidence: { downMs } });
        expect(await refusal(decide(handle))).toMatch(/2D\.soak: .*container edgehub/);
        const stood = (await soon(handle, ({ evidence }) => evidence !== undefined)).evidence!.digest;
        await order.accept(handle, '2D.soak', 'a power cut');
        await soon(handle, ({ evidence }) => evidence !== undefined && evidence.digest !== stood);
        expect(await refusal(decide(handle))).toMatch(/NO-GO: .*edgehub 99\.\d+ %/);
      },
      from,
    );
  },
);

test(
  'the worker of PC2 is away for 3 hours: the soak is as much longer, what ran there was up, as MainPC saw, and nobody knows whether messages cross',
  bounded,
  async () => {
    const plan = week1Plan();
    await lab.run(
      plan,
      async ({ handle, machines, endWorker, startWorker }) => {
        let away: [number, number] | undefined;
        machines.override('measure', async (_ask, usual, machine) => {
          const found: Measured = await usual();
          const route = found.messages['PC2'];
          if (machine === 'MainPC' && away && route) {
            const [fromMs, toMs] = away;
            const count = Math.floor((toMs - fromMs) / plan.watch.sampleInterval);
            const of = 20_000;
            Object.assign(route, {
              sent: [[1, of]],
              answered: [[1, of - count]],
              unheard: [[of - count + 1, of]],
              silences: [{ fromMs, toMs, last: of, count }],
            });
          }
          return found;
        });
        await soakedFor(handle, 10 * hour);
        await lab.skip(minute);
        const since = await lab.env.currentTimeMs();
        await endWorker('PC2');
        await lab.skipOver(3 * hour);
        away = [since, await lab.env.currentTimeMs()];
        await startWorker('PC2');
        expect((await atTheGate(handle)).issues).toEqual([]);
        expect(await kpiOf(handle, 'kpi.edgehub-uptime')).toMatchObject({ verdict: 'pass', evidence: { value: 100 } });
        expect(await kpiOf(handle, 'kpi.agent-uptime')).toMatchObject({ verdict: 'pass', evidence: { value: 100 } });
        const soak = (await handle.query(messages.state)).records['2D.soak']!;
        expect(soak).toMatchObject({ verdict: 'pass', evidence: { restarts: 0 } });
        expect(soak.endedAt - soak.startedAt).toBeGreaterThanOrEqual(plan.watch.soak + 3 * hour - plan.watch.slice);
        expect(await kpiOf(handle, 'kpi.delivery')).toMatchObject({
          verdict: 'inconclusive',
          // All but what its last slice said it would see.
          evidence: { unknown: expect.toSatisfy((count: number) => count > 650) },
        });
        expect((await soon(handle, () => true)).evidence).toMatchObject({ recommendation: 'no-go' });
      },
      from,
    );
  },
);
