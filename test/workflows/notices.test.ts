// What people are told in a week, once each; a dead channel stops nothing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as messages from '../../workflows/messages.ts';
import { timeSkippingLab, week1Plan, type Lab } from './harness.ts';
import { decide, order, soon, speaker, until } from './people.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await timeSkippingLab(80_000);
}, 120_000);
afterAll(() => lab?.close());

const bounded = { timeout: 100_000 };
const from = { from: 'week.redundancy' };

test('phases, the gate and the result are told over their channels, the gate again at every reminder', bounded, async () => {
  const plan = week1Plan();
  await lab.run(plan, async ({ handle, machines }) => {
    await until(lab, handle, ({ status }) => status === 'deciding');
    await soon(handle, ({ evidence }) => evidence !== undefined);
    const gate = () => machines.told.filter(({ notice }) => notice.kind === 'approval');
    await expect.poll(() => gate().map(({ channel }) => channel).sort(), { timeout: 10_000 }).toEqual(['dashboard', 'ops-alerts']);
    expect(gate()[0]!.notice).toMatchObject({ title: expect.stringMatching(/go or no-go\?$/), text: expect.stringMatching(/1 more to decide.*The evidence speaks for/) });
    await lab.skip(plan.gate.remindEvery + 60_000);
    await expect.poll(() => gate().filter(({ notice }) => notice.title.endsWith('(a reminder)')).length, { timeout: 10_000 }).toBe(2);
    await decide(handle);
    await handle.result();
    const kinds = (channel: string) => machines.told.filter((one) => one.channel === channel).map(({ notice }) => notice.kind);
    expect(kinds('ops-alerts')).toEqual(['approval', 'approval', 'result']);
    expect(kinds('dashboard')).toEqual(expect.arrayContaining(['phase', 'approval', 'result']));
    expect(kinds('pagerduty')).toEqual([]);
    const ids = machines.told.map(({ channel, notice }) => `${channel} ${notice.id}`);
    expect(ids.length).toBe(new Set(ids).size);
  }, from);
});

test('an incident is told when it begins and when it is over, under one key, over the channels of its level', bounded, async () => {
  await lab.run(week1Plan(), async ({ handle, machines }) => {
    await until(lab, handle, ({ status }) => status === 'deciding');
    await handle.executeUpdate(messages.emergency, { args: [{ ...speaker, level: 1, component: 'nats-pc2', reason: 'it hangs' }] });
    await soon(handle, ({ incidents }) => incidents.length === 1);
    const level1 = () => machines.told.filter(({ notice }) => notice.kind === 'level-1').map(({ channel, notice }) => ({ channel, about: notice.id.split('/').slice(1).join('/'), resolved: notice.resolved })).sort((a, b) => (a.about + a.channel < b.about + b.channel ? -1 : 1));
    await expect.poll(level1, { timeout: 10_000 }).toEqual(
      ['begin', 'end'].flatMap((what) => ['dashboard', 'ops-alerts'].map((channel) => ({ channel, about: `incident-1/${what}`, resolved: what === 'end' }))),
    );
  }, from);
});

test('a channel that refuses, or fails again and again, stops nothing and is shown', bounded, async () => {
  await lab.run(week1Plan(), async ({ handle, machines }) => {
    machines.answers.set('dashboard', () => ({ result: 'failed', detail: 'answered 404: gone' }));
    machines.answers.set('ops-alerts', () => {
      throw new Error('connection refused');
    });
    await until(lab, handle, ({ status }) => status === 'deciding');
    const seen = await until(lab, handle, ({ untold }) => untold.length === 2);
    expect(seen.untold).toMatchObject(expect.arrayContaining([{ channel: 'dashboard', result: 'failed', detail: 'answered 404: gone' }, { channel: 'ops-alerts', result: 'failed', detail: 'connection refused' }].map((one) => expect.objectContaining(one))));
    await order.rollback(handle);
    expect((await handle.result()).status).toBe('rolled back');
  }, from);
});
