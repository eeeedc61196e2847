// When people are called again, who else is called, and whether a call has reached somebody.
import { describe, expect, it } from 'vitest';
import { channelsOfPage, dueNext, isPage, isRead, type Paged, reaches, tookPage } from '../../../plan/week/paging.ts';
import { routedAs } from '../../../plan/week/notice.ts';
import { warningsOf } from '../../../plan/week/warnings.ts';
import { plan } from '../../client/fixtures.ts';

const minute = 60_000;
const page: Paged = { about: 'held-0', kind: 'held', since: 0, reminded: 0, escalated: 0 };
const withNotify = (notify: Partial<typeof plan.notify>) => ({ ...plan, notify: { ...plan.notify, ...notify } });

describe('what comes next of a page', () => {
  const steps = withNotify({
    remindEvery: 30 * minute,
    escalate: [
      { after: 60 * minute, to: ['dashboard'] },
      { after: 15 * minute, to: ['leadership'] },
    ],
  });
  const next = (more: Partial<Paged>, of = steps) => {
    const due = dueNext(of, { ...page, ...more });
    return due && [due.then, due.at / minute];
  };

  it('is by its time, in whatever order the plan says it', () => {
    expect(next({})).toEqual(['escalate', 15]);
    expect(next({ escalated: 1 })).toEqual(['remind', 30]);
    expect(next({ escalated: 1, reminded: 1 })).toEqual(['escalate', 60]);
    expect(next({ escalated: 2, reminded: 1 })).toEqual(['remind', 60]);
    expect(next({ escalated: 2, reminded: 2, since: 10 * minute })).toEqual(['remind', 100]);
  });

  it('is nothing once somebody has answered, or it is over', () => {
    expect(next({ acknowledged: true })).toBeUndefined();
    expect(next({ left: true })).toBeUndefined();
  });

  it('is nothing in a plan of before, or one that never repeats', () => {
    const { channels, routes } = plan.notify;
    expect(next({}, { ...plan, notify: { channels, routes } as typeof plan.notify })).toBeUndefined();
    expect(next({}, withNotify({ remindEvery: 'never', escalate: [] }))).toBeUndefined();
  });
});

it('those who were called as well are told with the others', () => {
  const of = withNotify({ escalate: [{ after: minute, to: ['leadership'] }] });
  const names = (escalated: number) => channelsOfPage(of, { kind: 'held', escalated }).map(({ name }) => name);
  expect(names(0)).toEqual(['ops-critical', 'pagerduty', 'dashboard']);
  expect(names(1)).toEqual(['ops-critical', 'leadership', 'pagerduty', 'dashboard']);
});

it('a page was taken where a channel that reaches somebody took it: of this matter, or of any', () => {
  expect(tookPage({})).toBe(false);
  expect(tookPage({ paged: [page] })).toBe(false);
  const taken = { paged: [page, { ...page, about: 'incident-2', took: true as const }] };
  expect([tookPage(taken), tookPage(taken, 'incident-2'), tookPage(taken, 'held-0')]).toEqual([true, true, false]);
});

it('a message in Slack waits until it is read, and a page of PagerDuty does not, unless the plan says otherwise', () => {
  const kinds = (['slack', 'pagerduty', 'webhook', 'grafana'] as const).map((kind) => ({
    name: kind,
    kind,
    secret: 'S',
  }));
  const which = (does: typeof reaches, version: 1 | 2) =>
    kinds.filter((channel) => does({ version }, channel)).map(({ kind }) => kind);
  expect(which(reaches, 2)).toEqual(['pagerduty']);
  expect(which(reaches, 1)).toEqual(['slack', 'pagerduty', 'webhook']);
  expect(which(isRead, 2)).toEqual(['slack', 'pagerduty']);
  expect(kinds.every((channel) => reaches({ version: 2 }, { ...channel, pages: true }))).toBe(true);
  expect(kinds.some((channel) => isRead({ version: 1 }, { ...channel, pages: false }))).toBe(false);
});

it('a plan without a route for what waits for people has it told as an approval, which is no page', () => {
  expect(routedAs(plan, 'question')).toBe('question');
  const { held: _held, question: _question, ...routes } = plan.notify.routes;
  expect([routedAs(withNotify({ routes }), 'question'), routedAs(withNotify({ routes }), 'held')]).toEqual([
    'approval',
    'approval',
  ]);
  const without = withNotify({ routes });
  const silent =
    'notify.routes has no held and no question: that is told once, as an approval, and nobody is called for it';
  expect(warningsOf({ ...without, version: 2 })).toContain(silent);
  expect(warningsOf({ ...without, version: 1 })).not.toContain(silent);
  expect(warningsOf({ ...withNotify({ channels: [], routes: {} }), version: 2 })).not.toContain(silent);
  expect(['level-2', 'level-3', 'held', 'question'].every((kind) => isPage(kind as 'held'))).toBe(true);
  expect(isPage('approval')).toBe(false);
});
