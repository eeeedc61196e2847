// What a plan wants where a row does not pass, and where nobody answers then.
import { z } from 'zod';
import { taskNames } from '../tasks/names.ts';
import { Duration } from './duration.ts';

const OnFailure = z.enum(['ask', 'undo-task', 'undo-all']);

export type OnFailure = z.infer<typeof OnFailure>;

const atDeadlines = ['hold', 'undo-task', 'undo-all'] as const;

export type AtDeadline = (typeof atDeadlines)[number];

export const Failure = z.strictObject({
  onFailure: OnFailure.prefault('ask'),
  tasks: z.partialRecord(z.enum(taskNames), OnFailure).default({}),
  askDeadline: Duration.prefault('12h').describe('how long people are asked: a night at least'),
  atDeadline: z.enum(atDeadlines).prefault('hold').describe('when nobody has answered, and it is not well again'),
});

/** Weeks that began under earlier builds undo the task. */
export function atDeadlineOf({ atDeadline = 'undo-task' }: Partial<z.infer<typeof Failure>>): AtDeadline {
  return atDeadline;
}
