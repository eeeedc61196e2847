// A question that nobody answers: people are called again and again, then others as well, until somebody answers, and hear that it is over.
import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { tookPage } from '../../plan/week/paging.ts';
import * as messages from '../../workflows/orders/messages.ts';
import { week1Plan } from './harness.ts';
import { order, refusal, soon, speaker, until } from './people.ts';
import { useServer } from './server.ts';

const lab = useServer(150_000);

const bounded = { timeout: 170_000 };
const from = { from: '2A.check.restart' };
const minute = 60_000;

test(
  'a step that fails calls people at once, over a channel that is dead as soon as it is back, until one answers; all hear that it is over',
  bounded,
  async () => {
    const plan = week1Plan(({ failure }) => (failure.askDeadline = 12 * 60 * minute));
    await lab.run(
      plan,
      async ({ handle, machines }) => {
        let fails = true;
        let dead = true;
        machines.override('restartContainer', (_ask, usual) => {
          if (fails) throw ApplicationFailure.nonRetryable('edgehub does not stop');
          return usual();
        });
        machines.answers.set('ops-critical', () => ({ result: 'failed', detail: 'answered 404: gone' }));
        machines.answers.set('pagerduty', () => {
          if (dead) throw new Error('connection refused');
          return { result: 'sent', detail: 'answered 202' };
        });
        const { held, issues } = await until(lab, handle, ({ status }) => status === 'failed');
        const about = `held-${held!.since}`;
        const told = (what: string) =>
          machines.told
            .filter(({ notice }) => notice.id.endsWith(`/${about}/${what}`))
            .map(({ channel }) => channel)
            .filter((channel, index, all) => all.indexOf(channel) === index)
            .sort();
        const toldOf = (what: string, channels: string[]) =>
          expect.poll(() => told(what), { timeout: 20_000 }).toEqual(channels);
        await toldOf('begin', ['dashboard', 'ops-critical', 'pagerduty']);
        const { notice } = machines.told.find(({ notice: { id } }) => id.endsWith(`/${about}/begin`))!;
        expect(notice).toMatchObject({ kind: 'question', title: expect.stringMatching(/a person must decide$/) });
        expect(notice.at - issues[0]!.endedAt).toBeLessThan(minute);
        // A dashboard has taken it, which reaches nobody.
        expect(tookPage(await handle.query(messages.state), about)).toBe(false);

        await lab.skip(16 * minute);
        await toldOf('escalated-1', ['leadership']);
        // Slack has taken it, where it waits to be read.
        expect(tookPage(await handle.query(messages.state), about)).toBe(false);
        expect((await handle.query(messages.progress)).untold.map(({ channel }) => channel).sort()).toEqual([
          'ops-critical',
          'pagerduty',
        ]);
        dead = false;
        await lab.skip(2 * minute);
        await soon(handle, ({ untold }) => untold.every(({ channel }) => channel === 'ops-critical'));
        await soon(handle, ({ paged }) => paged?.[0]?.took === true);

        await lab.skip(13 * minute);
        await toldOf('reminder-1', ['leadership', 'ops-critical', 'pagerduty']);

        expect(await refusal(handle.executeUpdate(messages.ack, { args: [{ ...speaker, what: 'incident-7' }] }))).toBe(
          `Nobody is called for incident-7; what is not answered is ${about}.`,
        );
        expect(await handle.executeUpdate(messages.ack, { args: [speaker] })).toBe(
          `${about}: nobody is called any more, and its deadline does nothing. The week waits.`,
        );
        const answered = await soon(handle, ({ held: is }) => is !== undefined && !('deadline' in is));
        expect(answered.waits).toMatchObject([{ on: 'a person' }]);
        expect(answered.waits[0]).not.toHaveProperty('until');
        await toldOf('acknowledged', ['dashboard', 'leadership', 'ops-critical', 'pagerduty']);
        const { acknowledged, paged } = await handle.query(messages.progress);
        expect(acknowledged).toMatchObject([{ about, by: 'ada' }]);
        expect(paged).toMatchObject([{ about, acknowledged: true, took: true }]);
        await lab.skip(65 * minute);
        expect((await soon(handle, () => true)).status).toBe('failed');
        expect([told('reminder-2'), told('reminder-3')]).toEqual([[], []]);

        fails = false;
        await order.retry(handle, '2A.check.restart');
        await toldOf('over', ['dashboard', 'leadership', 'ops-critical', 'pagerduty']);
        expect(machines.told.filter(({ notice: { id } }) => id.endsWith(`/${about}/over`))).toMatchObject(
          Array(4).fill({ notice: { resolved: true, text: 'retry by ada.' } }),
        );
        expect((await handle.query(messages.state)).paged).toEqual([]);
      },
      from,
    );
  },
);
