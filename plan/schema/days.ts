// The days of a plan: which part of the week begins on which of them, and whether it waits for that.
import { z } from 'zod';
import { type Part, usualDays } from '../tasks/names.ts';
import type { Refuse } from './refuse.ts';

/** Everything as soon as it can, or each day's work on its day. */
export const Pace = z.enum(['at-once', 'by-day']);

export const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day of 24 hours, such as "09:00"')
  .describe('where the clock of the plan shows this, a day after the first begins');

/** Since midnight, by the clock. */
export function minutesOf(timeOfDay: string): number {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + minutes;
}

const day = z.number().int().min(1, 'a day of the week, from 1');

export const Days = z
  .strictObject(
    Object.fromEntries(Object.entries(usualDays).map(([part, usual]) => [part, day.default(usual)])) as Record<
      Part,
      z.ZodDefault<typeof day>
    >,
  )
  .prefault({});

export type Days = z.infer<typeof Days>;

/** What runs later is not of an earlier day. */
export function inOrder({ days }: { days: Days }, refuse: Refuse): void {
  Object.entries(days).reduce(([before, reached], [part, wanted]) => {
    if (wanted < reached) refuse(['days', part], `a day from ${reached} on, as that of ${before} which runs before`);
    return wanted < reached ? [before, reached] : [part, wanted];
  });
}

/** Whether each day's checkpoint is looked at when its work is done. In weeks that began under earlier builds only after the soak. */
export function looksByDay({ days }: { days?: Days }): boolean {
  return days !== undefined;
}
