import { describe, expect, it } from 'vitest';
import { dayOf } from '../../../plan/calendar/days.ts';
import { plan } from '../../client/fixtures.ts';

const byDay = { ...plan, pace: 'by-day' as const, dayBegins: '09:00' };
/** A Monday. */
const start = Date.UTC(2026, 6, 20, 14, 0);
const at = (part: Parameters<typeof dayOf>[1], change: Partial<typeof byDay> = {}, startedAt = start) => {
  const day = dayOf({ ...byDay, ...change }, part, startedAt);
  return day && `${day.day}: ${new Date(day.at).toISOString().slice(0, 16)}`;
};

describe('the day of a part', () => {
  it('begins in the morning, so many days after the first as the plan says', () => {
    expect(['2B', '2C', '2C.streams', '2D', '2D.deploy', 'soak'].map((part) => at(part as '2B'))).toEqual([
      '2: 2026-07-21T09:00',
      '3: 2026-07-22T09:00',
      '4: 2026-07-23T09:00',
      '5: 2026-07-24T09:00',
      '6: 2026-07-25T09:00',
      '6: 2026-07-25T09:00',
    ]);
  });

  it('is not waited for when it is the first, whatever the hour', () => {
    expect(at('2A')).toBeUndefined();
    expect(at('2B', { days: { ...byDay.days, '2B': 1 } })).toBeUndefined();
  });

  it('is counted by dates: a week of the late evening has its second day in the morning', () => {
    expect(at('2B', {}, Date.UTC(2026, 6, 20, 23, 59))).toBe('2: 2026-07-21T09:00');
    expect(at('2B', {}, Date.UTC(2026, 6, 21, 0, 1))).toBe('2: 2026-07-22T09:00');
  });

  it('begins when the plan says', () => {
    expect(at('2B', { dayBegins: '06:30' })).toBe('2: 2026-07-21T06:30');
  });

  it('is waited for by no week that goes at once, or that began under an earlier build', () => {
    expect(at('2B', { pace: 'at-once' as 'by-day' })).toBeUndefined();
    expect(dayOf({}, '2B', start)).toBeUndefined();
  });

  it('is by the zone of the calendar, and counts days with a window for what disturbs', () => {
    const calendar = {
      zone: 'Europe/Berlin',
      disturb: 'Mon-Thu 09:00-17:00',
      freezes: [{ from: '2026-07-28', to: '2026-07-28', why: 'an audit' }],
    };
    // Berlin is two hours ahead; Friday to Sunday have no window, and Tuesday is frozen.
    expect(['2B', '2C', '2C.streams', '2D', '2D.deploy'].map((part) => at(part as '2B', { calendar }))).toEqual([
      '2: 2026-07-21T07:00',
      '3: 2026-07-22T07:00',
      '4: 2026-07-23T07:00',
      '5: 2026-07-27T07:00',
      '6: 2026-07-29T07:00',
    ]);
    // Day 2 of a week that begins on a Saturday is a Monday.
    expect(at('2B', { calendar }, Date.UTC(2026, 6, 18, 8))).toBe('2: 2026-07-20T07:00');
  });
});
