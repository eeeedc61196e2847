// When something that lasts for a while may begin: in the hours of every calendar, from its beginning to its end, and outside of each freeze.
import { type Calendar, hoursOf, pointOf } from './schema.ts';
import { clockText, daysOn, momentAt, wallClock, weekdayOf } from './zone.ts';

/** Nobody plans further, and nothing is looked for beyond. */
export const horizonMs = 60 * 86_400_000;

type Freeze = Calendar['freezes'][number];

/** The first moment from `at` on at which it may begin; undefined where there is none in sixty days. */
export function mayBegin(calendars: Calendar[], at: number, lastsMs: number): number | undefined {
  const latest = at + horizonMs;
  let moment = at;
  // Each says how far it must move on; where none does, all agree.
  for (;;) {
    const later = Math.max(moment, ...calendars.map((calendar) => nextIn(calendar, moment, lastsMs)));
    if (later > latest) return undefined;
    if (later === moment) return moment;
    moment = later;
  }
}

/** Of the window that is open at `at`: the last moment at which it may still begin; undefined where that window does not end soon. */
export function mayBeginUntil(calendars: Calendar[], at: number, lastsMs: number): number | undefined {
  const ends = calendars.flatMap(({ zone, disturb, freezes }) => [
    ...(disturb === undefined ? [] : [endOfHours(zone, disturb, at)]),
    ...freezes.map((freeze) => boundsOf(zone, freeze)).flatMap(({ begin, end }) => (end > at ? [begin] : [])),
  ]);
  const end = Math.min(...ends);
  return end === Infinity ? undefined : end - lastsMs;
}

/** The freeze that something which began now would run into. */
export function freezeAt(calendars: Calendar[], at: number, lastsMs: number): Freeze | undefined {
  return calendars.flatMap(({ zone, freezes }) => freezes.filter((freeze) => after(zone, freeze, at, lastsMs) > at))[0];
}

/** For people: "Mon 2026-11-30 09:00 Europe/Berlin". */
export function momentText({ zone }: Pick<Calendar, 'zone'>, at: number): string {
  return `${clockText(zone, at)} ${zone}`;
}

function nextIn({ zone, disturb, freezes }: Calendar, at: number, lastsMs: number): number {
  const inHours = disturb === undefined ? at : nextInHours(zone, disturb, at, lastsMs);
  return Math.max(inHours, ...freezes.map((freeze) => after(zone, freeze, at, lastsMs)));
}

/** Now, or the end of a freeze in which it would begin or end. */
function after(zone: string, freeze: Freeze, at: number, lastsMs: number): number {
  const { begin, end } = boundsOf(zone, freeze);
  return at < end && at + lastsMs > begin ? end : at;
}

function boundsOf(zone: string, { from, to }: Freeze): { begin: number; end: number } {
  const [begins, last] = [pointOf(from), pointOf(to)];
  const begin = momentAt(zone, { minute: 0, ...begins });
  // The last day is frozen to its end.
  const end = momentAt(
    zone,
    last.minute === undefined ? { date: daysOn(last.date, 1), minute: 0 } : { minute: 0, ...last },
  );
  return { begin, end };
}

/**
 * Infinity where it is longer than all hours. From yesterday, whose hours may reach into today, over two weeks, one of which may change
 * the clock. Hours that touch are one.
 */
function nextInHours(zone: string, disturb: string, at: number, lastsMs: number): number {
  let open = { from: -Infinity, to: -Infinity };
  for (const { from, to } of hoursFrom(zone, disturb, at, 16 + Math.ceil(lastsMs / 86_400_000))) {
    open = from <= open.to ? { ...open, to: Math.max(open.to, to) } : { from, to };
    const begins = Math.max(at, open.from);
    if (begins + lastsMs <= open.to) return begins;
  }
  return Infinity;
}

/** `at` itself, where no hours are then; Infinity where they go on. */
function endOfHours(zone: string, disturb: string, at: number): number {
  let end = at;
  for (const { from, to } of hoursFrom(zone, disturb, at, 16)) {
    if (from > end) return end;
    end = Math.max(end, to);
  }
  return Infinity;
}

/** From those of the day before on, in their order. */
function* hoursFrom(zone: string, disturb: string, at: number, days: number): Generator<{ from: number; to: number }> {
  const hours = hoursOf(disturb).sort((a, b) => a.from - b.from);
  const moment = (date: string, minute: number) =>
    momentAt(zone, minute > 1440 ? { date: daysOn(date, 1), minute: minute - 1440 } : { date, minute });
  let date = daysOn(wallClock(zone, at).date, -1);
  for (let day = 0; day < days; day += 1, date = daysOn(date, 1))
    for (const { from, to } of hours.filter((one) => one.days.includes(weekdayOf(date))))
      yield { from: moment(date, from), to: moment(date, to) };
}
