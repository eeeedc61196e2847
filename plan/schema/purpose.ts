// What a task is for, as people plan it: objective, estimate, priority, what it stands on, and what may go wrong.
import { z } from 'zod';
import { taskNames } from '../tasks/names.ts';
import { Duration } from './duration.ts';

const line = (atMost: number) =>
  z
    .string()
    .regex(/^\S[^\n]*$/, 'a line of text')
    .max(atMost, `a line of at most ${atMost} characters`);

const Estimate = z
  .strictObject({ from: Duration, to: Duration })
  .refine(({ from, to }) => from <= to, 'a "to" that is no shorter than "from"');

const Risk = z.strictObject({
  risk: line(200),
  shownBy: z
    .array(z.string())
    .min(1)
    .describe('what would show it: rows (with ".*" at the end all below), KPIs, and incidents as level-1 to level-3'),
});

export const Priority = z.enum(['critical', 'high', 'medium', 'low']);

/** What it leaves out is that of the task itself (tasks/purposes.ts), so that no state carries it. */
export const Purpose = z
  .strictObject({
    objective: line(300),
    estimate: Estimate,
    priority: Priority,
    dependencies: z
      .array(z.enum(taskNames))
      .describe('those that the task has; a plan can only say them, not change them'),
    risks: z.array(Risk),
  })
  .partial();

export type Risk = z.infer<typeof Risk>;

/** As a task says it of itself. */
export type TaskPurpose = Required<Omit<z.infer<typeof Purpose>, 'dependencies'>>;
