// The calendar of a plan or of one machine: when something may be disturbed, and when nothing may.
import { z } from 'zod';
import { days, isZone } from './zone.ts';

const oneDay = `(${days.join('|')})`;
const oneTime = String.raw`((?:[01]\d|2[0-3]):[0-5]\d|24:00)`;
const oneSpan = new RegExp(`^${oneDay}(?:-${oneDay})? ${oneTime}-${oneTime}$`);

/** Hours on some days of the week, which may end on the next. Minutes by the clock since the midnight of the day on which they begin. */
export interface Hours {
  days: number[];
  from: number;
  to: number;
}

/** As "Mon-Thu 09:00-17:00, Fri 09:00-12:00"; undefined for anything else. */
function parsed(text: string): Hours[] | undefined {
  const spans = text.split(',').map((span) => hoursIn(span.trim()));
  return spans.every((span) => span !== undefined) ? spans : undefined;
}

function hoursIn(span: string): Hours | undefined {
  const [, first, last = first, begins, ends] = oneSpan.exec(span) ?? [];
  if (first === undefined || begins === undefined || ends === undefined) return undefined;
  const [from, to] = [minuteOf(begins), minuteOf(ends)];
  const [begin, end] = [first, last].map((day) => days.findIndex((known) => known === day)) as [number, number];
  // Sat-Mon goes over the end of the week, 22:00-04:00 over that of the day.
  return {
    days: Array.from({ length: ((end - begin + 7) % 7) + 1 }, (_, more) => (begin + more) % 7),
    from,
    to: to > from ? to : to + 24 * 60,
  };
}

export function hoursOf(text: string): Hours[] {
  return parsed(text) ?? [];
}

/** Of "2026-12-24" or "2026-12-24 12:00" the date, and the minute where one is said. */
export function pointOf(text: string): { date: string; minute?: number } {
  const [date = '', time] = text.split(' ');
  return { date, ...(time !== undefined && { minute: minuteOf(time) }) };
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

const hours = 'days and hours, such as "Mon-Thu 09:00-17:00" or "Mon-Thu 09:00-17:00, Fri 09:00-12:00"';
const point = 'a day or a minute, such as "2026-12-24" or "2026-12-24 12:00"';

const Point = z
  .string({ error: point })
  .regex(new RegExp(String.raw`^\d{4}-\d{2}-\d{2}( ${oneTime})?$`), point)
  .refine((text) => {
    const { date } = pointOf(text);
    const at = Date.parse(`${date}T00:00:00Z`);
    return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date);
  }, 'a day that there is');

const Freeze = z
  .strictObject({
    from: Point,
    to: Point.describe('a day without a time is frozen to its end'),
    why: z.string().min(1),
  })
  // A day sorts before its own minutes, and "to" that day ends after all of them.
  .refine(({ from, to }) => from < to || pointOf(from).date === to, {
    path: ['to'],
    message: 'an end after "from"',
  });

export const Calendar = z.strictObject({
  zone: z
    .string()
    .refine(isZone, 'a time zone by its name, such as Europe/Berlin or UTC')
    .describe('by whose clock all times of it are'),
  disturb: z
    .string({ error: hours })
    .refine((text) => parsed(text) !== undefined, hours)
    .optional()
    .describe('when what disturbs may begin and end; at any hour where it is left out'),
  freezes: z.array(Freeze).default([]).describe('when nothing is disturbed'),
});

export type Calendar = z.infer<typeof Calendar>;
