// How agents are migrated, in the plan: what they show, how they fail over, and how that is tried.
import { z } from 'zod';
import { Duration } from '../../schema/duration.ts';
import { name, regex } from '../../schema/fields.ts';

/** URL path + JSON pointer of something an agent shows. */
const shown = (path: string, pointer: string) => ({
  path: z.string().startsWith('/').prefault(path),
  pointer: z.string().startsWith('/').prefault(pointer),
});

export const Contract = z.strictObject({
  activeHub: z
    .strictObject({
      ...shown('/health', '/hubs/active'),
      primary: z.string().prefault('primary'),
      fallback: z.string().prefault('fallback'),
      central: z.string().prefault('central'),
    })
    .optional(),
  hubs: z.strictObject(shown('/health', '/hubs/list')).optional().describe('list of {role, reachable}'),
  nats: z.strictObject(shown('/health', '/nats')).optional().describe('object with connected and published'),
  peers: z.strictObject(shown('/peers', '/')).optional().describe('map of the peers whose health came in by HTTP'),
  acknowledged: z
    .strictObject({
      metric: z.string().prefault('agent_pushed_sequence'),
      label: z.string().prefault('agent'),
    })
    .optional()
    .describe('metric with the sequence number of each acknowledged batch'),
});

export type Contract = z.infer<typeof Contract>;

const times = z.number().int().min(0).max(20);

/** How often EdgeHub is stopped, killed, hung (connections open, no answer) and cut off (packets dropped) to see the pilots fail over. */
export const Trials = z.strictObject({
  stop: times.min(1).prefault(1),
  kill: times.prefault(0),
  hang: times.prefault(0),
  blackhole: times.prefault(0),
});

/** How a pilot becomes dual-hub, and by what that is seen. */
export const Migration = z.strictObject({
  contract: Contract.prefault({ activeHub: {}, hubs: {}, nats: {}, peers: {}, acknowledged: {} }).describe(
    'what the agents show; what a contract that is given leaves out, they do not',
  ),
  failover: z
    .strictObject({
      healthCheckInterval: Duration.prefault('30s'),
      maxRetries: z.number().int().positive().prefault(3),
      failoverThreshold: z.number().int().positive().prefault(3),
      recoveryTimeout: Duration.prefault('300s'),
      probeInterval: Duration.optional().describe('pilots are told only where it is given; else they go by their own'),
      probeTimeout: Duration.optional(),
      batchTimeout: Duration.optional(),
    })
    .prefault({}),
  env: z
    .strictObject({
      name: name.prefault('OBS_HUB_URL'),
      via: z
        .enum(['yaml', 'supervisor'])
        .prefault('yaml')
        .describe("in the agent's own file, or in its program's section"),
    })
    .prefault({}),
  access: z
    .strictObject({ via: z.literal('yaml') })
    .optional()
    .describe('tells pilots with what hubs and Pushgateways are asked: files by their paths, never a secret'),
  errorPatterns: z
    .array(regex)
    .min(1)
    .prefault(['\\bERROR\\b', '\\bFATAL\\b', '\\bCRITICAL\\b', 'Traceback', 'Unhandled']),
  startWithin: Duration.prefault('30s'),
  freshWithin: Duration.prefault('60s').describe('how old the newest sample of a metric may be'),
});
