// How agents are migrated, in the plan: what they show, how they fail over, and how that is tried.
import { z } from 'zod';
import { Duration } from '../../schema/duration.ts';
import { name, regex } from '../../schema/fields.ts';

/** URL path + JSON pointer of something an agent shows. */
const Shown = z.strictObject({ path: z.string().startsWith('/'), pointer: z.string().startsWith('/') });

export const Contract = z.strictObject({
  activeHub: Shown.extend({ primary: z.string(), fallback: z.string(), central: z.string() }).optional(),
  hubs: Shown.optional().describe('list of {role, reachable}'),
  nats: Shown.optional().describe('object with connected and published'),
  peers: Shown.optional().describe('map of the peers whose health came in by HTTP'),
  acknowledged: z
    .strictObject({ metric: z.string(), label: z.string() })
    .optional()
    .describe('metric with the sequence number of each acknowledged batch'),
});

export type Contract = z.infer<typeof Contract>;

const times = z.number().int().min(0).max(20);

/** How often EdgeHub is stopped, killed, hung (connections open, no answer) and cut off (packets dropped) to see the pilots fail over. */
export const Trials = z.strictObject({ stop: times.min(1), kill: times, hang: times, blackhole: times });

/** How a pilot becomes dual-hub, and by what that is seen. */
export const Migration = z.strictObject({
  contract: Contract,
  failover: z.strictObject({
    healthCheckInterval: Duration,
    maxRetries: z.number().int().positive(),
    failoverThreshold: z.number().int().positive(),
    recoveryTimeout: Duration,
    probeInterval: Duration,
    probeTimeout: Duration,
    batchTimeout: Duration,
  }),
  env: z.strictObject({ name, via: z.literal('yaml') }),
  errorPatterns: z.array(regex).min(1),
  startWithin: Duration,
  freshWithin: Duration.describe('how old the newest sample of a metric may be'),
});
