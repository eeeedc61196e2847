// When the days of a week begin: the first when it starts, each that follows at a time of day. Pure.
import { type Days, minutesOf } from '../schema/days.ts';
import type { Plan } from '../schema/plan.ts';
import type { Part } from '../tasks/names.ts';
import type { WeekState } from '../week/state.ts';
import type { Calendar } from './schema.ts';
import { mayBegin } from './window.ts';
import { daysOn, momentAt, wallClock } from './zone.ts';

/** A day of a week that goes by its days, and when it begins in Unix milliseconds. */
export interface Day {
  day: number;
  at: number;
}

/** Weeks that began under earlier builds know no days, and go on at once. */
type Paced = Partial<Pick<Plan, 'pace' | 'dayBegins' | 'calendar'>> & { days?: Days };

/** The day for which a part of the week waits; undefined where it waits for none: on the first, or where all goes at once. */
export function dayOf(plan: Paced, part: Part, startedAt: number): Day | undefined {
  const day = plan.days?.[part] ?? 1;
  if (plan.pace !== 'by-day' || plan.dayBegins === undefined || day === 1) return undefined;
  const zone = plan.calendar?.zone ?? 'UTC';
  const date = workingDay(plan.calendar, wallClock(zone, startedAt).date, day - 1);
  return { day, at: momentAt(zone, { date, minute: minutesOf(plan.dayBegins) }) };
}

/** So many days on, of which those count that have a window for what disturbs; every day where there is no calendar. */
function workingDay(calendar: Calendar | undefined, date: string, on: number): string {
  if (!calendar) return daysOn(date, on);
  const { zone } = calendar;
  return Array.from({ length: on }).reduce<string>((before) => {
    const tomorrow = daysOn(before, 1);
    const opens = mayBegin([calendar], momentAt(zone, { date: tomorrow, minute: 0 }), minuteMs);
    return opens === undefined ? tomorrow : wallClock(zone, opens).date;
  }, date);
}

const minuteMs = 60_000;

/** By which a person lets it begin before its time. */
export function dayName({ day }: Pick<Day, 'day'>): string {
  return `day-${day}`;
}

export function isDayReleased({ letGo = [] }: Pick<WeekState, 'letGo'>, day: Pick<Day, 'day'>): boolean {
  return letGo.some(({ row }) => row === dayName(day));
}

/** The days that a week waits for, in their order. */
export function daysOf({ plan, startedAt }: Pick<WeekState, 'startedAt'> & { plan: Paced }): Day[] {
  const days = Object.keys(plan.days ?? {}).flatMap((part) => dayOf(plan, part as Part, startedAt) ?? []);
  return days.filter(({ day }, index) => days.findIndex((other) => other.day === day) === index);
}
