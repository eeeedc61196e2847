// Before a week begins: which channels are off, whom nobody would call, and that somebody wants it so.
import { describe, expect, it } from 'vitest';
import { channelLines, channelsWithout, outcomeOn, questionOf } from '../../client/week/channels.ts';
import type { Sent } from '../../plan/week/notice.ts';
import { plan } from './fixtures.ts';

const slack = ['ops-alerts', 'ops-critical', 'incident-response', 'leadership'];
const all = plan.notify.channels.map(({ name }) => name);
const alone = { isRehearsal: false, yes: false, attended: false };

describe('what is said of the channels', () => {
  it('is nothing where all are on', () => expect(channelLines(plan, channelsWithout(plan, []))).toEqual([]));

  it('names the variable of one that is off', () => {
    expect(channelLines(plan, channelsWithout(plan, ['ops-alerts']))).toEqual([
      'channels  ops-alerts is off: HUBSHIFT_SLACK_OPS_ALERTS is not set where the control worker runs',
    ]);
  });

  it('names what reaches nobody: neither a dashboard nor a message in Slack calls anybody', () => {
    expect(channelLines(plan, channelsWithout(plan, ['pagerduty'])).at(-1)).toBe(
      '          nobody is reached by level-3, held, question',
    );
    const { channels } = plan.notify;
    const calling = channels.map((channel) => (channel.name === 'leadership' ? { ...channel, pages: true } : channel));
    const withLeadership = { ...plan, notify: { ...plan.notify, channels: calling } };
    expect(channelLines(withLeadership, channelsWithout(withLeadership, ['pagerduty'])).at(-1)).toBe(
      '          nobody is reached by held, question',
    );
  });

  it('says why it is not known', () => {
    expect(channelLines(plan, channelsWithout(plan, all, 'No control worker answers'))).toEqual([
      'channels  not known: No control worker answers',
    ]);
  });
});

describe('a week of production that would call nobody', () => {
  const off = channelsWithout(plan, all);

  it('is refused where nobody is there to ask', () => {
    expect(() => questionOf(off, alone)).toThrow(
      /^Refused: nobody is known to be reached by level-3, held, question: no channel of their routes .* or say --yes\.$/,
    );
    expect(() =>
      questionOf(channelsWithout({ ...plan, notify: { ...plan.notify, channels: [], routes: {} } }, []), alone),
    ).toThrow('Refused');
  });

  it('begins with --yes, or once somebody has said so', () => {
    const question = 'Begin the week, though nobody is known to be reached by level-3, held, question?';
    expect(questionOf(off, { ...alone, yes: true })).toBe(question);
    expect(questionOf(off, { ...alone, attended: true })).toBe(question);
  });

  it('is asked as usual where somebody is reached, or in a rehearsal', () => {
    expect(questionOf(channelsWithout(plan, slack), alone)).toBe('Begin the week?');
    expect(questionOf(off, { ...alone, isRehearsal: true })).toBe('Begin the rehearsal?');
  });
});

it('a test of a channel that did not take its end has failed: somebody is left with a page', () => {
  const sent = (channel: string, what: string, result: Sent['result']): Sent => ({
    notice: `test-1/test/${what}`,
    kind: 'test',
    channel,
    result,
    detail: what,
    at: 0,
  });
  const told = [
    sent('a', 'begin', 'sent'),
    sent('b', 'begin', 'sent'),
    sent('a', 'end', 'sent'),
    sent('b', 'end', 'failed'),
  ];
  expect(outcomeOn('a', told)).toMatchObject({ result: 'sent', detail: 'begin' });
  expect(outcomeOn('b', told)).toMatchObject({ result: 'failed', detail: 'end' });
  expect(outcomeOn('c', told)).toBeUndefined();
});
