// EdgeHub in the plan.
import { z } from 'zod';
import { Duration, Size } from '../../schema/duration.ts';
import { container, name, Port } from '../../schema/fields.ts';

/** EdgeHub: 2A.*. */
export const EdgeHub = z.strictObject({
  kind: z.literal('edge-hub'),
  ...container,
  port: Port,
  configFile: name,
  rulesFile: name,
  scrapeInterval: Duration,
  retention: Duration,
  externalLabels: z.record(z.string(), z.string()),
  remoteWrite: z.strictObject({
    minBackoff: Duration,
    maxBackoff: Duration,
    batchSendDeadline: Duration,
    capacity: z.number().int().positive(),
    maxShards: z.number().int().positive(),
    timeout: Duration,
  }),
  scrapeWithin: Duration.describe('a first scraped sample must be stored within this time'),
  freeSpaceFloor: Size,
});

export type EdgeHub = z.infer<typeof EdgeHub>;
