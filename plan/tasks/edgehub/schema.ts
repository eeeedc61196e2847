// EdgeHub in the plan.
import { z } from 'zod';
import { Duration, Size } from '../../schema/duration.ts';
import { access } from '../../schema/access.ts';
import { absolutePath, container, derived, name, Port } from '../../schema/fields.ts';

const Alertmanager = z.strictObject({
  target: z
    .string()
    .regex(/^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, 'HOST:PORT, such as PC2:9093')
    .describe('as the container reaches it'),
  scheme: z.enum(['http', 'https']).default('http'),
  path: z
    .string()
    .regex(/^\/[^?#\s]*$/, 'a path that begins with "/"')
    .default('/')
    .describe('before its own paths'),
});

const Alerting = z.strictObject({ alertmanagers: z.array(Alertmanager).min(1) });

/** EdgeHub: 2A.*. */
export const EdgeHub = z.strictObject({
  kind: z.literal('edge-hub'),
  ...container,
  port: derived(Port),
  ...access,
  webConfigFile: absolutePath.optional().describe('its TLS and users, as Prometheus reads them'),
  configFile: derived(name),
  rulesFile: name.prefault('edgehub-rules.yml'),
  scrapeInterval: Duration.prefault('15s'),
  retention: derived(Duration),
  externalLabels: derived(z.record(z.string(), z.string())),
  remoteWrite: z
    .strictObject({
      minBackoff: Duration.prefault('30ms'),
      maxBackoff: Duration.prefault('5s'),
      batchSendDeadline: Duration.prefault('5s'),
      capacity: z.number().int().positive().prefault(10_000),
      maxShards: z.number().int().positive().prefault(10),
      timeout: Duration.prefault('10s'),
    })
    .prefault({}),
  alerting: Alerting.optional().describe('who gets its alerts'),
  scrapeWithin: Duration.prefault('60s').describe('a first scraped sample must be stored within this time'),
  freeSpaceFloor: Size.prefault('1GiB'),
});

export type EdgeHub = z.infer<typeof EdgeHub>;
