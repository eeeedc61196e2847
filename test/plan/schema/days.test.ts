import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { looksByDay } from '../../../plan/schema/days.ts';
import { InvalidPlan, readPlan } from '../../../plan/schema/read.ts';
import { rehearse } from '../../../plan/schema/rehearse.ts';
import { usualDays } from '../../../plan/tasks/names.ts';
import { stepsOf } from '../../../plan/tasks/steps.ts';

const file = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const week = file('plan/week1.yaml').replace(/^(version|pace|dayBegins): .*\n/gm, '');
const read = (more: string) => readPlan(`${more}\n${week}`, 'plan.yaml');
const problems = (more: string) => {
  try {
    read(more);
  } catch (error) {
    if (error instanceof InvalidPlan) return error.problems;
    throw error;
  }
  return [];
};

describe('the pace of a plan', () => {
  it('is by day in a new plan, at once in one of version 1, in a rehearsal at once unless that says otherwise', () => {
    expect(read('').pace).toBe('by-day');
    expect(read('version: 1').pace).toBe('at-once');
    expect(read('version: 1\npace: by-day').pace).toBe('by-day');
    expect(readPlan(file('test/fixtures/compat/week1.yaml'), 'week1.yaml').pace).toBe('at-once');
    const plan = read('');
    expect(rehearse(plan, 100).pace).toBe('at-once');
    expect(rehearse({ ...plan, rehearsal: { ...plan.rehearsal, pace: 'by-day' } }, 100).pace).toBe('by-day');
  });
});

describe('the days of a plan', () => {
  it('are those of the week, but for what it says', () => {
    expect(read('').days).toEqual(usualDays);
    expect(read('days: { 2B: 1, 2C: 2 }').days).toEqual({ ...usualDays, '2B': 1, '2C': 2 });
  });

  it.each([
    ['days: { 2B: 4 }', 'days.2C', 'a day from 4 on, as that of 2B which runs before is wanted; found 3'],
    ['days: { 2B: 0 }', 'days.2B', 'a day of the week, from 1; found 0'],
    ['days: { 2C.stream: 4 }', 'days.2C.stream', 'unknown key; did you mean "2C.streams"?'],
    ['dayBegins: 9', 'dayBegins', 'found 9'],
    ['dayBegins: "24:00"', 'dayBegins', 'a time of day of 24 hours, such as "09:00"; found "24:00"'],
    ['pace: daily', 'pace', 'found "daily"'],
  ])('%s is refused', (more, path, message) => {
    expect(problems(more)[0]).toMatchObject({ path, message: expect.stringContaining(message) });
  });

  it('have their checkpoints where their work ends, and all of them again after the soak', () => {
    const plan = read('');
    expect(looksByDay(plan)).toBe(true);
    const rows = stepsOf(plan);
    const last = (task: string) => rows.findLast((row) => row.task === task)!.id;
    expect([last('2A'), last('2B'), last('2C'), last('soak')]).toEqual([
      'checkpoint.day-1',
      'checkpoint.day-2',
      'checkpoint.day-4',
      'checkpoint.day-7',
    ]);
    const ids = rows.map(({ id }) => id);
    expect(ids[ids.indexOf('checkpoint.day-3') + 1]).toBe('2C.streams.metrics');
    expect(ids.slice(-5)).toEqual(['week.day-1', 'week.day-2', 'week.day-3', 'week.day-4', 'checkpoint.day-7']);
  });

  it('are unknown to a week that began under an earlier build: it looks after the soak alone', () => {
    const { days: _, ...before } = read('');
    const ids = stepsOf(before as ReturnType<typeof read>).map(({ id }) => id);
    expect(ids.filter((id) => id.includes('day-'))).toEqual([1, 2, 3, 4, 7].map((day) => `checkpoint.day-${day}`));
    expect(ids.slice(-5)[0]).toBe('checkpoint.day-1');
  });
});
