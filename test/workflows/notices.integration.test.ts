// What people are told in a week, once each; a dead channel stops nothing.
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { utc } from '../../plan/schema/duration.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan } from './harness.ts';
import { decide, order, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(80_000);

const bounded = { timeout: 100_000 };
const from = { from: 'week.redundancy' };

test(
  'phases, the gate and the result are told over their channels, the gate again at every reminder',
  bounded,
  async () => {
    const plan = week1Plan();
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        await until(lab, handle, ({ status }) => status === 'deciding');
        await soon(handle, ({ evidence }) => evidence !== undefined);
        const gate = () => machines.told.filter(({ notice }) => notice.kind === 'approval');
        await expect
          .poll(
            () =>
              gate()
                .map(({ channel }) => channel)
                .sort(),
            { timeout: 10_000 },
          )
          .toEqual(['dashboard', 'ops-alerts']);
        expect(gate()[0]!.notice).toMatchObject({
          title: expect.stringMatching(/go or no-go\?$/),
          text: expect.stringMatching(/1 more to decide.*The evidence speaks for/),
        });
        await lab.skip(plan.gate.remindEvery + 60_000);
        await expect
          .poll(() => gate().filter(({ notice }) => notice.title.endsWith('(a reminder)')).length, { timeout: 10_000 })
          .toBe(2);
        await decide(handle);
        await handle.result();
        const kinds = (channel: string) =>
          machines.told.filter((one) => one.channel === channel).map(({ notice }) => notice.kind);
        expect(kinds('ops-alerts')).toEqual(['approval', 'approval', 'result']);
        expect(kinds('dashboard')).toEqual(expect.arrayContaining(['phase', 'approval', 'result']));
        expect(kinds('pagerduty')).toEqual([]);
        const ids = machines.told.map(({ channel, notice }) => `${channel} ${notice.id}`);
        expect(ids.length).toBe(new Set(ids).size);
      },
      from,
    );
  },
);

test(
  'an incident is told when it begins and when it is over, under one key, over the channels of its level',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines }) => {
        await until(lab, handle, ({ status }) => status === 'deciding');
        await handle.executeUpdate(messages.emergency, {
          args: [{ ...speaker, level: 1, component: 'nats-pc2', reason: 'it hangs' }],
        });
        await soon(handle, ({ incidents }) => incidents.length === 1);
        const level1 = () =>
          machines.told
            .filter(({ notice }) => notice.kind === 'level-1')
            .map(({ channel, notice }) => ({
              channel,
              about: notice.id.split('/').slice(1).join('/'),
              resolved: notice.resolved,
            }))
            .sort((a, b) => (a.about + a.channel < b.about + b.channel ? -1 : 1));
        await expect.poll(level1, { timeout: 10_000 }).toEqual(
          ['begin', 'end'].flatMap((what) =>
            ['dashboard', 'ops-alerts'].map((channel) => ({
              channel,
              about: `incident-1/${what}`,
              resolved: what === 'end',
            })),
          ),
        );
      },
      from,
    );
  },
);

const atRestart = { from: '2A.check.restart' };

test(
  'a failed step is told once, with what ends the wait and when the plan acts by itself; what a person ordered is not',
  bounded,
  async () => {
    await lab.run(
      week1Plan(),
      async ({ handle, machines, state }) => {
        machines.override('restartContainer', () => {
          throw ApplicationFailure.nonRetryable('edgehub does not stop');
        });
        const { held } = await until(lab, handle, ({ status }) => status === 'failed');
        const asked = () => machines.told.filter(({ notice }) => notice.kind === 'question' && !notice.resolved);
        await expect
          .poll(
            () =>
              asked()
                .map(({ channel }) => channel)
                .sort(),
            { timeout: 10_000 },
          )
          .toEqual(['dashboard', 'ops-critical', 'pagerduty']);
        expect(asked()[0]!.notice).toMatchObject({
          id: expect.stringMatching(new RegExp(`/held-${held!.since}/begin$`)),
          title: expect.stringMatching(/: failed, a person must decide$/),
          text: `2A.check.restart did not pass: edgehub does not stop. It waits until ${utc(held!.deadline!)}; then it is looked at again, and where it is not well, the plan says what happens.`,
          commands: [
            'retry 2A.check.restart',
            'accept 2A.check.restart --reason TEXT',
            'rollback',
            `ack held-${held!.since}`,
          ].map((words) => `hubshift ${words} --run ${state.run}`),
        });
        await order.pause(handle);
        await soon(handle, ({ status }) => status === 'paused');
        await order.resume(handle);
        await soon(handle, ({ status, held: again }) => status === 'failed' && again!.since > held!.since);
        await expect
          .poll(() => asked().map(({ notice }) => notice.title.split(': ').at(-1)), { timeout: 10_000 })
          .toEqual(Array(6).fill('failed, a person must decide'));
      },
      atRestart,
    );
  },
);

test('nothing is told twice, however much is told between', bounded, async () => {
  const everywhere = week1Plan(({ notify }) => (notify.routes.question = notify.channels.map(({ name }) => name)));
  await lab.run(
    everywhere,
    async ({ handle, machines }) => {
      machines.override('restartContainer', () => {
        throw ApplicationFailure.nonRetryable('edgehub does not stop');
      });
      const begun = () => machines.told.filter(({ notice }) => notice.title === 'Task 2A begins');
      const holds = () =>
        machines.told.filter(({ notice: { kind, resolved } }) => kind === 'question' && !resolved).length;
      // Each begins the task again. More than is kept of what was told.
      for (let times = 1; times <= 18; times += 1) {
        await until(lab, handle, ({ status, issues }) => status === 'failed' && issues[0]?.attempts === times);
        await expect.poll(holds, { timeout: 10_000 }).toBe(6 * times);
        await order.retry(handle, '2A.check.restart');
      }
      expect((await handle.query(messages.state)).told).toHaveLength(100);
      expect(begun()).toHaveLength(1);
    },
    atRestart,
  );
});

test('a channel that refuses, or fails again and again, stops nothing and is shown', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      machines.answers.set('dashboard', () => ({ result: 'failed', detail: 'answered 404: gone' }));
      machines.answers.set('ops-alerts', () => {
        throw new Error('connection refused');
      });
      await until(lab, handle, ({ status }) => status === 'deciding');
      const seen = await until(lab, handle, ({ untold }) => untold.length === 2);
      expect(seen.untold).toMatchObject(
        expect.arrayContaining(
          [
            { channel: 'dashboard', result: 'failed', detail: 'answered 404: gone' },
            { channel: 'ops-alerts', result: 'failed', detail: 'connection refused' },
          ].map((one) => expect.objectContaining(one)),
        ),
      );
      await order.rollback(handle);
      expect((await handle.result()).status).toBe('rolled back');
    },
    from,
  );
});

// The last one: after a week that ends while something is tried again the server skips no time any more.
test('a level 3 is told though its channel is out of order for longer than its week goes on', bounded, async () => {
  await lab.run(
    week1Plan(),
    async ({ handle, machines }) => {
      await until(lab, handle, ({ status }) => status === 'deciding');
      let tries = 0;
      const taken: number[] = [];
      machines.answers.set('leadership', () => {
        tries += 1;
        if (tries < 20) throw new Error('connection refused');
        taken.push(tries);
        return { result: 'sent', detail: 'answered 200' };
      });
      const begins = await lab.env.currentTimeMs();
      await handle.executeUpdate(messages.emergency, {
        args: [{ ...speaker, level: 3, reason: 'both hubs are down' }],
      });
      const { status, told, outbox } = await handle.result();
      // By the week's own end: the server's time has gone on since, to where the channel is tried again.
      const { closeTime } = await handle.describe();
      expect(closeTime!.getTime() - begins).toBeLessThan(10 * 60_000);
      expect({ status, outbox }).toEqual({ status: 'rolled back', outbox: [] });
      expect(taken).toEqual([]);
      expect(told.filter(({ kind, channel }) => kind === 'level-3' && channel !== 'pagerduty')).toMatchObject([
        ...Array.from({ length: 2 }, () => ({ channel: 'incident-response', result: 'sent' })),
        ...Array.from({ length: 2 }, () => ({
          channel: 'leadership',
          result: 'failed',
          detail: expect.stringMatching(/^not taken before the end of the week; week-\w+-notices-\d+ goes on trying$/),
        })),
      ]);
      // The look at the result lets time run.
      await expect.poll(() => taken.length, { timeout: 20_000 }).toBe(2);
    },
    from,
  );
});
