// What is there before the week, in the plan: CentralHub.
import { z } from 'zod';
import { access } from '../../schema/access.ts';
import { absolutePath, derived, name, port } from '../../schema/fields.ts';

/** The hub that is there before the week: only its scrape jobs are touched. */
export const CentralHub = z.strictObject({
  kind: z.literal('central-hub'),
  name: derived(name),
  machine: name,
  port: derived(port),
  ...access,
  config: absolutePath.describe('its prometheus.yml on the host'),
  filesIn: absolutePath
    .optional()
    .describe(
      'where it sees the files that its scrape jobs name, each by its last part; the same paths, where it is left out',
    ),
  lifecycle: z.boolean().prefault(true).describe('whether it takes reloads over HTTP; else SIGHUP'),
});

export type CentralHub = z.infer<typeof CentralHub>;
