// When a row may begin: over a weekend, a change of the clock, a freeze, and two calendars at once.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calendar } from '../../../plan/calendar/schema.ts';
import { freezeAt, mayBegin, mayBeginUntil, momentText } from '../../../plan/calendar/window.ts';
import { wallClock, weekdayOf } from '../../../plan/calendar/zone.ts';
import { holds } from '../../property.ts';

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const at = (iso: string): number => Date.parse(iso);
const utc = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().replace(':00.000Z', 'Z');
const calendar = (more: object): Calendar => Calendar.parse({ zone: 'Europe/Berlin', ...more });
const begins = (calendars: Calendar[], iso: string, lastsMs: number) => utc(mayBegin(calendars, at(iso), lastsMs));

const week = calendar({ disturb: 'Mon-Thu 09:00-17:00' });
const fridays = calendar({ disturb: 'Mon-Fri 09:00-17:00' });

describe('a window that is open', () => {
  const until = (calendars: Calendar[], iso: string) => utc(mayBeginUntil(calendars, at(iso), 10 * minute));

  it('is so until what begins in it would end after its hours, or in a freeze', () => {
    expect(until([fridays], '2026-11-27T09:00Z')).toBe('2026-11-27T15:50Z');
    const frozen = calendar({ freezes: [{ from: '2026-11-27 12:00', to: '2026-11-28', why: 'payroll' }] });
    expect(until([fridays, frozen], '2026-11-27T09:00Z')).toBe('2026-11-27T10:50Z');
    expect(until([fridays, calendar({ disturb: 'Fri 08:00-11:00' })], '2026-11-27T09:00Z')).toBe('2026-11-27T09:50Z');
  });

  it('goes on where hours touch, and without hours for ever', () => {
    const nights = calendar({ disturb: 'Fri 20:00-24:00, Sat 00:00-06:00' });
    expect(until([nights], '2026-11-27T22:59Z')).toBe('2026-11-28T04:50Z');
    expect(until([calendar({ disturb: 'Mon-Sun 00:00-24:00' })], '2026-11-27T09:00Z')).toBeUndefined();
    const past = { from: '2026-11-01', to: '2026-11-02', why: 'audit' };
    expect(until([calendar({ freezes: [past] })], '2026-11-27T09:00Z')).toBeUndefined();
    expect(until([], '2026-11-27T09:00Z')).toBeUndefined();
  });

  it('is none outside of hours and in a freeze: that was before', () => {
    expect(until([fridays], '2026-11-28T03:00Z')).toBe('2026-11-28T02:50Z');
    const frozen = calendar({ freezes: [{ from: '2026-11-27', to: '2026-11-28', why: 'payroll' }] });
    expect(until([frozen], '2026-11-27T12:00Z')).toBe('2026-11-26T22:50Z');
  });
});

describe('hours of the week', () => {
  it('let it begin at once where it ends inside, to the minute', () => {
    expect(begins([fridays], '2026-11-27T15:50Z', 10 * minute)).toBe('2026-11-27T15:50Z');
    expect(begins([week], '2026-11-26T11:00Z', hour)).toBe('2026-11-26T11:00Z');
  });

  it('send what would end after Friday 17:00 to Monday', () => {
    expect(begins([fridays], '2026-11-27T15:50:01Z', 10 * minute)).toBe('2026-11-30T08:00Z');
    expect(begins([fridays], '2026-11-27T16:00Z', minute)).toBe('2026-11-30T08:00Z');
    expect(begins([week], '2026-11-26T15:59Z', 2 * minute)).toBe('2026-11-30T08:00Z');
  });

  it('are by the clock on the wall: an hour earlier by UTC once summer time has begun', () => {
    expect(begins([fridays], '2026-03-27T16:00Z', hour)).toBe('2026-03-30T07:00Z');
    expect(begins([fridays], '2026-10-23T15:00Z', hour)).toBe('2026-10-26T08:00Z');
  });

  it('last as long as they do in the night in which the clock is changed', () => {
    const nights = calendar({ disturb: 'Sat-Sun 01:00-04:00' });
    // two hours of the Sunday on which 02:00 to 03:00 is left out, and the next Saturday has three
    expect(begins([nights], '2026-03-28T04:00Z', 2 * hour)).toBe('2026-03-29T00:00Z');
    expect(begins([nights], '2026-03-28T04:00Z', 2 * hour + minute)).toBe('2026-04-03T23:00Z');
    // four of the Sunday on which it comes twice
    expect(begins([nights], '2026-10-24T04:00Z', 4 * hour)).toBe('2026-10-24T23:00Z');
    // hours that a leap swallows whole
    const gone = calendar({ disturb: 'Sun 02:00-03:00' });
    expect(begins([gone], '2026-03-28T12:00Z', minute)).toBe('2026-04-05T00:00Z');
  });

  it('may go over midnight, and over the end of the week', () => {
    const nights = calendar({ disturb: 'Fri-Sun 22:00-04:00' });
    expect(begins([nights], '2026-11-30T01:00Z', 2 * hour)).toBe('2026-11-30T01:00Z'); // Monday 02:00, of Sunday's
    expect(begins([nights], '2026-11-30T01:00Z', 2 * hour + minute)).toBe('2026-12-04T21:00Z');
    const end = calendar({ disturb: 'Sat-Mon 10:00-11:00' });
    expect(begins([end], '2026-11-29T12:00Z', hour)).toBe('2026-11-30T09:00Z');
  });

  it('that touch are one', () => {
    const around = calendar({ disturb: 'Sun 20:00-24:00, Mon 00:00-04:00' });
    expect(begins([around], '2026-11-29T12:00Z', 8 * hour)).toBe('2026-11-29T19:00Z');
    expect(begins([calendar({ disturb: 'Mon-Sun 00:00-24:00' })], '2026-11-29T12:00Z', 9 * day)).toBe(
      '2026-11-29T12:00Z',
    );
  });

  it('take nothing that is longer than all of them', () => {
    expect(begins([week], '2026-11-26T11:00Z', 8 * hour + 1)).toBeUndefined();
  });
});

describe('a freeze', () => {
  const frozen = calendar({
    disturb: 'Mon-Thu 09:00-17:00',
    freezes: [{ from: '2026-12-21', to: '2027-01-06', why: 'the end of the year' }],
  });

  it('lets nothing begin that would last into it', () => {
    const noon = calendar({ freezes: [{ from: '2026-12-01 12:00', to: '2026-12-01 14:00', why: 'payroll' }] });
    // a fault's limit of two minutes
    expect(begins([noon], '2026-12-01T10:58Z', 2 * minute)).toBe('2026-12-01T10:58Z');
    expect(begins([noon], '2026-12-01T10:58:01Z', 2 * minute)).toBe('2026-12-01T13:00Z');
    expect(freezeAt([noon], at('2026-12-01T10:59Z'), 2 * minute)?.why).toBe('payroll');
    expect(freezeAt([noon], at('2026-12-01T13:00Z'), 2 * minute)).toBeUndefined();
  });

  it('lasts to the end of its last day, and hours count again from then', () => {
    expect(begins([frozen], '2026-12-17T16:00Z', minute)).toBe('2027-01-07T08:00Z');
    expect(begins([frozen], '2027-01-06T22:59Z', minute)).toBe('2027-01-07T08:00Z');
  });

  it('that is longer than sixty days leaves nothing', () => {
    const shut = calendar({ freezes: [{ from: '2026-11-01', to: '2027-03-01', why: 'audit' }] });
    expect(begins([shut], '2026-11-27T10:00Z', minute)).toBeUndefined();
  });
});

describe('several calendars', () => {
  it('must all agree, each by its own clock', () => {
    const there = calendar({ zone: 'America/New_York', disturb: 'Mon-Fri 09:00-17:00' });
    expect(begins([fridays, there], '2026-11-30T08:00Z', hour)).toBe('2026-11-30T14:00Z');
    expect(begins([fridays, there], '2026-11-30T15:01Z', hour)).toBe('2026-12-01T14:00Z');
    expect(begins([fridays, there], '2026-11-30T08:00Z', 2 * hour + 1)).toBeUndefined();
  });

  it('none at all is any hour', () => {
    expect(begins([], '2026-11-29T03:00Z', day)).toBe('2026-11-29T03:00Z');
  });
});

it('whatever is found is inside the hours from beginning to end, and nothing before it is', () => {
  const times = fc.integer({ min: at('2026-01-01T00:00Z') / minute, max: at('2028-01-01T00:00Z') / minute });
  const property = fc.property(times, fc.integer({ min: 1, max: 480 }), (minutes, lasts) => {
    const now = minutes * minute;
    const found = mayBegin([week], now, lasts * minute)!;
    expect(found - now).toBeLessThan(5 * day);
    for (const moment of [found, found + lasts * minute]) {
      const seen = wallClock('Europe/Berlin', moment);
      expect(weekdayOf(seen.date)).toBeLessThan(4);
      expect(seen.minute).toBeGreaterThanOrEqual(540);
      expect(seen.minute).toBeLessThanOrEqual(1020);
    }
    // a minute before, it either was not asked for or did not fit
    if (found > now) expect(mayBegin([week], found - minute, lasts * minute)).toBe(found);
  });
  holds(property, 200);
});

describe('a calendar as people write it', () => {
  const wrong = (more: object): string =>
    Calendar.safeParse({ zone: 'UTC', ...more }).error?.issues[0]?.message ?? 'fine';

  it('says what it wants instead', () => {
    expect(wrong({ zone: 'Berlin' })).toContain('Europe/Berlin');
    for (const disturb of [
      '',
      'weekdays',
      'Mon-Thu',
      'Mon-Thu 9-17',
      'Mon 09:00-25:00',
      'Mon 09:00-17:00;Tue 09:00-17:00',
      'Mon 09:00-09:60',
    ])
      expect(wrong({ disturb }), disturb).toContain('Mon-Thu 09:00-17:00');
    for (const from of ['24.12.2026', '2026-02-30', '2026-12-24T12:00', '2026-12-24 25:00'])
      expect(wrong({ freezes: [{ from, to: '2027-01-01', why: 'x' }] }), from).not.toBe('fine');
    expect(wrong({ freezes: [{ from: '2026-12-24', to: '2026-12-23', why: 'x' }] })).toContain('after "from"');
    expect(wrong({ freezes: [{ from: '2026-12-24 12:00', to: '2026-12-24', why: 'x' }] })).toBe('fine');
    expect(wrong({ freezes: [{ from: '2026-12-24', to: '2026-12-24', why: '' }] })).not.toBe('fine');
  });

  it('is told by its own clock', () => {
    expect(momentText(week, at('2026-11-30T08:00Z'))).toBe('Mon 2026-11-30 09:00 Europe/Berlin');
  });
});
