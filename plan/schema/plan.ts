// The plan: what the week is. One Zod schema, whose inferred types the whole product shares.
import { z } from 'zod';
import { EdgeHub } from '../tasks/edgehub/schema.ts';
import { Messaging, NatsServer } from '../tasks/messaging/schema.ts';
import { taskNames } from '../tasks/names.ts';
import { Migration, Trials } from '../tasks/pilots/schema.ts';
import { CentralHub } from '../tasks/preflight/schema.ts';
import { Pushgateway } from '../tasks/pushgateways/schema.ts';
import { Agent } from './agent.ts';
import { Duration } from './duration.ts';
import { absolutePath, below, name, percent, within } from './fields.ts';
import { Gate } from './gate.ts';
import { Version } from './versions.ts';

/** A host with its own worker. All paths of services and agents on it lie under `root`. */
export const Machine = z.strictObject({
  name,
  address: z.union([z.ipv4(), z.ipv6()]).describe('where the other machines reach it'),
  root: absolutePath.default('/').describe('prefix of every host path, "/" on a real machine'),
  docker: absolutePath.default('/var/run/docker.sock').describe("Docker's socket"),
  supervisor: absolutePath.default('/etc/supervisor/supervisord.conf').describe("supervisord's configuration"),
  state: absolutePath.default('/var/lib/hubshift').describe('the ledger and details of evidence'),
});

export type Machine = z.infer<typeof Machine>;

export const Service = z.discriminatedUnion('kind', [CentralHub, EdgeHub, Pushgateway, NatsServer]);

export type Service = z.infer<typeof Service>;

/** Where people are told. The secret is named by its environment variable, and read by the control worker alone. */
const Channel = z.strictObject({
  name,
  kind: z.enum(['slack', 'pagerduty', 'webhook']),
  secret: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable, such as HUBSHIFT_SLACK_OPS')
    .describe("holds the webhook's URL, or PagerDuty's routing key"),
  url: z.url().optional().describe("PagerDuty's address, where it is not events.pagerduty.com"),
});

/** What people are told of. */
export const NoticeKind = z.enum(['level-1', 'level-2', 'level-3', 'phase', 'approval', 'result']);

const OnFailure = z.enum(['ask', 'undo-task', 'undo-all']);

export type OnFailure = z.infer<typeof OnFailure>;

export const Plan = z.strictObject({
  version: Version,
  name: name.describe('one run of a plan at a time goes by this name'),
  title: z.string(),
  machines: z.array(Machine).min(1),
  services: z.array(Service),
  agents: z.array(Agent).min(1),
  messaging: Messaging,
  migration: Migration,
  watch: z.strictObject({
    log: Duration,
    observation: Duration,
    soak: Duration,
    soakOnIssue: z.enum(['restart', 'fail']).describe('an issue starts the soak again, or fails it'),
    soakRestartsAtMost: z.number().int().min(0),
    sampleInterval: Duration,
    baseline: Duration.prefault('10m').describe(
      'how long response times and use are measured, before the week and after',
    ),
    slice: Duration.describe('how long one activity samples before it reports'),
    tolerate: z.number().int().min(0).describe('failed samples in a row that are not yet an issue'),
    failedAtMost: percent
      .lt(50, 'less than half of the samples, in percent')
      .default(0.1)
      .describe(
        "how many of a target's samples may fail in a window, in percent; as many as are tolerated in a row may",
      ),
  }),
  faults: z.strictObject({
    allowed: z.array(z.enum(['edgehub-stop', 'nats-stop', 'partition'])),
    window: Duration.describe('how long a node stop or a partition lasts'),
    limit: Duration.describe('a fault lifts itself after this time, whoever is alive'),
    trials: Trials.describe('how often EdgeHub is lost in the failover test, and how'),
  }),
  limits: z.strictObject({
    clockSkew: Duration,
    failover: within,
    messageLatency: within,
    hubResponse: within,
    overheadPercent: below,
    slower: z
      .strictObject({ percent, by: Duration })
      .prefault({ percent: 10, by: '50ms' })
      .describe('response times are worse when they are above the baseline by more than both'),
    edgehubUptimePercent: percent,
    natsAvailabilityPercent: percent,
    agentUptimePercent: percent,
    deliveryPercent: percent,
    unknownPercent: percent
      .default(1)
      .describe('of the time, seen by nobody: above it nobody can tell how long something was up, or what it costs'),
  }),
  failure: z.strictObject({
    onFailure: OnFailure,
    tasks: z.partialRecord(z.enum(taskNames), OnFailure).default({}),
    askDeadline: Duration,
  }),
  adopt: z
    .array(name)
    .default([])
    .describe('services and streams of the plan that may be there before: taken over, and given back by an undo'),
  holdBefore: z.array(z.enum(taskNames)).default([]),
  gate: Gate,
  emergency: z.strictObject({
    level1: Duration.describe('a component restarted and well again'),
    level2: Duration.describe('an agent restored and well again'),
    level3: Duration.describe('everything undone, Phase 1 verified'),
    machineDeadline: Duration.prefault('10m').describe(
      "how long level 3 waits for a machine's worker before it goes on without it",
    ),
    automatic: z.boolean().describe('whether observation and soak trigger levels 1 and 2 by themselves'),
    askDeadline: Duration.describe('how long people are asked about what levels 1 and 2 can not mend'),
    atDeadline: z.enum(['level-3', 'hold']),
  }),
  notify: z
    .strictObject({ channels: z.array(Channel), routes: z.partialRecord(NoticeKind, z.array(name)) })
    .default({ channels: [], routes: {} }),
  rehearsal: z.strictObject({
    scrapeInterval: Duration,
    sampleInterval: Duration,
    baseline: Duration.prefault('10s'),
    recoveryTimeout: Duration,
    healthCheckInterval: Duration,
    faultWindow: Duration,
    latencySamples: z.number().int().min(20),
    trials: Trials,
  }),
});

export type Plan = z.infer<typeof Plan>;

export const serviceOf = <K extends Service['kind']>(plan: Plan, kind: K): Extract<Service, { kind: K }> => {
  const found = servicesOf(plan, kind)[0];
  if (!found) throw new Error(`The plan ${plan.name} has no service of kind ${kind}`);
  return found;
};

export function servicesOf<K extends Service['kind']>(plan: Plan, kind: K): Extract<Service, { kind: K }>[] {
  return plan.services.filter((service): service is Extract<Service, { kind: K }> => service.kind === kind);
}

export function pilotsOf(plan: Plan): Agent[] {
  return plan.agents.filter((agent) => agent.wave !== undefined);
}

/** What the week makes: a container with an image; what was there before has none in the plan. */
export type Made = Extract<Service, { image: string }>;

export function isMade(service: Service): service is Made {
  return 'image' in service;
}

/** Whether what goes by this name may be taken over from whoever made it. Weeks that began under earlier builds adopt nothing. */
export function adopts({ adopt }: Partial<Pick<Plan, 'adopt'>>, named: string): boolean {
  return adopt?.includes(named) ?? false;
}

/** Whether what the week costs is compared by batches, CentralHub and the link among it. Weeks that began under earlier builds know nothing of it. */
export function comparesBatches({ watch }: { watch: Partial<Plan['watch']> }): boolean {
  return watch.baseline !== undefined;
}

/** Pilots by wave, in the order of migration. */
export function wavesOf(plan: Plan): Agent[][] {
  const waves = new Map<number, Agent[]>();
  for (const pilot of pilotsOf(plan)) waves.set(pilot.wave ?? 0, [...(waves.get(pilot.wave ?? 0) ?? []), pilot]);
  return [...waves.entries()].sort(([a], [b]) => a - b).map(([, agents]) => agents);
}
