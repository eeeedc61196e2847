// The plan: what the week is. One Zod schema, whose inferred types the whole product shares.
import { z } from 'zod';
import { Calendar } from '../calendar/schema.ts';
import { EdgeHub } from '../tasks/edgehub/schema.ts';
import { Messaging, NatsServer } from '../tasks/messaging/schema.ts';
import { taskNames } from '../tasks/names.ts';
import { Migration, Trials } from '../tasks/pilots/schema.ts';
import { CentralHub } from '../tasks/preflight/schema.ts';
import { Pushgateway } from '../tasks/pushgateways/schema.ts';
import { Agent } from './agent.ts';
import { Days, Pace, TimeOfDay } from './days.ts';
import { Duration } from './duration.ts';
import { Failure } from './failure.ts';
import { absolutePath, below, derived, name, percent, site, within } from './fields.ts';
import { Gate } from './gate.ts';
import { Listen, MachineListen } from './listen.ts';
import { Notify, usualEscalation } from './notify.ts';
import { Purpose } from './purpose.ts';
import { Version } from './versions.ts';

/** A host with its own worker. All paths of services and agents on it lie under `root`. */
export const Machine = z.strictObject({
  name,
  address: z.union([z.ipv4(), z.ipv6()]).describe('where the other machines reach it'),
  listen: MachineListen.optional().describe("the plan's, but for this machine"),
  root: absolutePath.default('/').describe('prefix of every host path, "/" on a real machine'),
  docker: absolutePath.default('/var/run/docker.sock').describe("Docker's socket"),
  supervisor: absolutePath.default('/etc/supervisor/supervisord.conf').describe("supervisord's configuration"),
  state: absolutePath.default('/var/lib/hubshift').describe('the ledger and details of evidence'),
  calendar: Calendar.optional().describe("narrows the plan's for what disturbs this machine"),
});

export type Machine = z.infer<typeof Machine>;

export const Service = z.discriminatedUnion('kind', [CentralHub, EdgeHub, Pushgateway, NatsServer]);

export type Service = z.infer<typeof Service>;

export const Plan = z.strictObject({
  version: Version,
  name: name.prefault('phase2-week1').describe('one run of a plan at a time goes by this name'),
  site: site
    .optional()
    .describe('tells plans and machines of the same names apart, where several sites share a Temporal namespace'),
  title: z.string().prefault('Phase 2 Week 1: EdgeHub infrastructure foundation'),
  pace: Pace.default('by-day').describe("whether each day's work waits for its day"),
  dayBegins: TimeOfDay.default('09:00'),
  days: Days.describe('the day of the week on which each part of it begins'),
  machines: z.array(Machine).min(1),
  listen: Listen.optional().describe('where what the week makes is published'),
  services: derived(z.array(Service)),
  agents: z.array(Agent).min(1),
  messaging: derived(Messaging),
  migration: Migration.prefault({}),
  watch: z
    .strictObject({
      log: Duration.prefault('5m'),
      observation: Duration.prefault('2h'),
      soak: Duration.prefault('24h'),
      soakOnIssue: z
        .enum(['restart', 'fail'])
        .prefault('restart')
        .describe('an issue starts the soak again, or fails it'),
      soakRestartsAtMost: z.number().int().min(0).prefault(3),
      sampleInterval: Duration.prefault('15s'),
      baseline: Duration.prefault('10m').describe(
        'how long response times and use are measured, before the week and after',
      ),
      slice: Duration.prefault('15m').describe('how long one activity samples before it reports'),
      tolerate: z.number().int().min(0).prefault(2).describe('failed samples in a row that are not yet an issue'),
      failedAtMost: percent
        .lt(50, 'less than half of the samples, in percent')
        .default(0.1)
        .describe(
          "how many of a target's samples may fail in a window, in percent; as many as are tolerated in a row may",
        ),
    })
    .prefault({}),
  faults: z
    .strictObject({
      allowed: z
        .array(z.enum(['edgehub-stop', 'nats-stop', 'partition']))
        .prefault([])
        .describe('what the week may break on purpose; nothing that the plan does not name'),
      window: Duration.prefault('30s').describe('how long a node stop or a partition lasts'),
      limit: Duration.prefault('2m').describe('a fault lifts itself after this time, whoever is alive'),
      trials: Trials.prefault({}).describe('how often EdgeHub is lost in the failover test, and how'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      clockSkew: Duration.prefault('1s'),
      failover: within('5s', '3s'),
      messageLatency: within('100ms', '50ms'),
      hubResponse: within('200ms', '100ms'),
      overheadPercent: below(10, 5),
      slower: z
        .strictObject({ percent: percent.prefault(10), by: Duration.prefault('50ms') })
        .prefault({})
        .describe('response times are worse when they are above the baseline by more than both'),
      edgehubUptimePercent: percent.prefault(99.9),
      natsAvailabilityPercent: percent.prefault(99.9),
      agentUptimePercent: percent.prefault(99.5),
      deliveryPercent: percent.prefault(99),
      unknownPercent: percent
        .default(1)
        .describe('of the time, seen by nobody: above it nobody can tell how long something was up, or what it costs'),
    })
    .prefault({}),
  failure: Failure.prefault({}),
  adopt: z
    .array(name)
    .default([])
    .describe('services and streams of the plan that may be there before: taken over, and given back by an undo'),
  calendar: Calendar.optional().describe('when what disturbs may begin'),
  holdBefore: z.array(z.string()).default([]).describe('tasks and rows before which the week pauses'),
  tasks: z
    .partialRecord(z.enum(taskNames), Purpose)
    .optional()
    .describe('what tasks are for, and what may go wrong, where it is not what they say of themselves'),
  gate: Gate.prefault({}),
  emergency: z
    .strictObject({
      level1: Duration.prefault('2m').describe('a component restarted and well again'),
      level2: Duration.prefault('5m').describe('an agent restored and well again'),
      level3: Duration.prefault('5m').describe('everything undone, Phase 1 verified'),
      machineDeadline: Duration.prefault('10m').describe(
        "how long level 3 waits for a machine's worker before it goes on without it",
      ),
      automatic: z
        .boolean()
        .prefault(true)
        .describe('whether observation and soak trigger levels 1 and 2 by themselves'),
      askDeadline: Duration.prefault('15m').describe(
        'how long people are asked about what levels 1 and 2 can not mend',
      ),
      atDeadline: z
        .enum(['hold', 'level-3'])
        .prefault('hold')
        .describe('when nobody has answered, and it is still down'),
    })
    .prefault({}),
  notify: Notify.prefault({ escalate: usualEscalation }),
  rehearsal: z
    .strictObject({
      pace: Pace.default('at-once'),
      scrapeInterval: Duration.prefault('2s'),
      sampleInterval: Duration.prefault('1s'),
      baseline: Duration.prefault('10s'),
      recoveryTimeout: Duration.prefault('3s'),
      healthCheckInterval: Duration.prefault('2s'),
      faultWindow: Duration.prefault('6s'),
      latencySamples: z.number().int().min(20).prefault(200),
      trials: Trials.prefault({ stop: 3, kill: 1, hang: 1, blackhole: 1 }),
    })
    .prefault({}),
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
