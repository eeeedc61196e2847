// What a container of the week may use, in the plan. Nothing is set where the plan says nothing.
import { z } from 'zod';
import { Size } from './duration.ts';

/** Docker refuses less. */
const leastMemory = 6 * 2 ** 20;

export const Resources = z.strictObject({
  cpus: z.number().min(0.01).optional().describe('processors, in parts too: 1.5'),
  memory: Size.refine((bytes) => bytes >= leastMemory, 'at least 6MiB').optional(),
});

/** Docker's own log of a container, what it writes to stdout and stderr: driver json-file. */
export const Logs = z.strictObject({
  maxSize: Size.refine((bytes) => bytes > 0, 'a size above zero').describe('of one file'),
  maxFiles: z.number().int().min(1).default(3).describe('the newest stay'),
});
