// A zone's clock: from a moment to the date and time there, and back. The rules of zones are those of Intl; nothing here asks what time it is.

/** What a clock on the wall shows. */
export interface WallClock {
  /** As 2026-03-29. */
  date: string;
  /** Since midnight, by the clock: 09:30 is 570, however long the night was. */
  minute: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** A zone by its name. Fixed offsets, which some builds of Intl take and others do not, are none. */
export function isZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && clockOf(zone) !== undefined;
  } catch {
    return false;
  }
}

export function wallClock(zone: string, at: number): WallClock {
  const shown = shownAt(zone, at);
  return { date: isoDate(shown), minute: Math.floor((shown - midnight(isoDate(shown))) / minuteMs) };
}

/**
 * The first moment at which the clock shows this. What it leaps over when summer time begins is where it leaps; of what it shows
 * twice when that ends, the first.
 */
export function momentAt(zone: string, { date, minute }: WallClock): number {
  const wanted = midnight(date) + minute * minuteMs;
  const offsets = [wanted - dayMs, wanted + dayMs].map((near) => shownAt(zone, near) - near);
  const [early, late] = [wanted - Math.max(...offsets), wanted - Math.min(...offsets)];
  const shows = [early, late].find((at) => shownAt(zone, at) === wanted);
  return shows ?? leap(zone, wanted, early, late);
}

/** For people: "Mon 2026-11-30 09:00". */
export function clockText(zone: string, at: number): string {
  const { date, minute } = wallClock(zone, at);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${days[weekdayOf(date)]} ${date} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** The date so many days on, or back. */
export function daysOn(date: string, days: number): string {
  return isoDate(midnight(date) + days * dayMs);
}

export const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** Its place among the days. */
export function weekdayOf(date: string): number {
  return (new Date(midnight(date)).getUTCDay() + 6) % 7;
}

/** Where the clock leaps over what is wanted, to the minute. */
function leap(zone: string, wanted: number, before: number, after: number): number {
  if (after - before <= minuteMs) return after;
  const middle = before + Math.floor((after - before) / 2 / minuteMs) * minuteMs;
  return shownAt(zone, middle) < wanted ? leap(zone, wanted, middle, after) : leap(zone, wanted, before, middle);
}

/** What the clock shows, as if it were a moment in UTC; to the second. */
function shownAt(zone: string, at: number): number {
  const [month = 0, day, year = 0, hour, minute, second] = clockOf(zone).format(at).match(/\d+/g)!.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const midnight = (date: string): number => Date.parse(`${date}T00:00:00Z`);
const isoDate = (shown: number): string => new Date(shown).toISOString().slice(0, 10);

/** One is dear to make, and they are asked often; always of a moment, since without one they would ask the machine. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const digits = 'numeric' as const;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: digits,
    month: digits,
    day: digits,
    hour: digits,
    minute: digits,
    second: digits,
  });
  clocks.set(zone, clock);
  return clock;
}
