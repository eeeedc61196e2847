// A zone's clock, over the changes to and from summer time and in zones that do it their own way.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysOn, isZone, momentAt, wallClock, weekdayOf } from '../../../plan/calendar/zone.ts';
import { holds } from '../../property.ts';

const berlin = 'Europe/Berlin';
const at = (iso: string): number => Date.parse(iso);
const utc = (ms: number): string => new Date(ms).toISOString();

describe('a zone', () => {
  it('goes by its name', () => {
    for (const zone of ['Europe/Berlin', 'UTC', 'Asia/Kolkata']) expect(isZone(zone), zone).toBe(true);
    for (const zone of ['Europe/Berlim', 'Mars', '', '+02:00', 'CEST?']) expect(isZone(zone), zone).toBe(false);
  });
});

describe('the clock on the wall', () => {
  it('is what people there read', () => {
    expect(wallClock(berlin, at('2026-07-03T15:00:30Z'))).toEqual({ date: '2026-07-03', minute: 17 * 60 });
    expect(wallClock(berlin, at('2026-12-31T23:30:00Z'))).toEqual({ date: '2027-01-01', minute: 30 });
    expect(wallClock('Asia/Kolkata', at('2026-07-03T00:00:00Z'))).toEqual({ date: '2026-07-03', minute: 5 * 60 + 30 });
    expect(wallClock('America/New_York', at('2026-07-03T04:00:00Z'))).toEqual({ date: '2026-07-03', minute: 0 });
  });

  it('is found again from what it shows', () => {
    expect(utc(momentAt(berlin, { date: '2026-01-05', minute: 9 * 60 }))).toBe('2026-01-05T08:00:00.000Z');
    expect(utc(momentAt(berlin, { date: '2026-07-06', minute: 9 * 60 }))).toBe('2026-07-06T07:00:00.000Z');
    expect(utc(momentAt(berlin, { date: '2026-07-06', minute: 24 * 60 }))).toBe('2026-07-06T22:00:00.000Z');
  });

  it('leaps when summer time begins', () => {
    // on 2026-03-29 the clock goes from 02:00 to 03:00
    const leap = '2026-03-29T01:00:00.000Z';
    for (const minute of [120, 121, 150, 179, 180])
      expect(utc(momentAt(berlin, { date: '2026-03-29', minute })), `${minute}`).toBe(leap);
    expect(utc(momentAt(berlin, { date: '2026-03-29', minute: 119 }))).toBe('2026-03-29T00:59:00.000Z');
    expect(utc(momentAt(berlin, { date: '2026-03-29', minute: 181 }))).toBe('2026-03-29T01:01:00.000Z');
    expect(utc(momentAt('Australia/Lord_Howe', { date: '2026-10-04', minute: 135 }))).toBe('2026-10-03T15:30:00.000Z'); // by half an hour
    expect(utc(momentAt('Pacific/Apia', { date: '2011-12-30', minute: 600 }))).toBe('2011-12-30T10:00:00.000Z'); // a day that there was not
  });

  it('shows an hour twice when summer time ends, of which the first counts', () => {
    expect(utc(momentAt(berlin, { date: '2026-10-25', minute: 150 }))).toBe('2026-10-25T00:30:00.000Z');
    expect(wallClock(berlin, at('2026-10-25T01:30:00Z'))).toEqual({ date: '2026-10-25', minute: 150 });
    expect(utc(momentAt(berlin, { date: '2026-10-25', minute: 180 }))).toBe('2026-10-25T02:00:00.000Z');
  });

  it('shows at the moment that was found what was looked for', () => {
    const zones = [
      berlin,
      'UTC',
      'America/New_York',
      'America/Sao_Paulo',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Africa/Casablanca',
      'Pacific/Chatham',
    ];
    const moment = fc
      .integer({ min: at('2020-01-01T00:00:00Z') / 60_000, max: at('2035-01-01T00:00:00Z') / 60_000 })
      .map((minutes) => minutes * 60_000);
    const again = fc.property(fc.constantFrom(...zones), moment, (zone, when) => {
      const shown = wallClock(zone, when);
      const found = momentAt(zone, shown);
      expect(wallClock(zone, found)).toEqual(shown);
      expect(found).toBeLessThanOrEqual(when);
      expect(when - found).toBeLessThanOrEqual(3_600_000);
    });
    holds(again, 1_000);
  });
});

describe('days', () => {
  it('follow each other over months, years and changes of the clock', () => {
    expect(daysOn('2026-12-31', 1)).toBe('2027-01-01');
    expect(daysOn('2028-03-01', -1)).toBe('2028-02-29');
    expect(daysOn('2026-03-28', 2)).toBe('2026-03-30');
  });

  it('of the week begin on Monday', () => {
    expect(['2026-11-23', '2026-11-27', '2026-11-29'].map(weekdayOf)).toEqual([0, 4, 6]);
  });
});
