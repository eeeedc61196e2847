// Nobody answers: what a deadline does to a week that is well again, still down, or that nobody heard of.
import { expect, test } from 'vitest';
import type { Plan } from '../../plan/schema/plan.ts';
import * as messages from '../../workflows/orders/messages.ts';
import type { FakeMachines } from './fake-machines.ts';
import { week1Plan } from './harness.ts';
import { decide, explain, order, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(200_000);

const bounded = { timeout: 220_000 };
const minute = 60_000;
const hour = 60 * minute;

/** Of version 1: everything is undone where two things are down and nobody answers. */
const plan = week1Plan(({ emergency }) => Object.assign(emergency, { askDeadline: 12 * hour, atDeadline: 'level-3' }));
const two = ['edgehub', 'pushgateway-pc2'];

/** Two containers are stopped from now on, and seen to be; gives what starts them again. */
function stopTwo(machines: FakeMachines, { watch }: Plan): () => void {
  let stopped = true;
  machines.override('inspectContainer', async ({ name }, usual) => ({
    ...(await usual()),
    ...(stopped && two.includes(name) ? { running: false, status: 'exited' } : {}),
  }));
  machines.override('observe', async (ask, usual) => {
    const seen = await usual();
    const down = two.filter((name) => stopped && ask.containers.includes(name)).map((name) => `container ${name}`);
    if (down.length === 0) return seen;
    const exited = { up: 0, down: 5, longestDown: watch.tolerate + 1, firstError: 'exited' };
    return { ...seen, targets: { ...seen.targets, ...Object.fromEntries(down.map((name) => [name, exited])) } };
  });
  return () => (stopped = false);
}

test(
  'two containers that were down for a minute: the week looks again at the deadline, and goes on to its end',
  bounded,
  async () => {
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        const start = stopTwo(machines, plan);
        const asked = await until(lab, handle, ({ status }) => status === 'paused');
        expect(asked.held?.reason).toMatch(/2 things are down at once: edgehub, pushgateway-pc2/);
        await lab.skip(minute);
        start();
        const { evidence: before } = await until(lab, handle, ({ status }) => status === 'deciding');
        const { incidents, records } = await handle.query(messages.state);
        expect(incidents).toMatchObject([
          { level: 1, target: two.join(', '), result: 'recovered by itself', startedAt: asked.held!.since },
        ]);
        expect(incidents[0]!.endedAt - asked.held!.since).toBeGreaterThanOrEqual(12 * hour);
        expect(records['2D.soak']).toMatchObject({ verdict: 'pass', evidence: { restarts: 1 } });
        expect(machines.asked('rollback').filter(({ ask }) => !ask.dryRun)).toEqual([]);
        expect(machines.asked('restartContainer')).toEqual([]);
        const paged = machines.told.filter(
          ({ channel, notice }) => channel === 'pagerduty' && notice.id.includes(`/held-${asked.held!.since}/`),
        );
        const [first, last] = [paged[0]!.notice, paged.at(-1)!.notice];
        expect(first).toMatchObject({ kind: 'question', resolved: false });
        expect(first.at - asked.held!.since).toBeLessThan(minute);
        expect(last).toMatchObject({ resolved: true });
        expect(machines.told.map(({ notice }) => notice.title)).toContain(
          `incident-1, level 1, ${two.join(', ')}: recovered by itself`,
        );
        await order.accept(handle, '2D.soak', 'two restarts of Docker');
        await soon(handle, ({ evidence }) => evidence !== undefined && evidence.digest !== before?.digest);
        await explain(handle);
        await decide(handle);
        expect((await handle.result()).status).toBe('completed');
      },
      { from: '2D.soak' },
    );
  },
);

test(
  'still down, with every channel dead: held, nothing undone, and people may go on from there',
  bounded,
  async () => {
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        for (const { name } of plan.notify.channels)
          machines.answers.set(name, () => ({ result: 'off', detail: 'its variable is not set' }));
        const start = stopTwo(machines, plan);
        const held = await until(lab, handle, ({ held: is }) => is?.reason.includes('nobody answered') ?? false);
        expect(held).toMatchObject({
          status: 'paused',
          held: {
            reason: expect.stringMatching(
              /nobody answered within 12h; still so: container edgehub: exited; container pushgateway-pc2: exited; no channel took/,
            ),
          },
          incidents: [],
        });
        expect(held.held).not.toHaveProperty('deadline');
        await lab.skip(24 * hour);
        expect(machines.asked('rollback')).toEqual([]);
        start();
        await order.resume(handle);
        await until(lab, handle, ({ windows }) => windows.some(({ creditMs }) => creditMs > 0));
      },
      { from: '2D.soak' },
    );
  },
);

test('somebody who mends is there: no deadline is left, though it did not help', bounded, async () => {
  await lab.run(
    plan,
    async ({ handle, machines }) => {
      stopTwo(machines, plan);
      await until(lab, handle, ({ status }) => status === 'paused');
      await handle.executeUpdate(messages.emergency, {
        args: [{ level: 1, component: 'edgehub', reason: 'I am on it', ...speaker }],
      });
      const seen = await soon(handle, ({ incidents }) => incidents.length === 1);
      expect(seen).toMatchObject({ status: 'paused', incidents: [{ result: 'failed' }] });
      expect(seen.held).not.toHaveProperty('deadline');
      await lab.skip(24 * hour);
      expect((await soon(handle, ({ status }) => status === 'paused')).waits[0]).not.toHaveProperty('until');
      expect(machines.asked('rollback')).toEqual([]);
    },
    { from: '2D.soak' },
  );
});
