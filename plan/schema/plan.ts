// The plan: what the week is. One Zod schema, whose inferred types the whole product shares.
import { z } from 'zod';
import { Duration, Size } from './duration.ts';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "-", "_" and ".", beginning with a letter or digit');
const port = z.number().int().min(1).max(65535);
const absolutePath = z.string().regex(/^\/(?!.*(^|\/)\.\.(\/|$))/, 'an absolute path without ".."');
const owner = z.string().regex(/^\d+:\d+$/, 'numeric uid:gid, such as "65534:65534"');
const percent = z.number().min(0).max(100);
const subject = z
  .string()
  .regex(/^[a-z0-9_-]+(\.([a-z0-9_-]+|\*))*(\.>)?$/i, 'a NATS subject, such as observability.metrics.*');
const regex = z.string().refine((text) => {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}, 'a regular expression');

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

const Port = z.strictObject({ host: port, container: port });
const Directory = z.strictObject({
  path: absolutePath,
  owner,
  mount: absolutePath.describe('where the container sees it'),
});

const container = {
  name,
  machine: name,
  image: z.string().min(1),
  restart: z.literal('always'),
  base: absolutePath.describe('the directory that holds all of its files; removed by undo if we made it'),
  directories: z.array(Directory).min(1),
  command: z.array(z.string()),
  stopGrace: Duration.describe('how long it may take to stop by itself'),
};

/** The hub that is there before the week: only its scrape jobs are touched. */
export const CentralHub = z.strictObject({
  kind: z.literal('central-hub'),
  name,
  machine: name,
  port,
  config: absolutePath.describe('its prometheus.yml on the host'),
  lifecycle: z.boolean().describe('whether it takes reloads over HTTP; else SIGHUP'),
});
export type CentralHub = z.infer<typeof CentralHub>;

/** EdgeHub. Seed: task 2A. */
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

/** A Pushgateway. Seed: task 2B. */
export const Pushgateway = z.strictObject({
  kind: z.literal('pushgateway'),
  ...container,
  port: Port,
  scrapedBy: z.array(name).min(1).describe('names of the hubs that scrape it'),
  test: z.strictObject({
    metric: z.string().regex(/^[a-z_][a-z0-9_]*$/i),
    value: z.number(),
    job: name,
    instance: name,
  }),
});
export type Pushgateway = z.infer<typeof Pushgateway>;

/** A NATS server with JetStream. Seed: task 2C. */
export const NatsServer = z.strictObject({
  kind: z.literal('nats'),
  ...container,
  ports: z.strictObject({ client: Port, monitor: Port, cluster: Port }),
  configFile: name,
  logFile: absolutePath.describe('as the container sees it'),
  store: absolutePath.describe('JetStream storage, as the container sees it'),
});
export type NatsServer = z.infer<typeof NatsServer>;

export const Service = z.discriminatedUnion('kind', [CentralHub, EdgeHub, Pushgateway, NatsServer]);
export type Service = z.infer<typeof Service>;

const Stream = z.strictObject({
  name,
  subjects: z.array(subject).min(1),
  maxAge: Duration,
  replicas: z.number().int().min(1).max(5),
  storage: z.literal('file'),
  duplicateWindow: Duration,
  publishes: z.array(subject).min(1).describe('the subjects that the week uses, each tested for its routing'),
  consumers: z.array(name).min(1).describe('durable consumers'),
});
export type Stream = z.infer<typeof Stream>;

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

/** URL path + JSON pointer of something an agent shows. */
const Shown = z.strictObject({ path: z.string().startsWith('/'), pointer: z.string().startsWith('/') });
const Contract = z.strictObject({
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

/** A functional URL: it works when the value at the pointer matches the pattern. */
const AgentFunction = z.strictObject({
  name,
  method: z.enum(['GET', 'POST']).default('GET'),
  path: z.string().startsWith('/'),
  body: z.json().optional(),
  pointer: z.string().startsWith('/'),
  matches: regex,
});

/** A supervised program. Pilots are migrated; the others are bystanders and must not be disturbed. */
export const Agent = z.strictObject({
  name,
  kind: name.describe('what sort of agent it is; the checks of the seed go by it'),
  machine: name,
  program: name.describe("its program under the machine's supervisor"),
  config: absolutePath,
  log: absolutePath,
  acks: absolutePath.optional().describe('JSON lines, one an acknowledged batch: {seq, hub, at}'),
  port,
  health: z.string().startsWith('/').default('/health'),
  peer: name.optional().describe('agent to which it posts its health in Phase 1'),
  wave: z.number().int().min(1).optional().describe('pilots only: the order of migration'),
  check: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('command that loads a configuration without deploying it; {config} stands for the file'),
  functions: z.array(AgentFunction).default([]),
});
export type Agent = z.infer<typeof Agent>;

const OnFailure = z.enum(['ask', 'undo-task', 'undo-all']);
export type OnFailure = z.infer<typeof OnFailure>;
export const TaskName = z.enum(['preflight', '2A', '2B', '2C', '2D', 'soak']);
export type TaskName = z.infer<typeof TaskName>;

const within = z.strictObject({ limit: Duration, target: Duration });
const below = z.strictObject({ limit: percent, target: percent });
const times = z.number().int().min(0).max(20);
/** How often EdgeHub is stopped, killed, hung (connections open, no answer) and cut off (packets dropped) to see the pilots fail over. */
const Trials = z.strictObject({ stop: times.min(1), kill: times, hang: times, blackhole: times });

export const Plan = z
  .strictObject({
    version: z.literal(1, 'this build of hubshift reads version 1: use the build that the plan was written for'),
    name: name.describe('one run of a plan at a time goes by this name'),
    title: z.string(),
    machines: z.array(Machine).min(1),
    services: z.array(Service),
    agents: z.array(Agent).min(1),
    messaging: z.strictObject({
      cluster: name,
      topology: z.enum(['pair', 'arbiter']),
      syncInterval: z.union([z.literal('always'), Duration]),
      connectWithin: Duration,
      formWithin: Duration,
      streams: z.array(Stream).min(1),
      healthSubject: subject,
      latencySamples: z.number().int().min(20),
      testMessages: z.number().int().min(10).max(1000).describe('messages a functional test publishes'),
    }),
    migration: z.strictObject({
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
    }),
    watch: z.strictObject({
      log: Duration,
      observation: Duration,
      soak: Duration,
      soakOnIssue: z.enum(['restart', 'fail']).describe('an issue starts the soak again, or fails it'),
      soakRestartsAtMost: z.number().int().min(0),
      sampleInterval: Duration,
      slice: Duration.describe('how long one activity samples before it reports'),
      tolerate: z.number().int().min(0).describe('failed samples in a row that are not yet an issue'),
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
      edgehubUptimePercent: percent,
      natsAvailabilityPercent: percent,
      agentUptimePercent: percent,
      deliveryPercent: percent,
    }),
    failure: z.strictObject({
      onFailure: OnFailure,
      tasks: z.partialRecord(TaskName, OnFailure).default({}),
      askDeadline: Duration,
    }),
    holdBefore: z.array(TaskName).default([]),
    gate: z.strictObject({
      approvals: z.number().int().min(1),
      confidenceAbovePercent: percent,
      deadline: Duration,
      evidenceMaxAge: Duration.describe('evidence that is older is looked at again before anybody may approve'),
      remindEvery: Duration.describe('how often people are told that the gate waits for them'),
    }),
    emergency: z.strictObject({
      level1: Duration.describe('a component restarted and well again'),
      level2: Duration.describe('an agent restored and well again'),
      level3: Duration.describe('everything undone, Phase 1 verified'),
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
      recoveryTimeout: Duration,
      healthCheckInterval: Duration,
      faultWindow: Duration,
      latencySamples: z.number().int().min(20),
      trials: Trials,
    }),
  })
  .superRefine(crossChecks);
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

/** Pilots by wave, in the order of migration. */
export function wavesOf(plan: Plan): Agent[][] {
  const waves = new Map<number, Agent[]>();
  for (const pilot of pilotsOf(plan)) waves.set(pilot.wave ?? 0, [...(waves.get(pilot.wave ?? 0) ?? []), pilot]);
  return [...waves.entries()].sort(([a], [b]) => a - b).map(([, agents]) => agents);
}

const pilotsAtOnce = 100;

/** What one line of YAML can't say alone: references, uniqueness, ports that collide. */
function crossChecks(plan: z.output<z.ZodObject> & Record<string, any>, context: z.RefinementCtx): void {
  const { machines, services, agents, messaging } = plan as unknown as Plan;
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  const known = machines.map((machine) => machine.name);

  unique(
    machines.map((machine) => machine.name.toLowerCase()),
    (index) => refuse(['machines', index, 'name'], 'a name that no other machine has (case is ignored)'),
  );
  unique(
    machines.map((machine) => machine.address),
    (index) => refuse(['machines', index, 'address'], 'an address that no other machine has'),
  );
  unique(
    services.map((service) => service.name),
    (index) => refuse(['services', index, 'name'], 'a name that no other service has'),
  );
  unique(
    agents.map((agent) => agent.name),
    (index) => refuse(['agents', index, 'name'], 'a name that no other agent has'),
  );
  unique(
    messaging.streams.map((stream) => stream.name),
    (index) => refuse(['messaging', 'streams', index, 'name'], 'a name that no other stream has'),
  );

  for (const list of ['services', 'agents'] as const) {
    (list === 'services' ? services : agents).forEach((item, index) => {
      if (!known.includes(item.machine))
        refuse([list, index, 'machine'], `one of the plan's machines: ${known.join(', ')}`);
    });
  }
  const { channels, routes } = (plan as unknown as Plan).notify;
  unique(
    channels.map((channel) => channel.name),
    (index) => refuse(['notify', 'channels', index, 'name'], 'a name that no other channel has'),
  );
  channels.forEach((channel, index) => {
    if (channel.url && channel.kind !== 'pagerduty')
      refuse(
        ['notify', 'channels', index, 'url'],
        'nothing: the URL of this kind is its secret, and stands in the environment',
      );
  });
  for (const [kind, targets] of Object.entries(routes)) {
    targets.forEach((target, index) => {
      if (!channels.some((channel) => channel.name === target))
        refuse(
          ['notify', 'routes', kind, index],
          `one of the plan's channels: ${channels.map((channel) => channel.name).join(', ')}`,
        );
    });
  }
  agents.forEach((agent, index) => {
    if (agent.peer && !agents.some((other) => other.name === agent.peer))
      refuse(['agents', index, 'peer'], "the name of one of the plan's agents");
  });

  const inWave = new Map<string, number>();
  agents.forEach(({ machine, wave }, index) => {
    if (wave === undefined) return;
    const count = (inWave.get(`${machine} ${wave}`) ?? 0) + 1;
    inWave.set(`${machine} ${wave}`, count);
    if (count === pilotsAtOnce + 1)
      refuse(
        ['agents', index, 'wave'],
        `at most ${pilotsAtOnce} pilots of one wave on a machine: they are moved and watched side by side`,
      );
  });

  const ports = [
    ...services.flatMap((service, index) =>
      hostPortsOf(service).map((number) => ({
        machine: service.machine,
        number,
        path: ['services', index] as (string | number)[],
      })),
    ),
    ...agents.map((agent, index) => ({
      machine: agent.machine,
      number: agent.port,
      path: ['agents', index, 'port'] as (string | number)[],
    })),
  ];
  unique(
    ports.map(({ machine, number }) => `${machine}:${number}`),
    (index) =>
      refuse(
        ports[index]?.path ?? [],
        `a port that nothing else of the plan holds on this machine; ${ports[index]?.machine}:${ports[index]?.number} is taken twice`,
      ),
  );

  for (const kind of ['central-hub', 'edge-hub'] as const) {
    const count = services.filter((service) => service.kind === kind).length;
    if (count !== 1) refuse(['services'], `exactly one service of kind ${kind}; found ${count}`);
  }
  const voters = services.filter((service) => service.kind === 'nats').length;
  if (messaging.topology === 'pair' && voters !== 2)
    refuse(['messaging', 'topology'], `two services of kind nats for a pair; found ${voters}`);
  if (messaging.topology === 'arbiter' && (voters < 3 || voters % 2 === 0))
    refuse(
      ['messaging', 'topology'],
      `an odd number of nats services, three or more, with an arbiter; found ${voters}`,
    );
  messaging.streams.forEach((stream, index) => {
    if (stream.replicas > voters)
      refuse(['messaging', 'streams', index, 'replicas'], `at most ${voters}, the number of nats services`);
  });
  const hubs = services.filter((service) => service.kind.endsWith('hub')).map((service) => service.name);
  services.forEach((service, index) => {
    if (service.kind !== 'pushgateway') return;
    service.scrapedBy.forEach((hub, at) => {
      if (!hubs.includes(hub))
        refuse(['services', index, 'scrapedBy', at], `one of the plan's hubs: ${hubs.join(', ')}`);
    });
  });
}

/** Every port that a service holds on its machine. */
export function hostPortsOf(service: Service): number[] {
  switch (service.kind) {
    case 'central-hub':
      return [service.port];
    case 'edge-hub':
    case 'pushgateway':
      return [service.port.host];
    case 'nats':
      return [service.ports.client.host, service.ports.monitor.host, service.ports.cluster.host];
  }
}

function unique(values: string[], refuse: (index: number) => void): void {
  values.forEach((value, index) => {
    if (values.indexOf(value) !== index) refuse(index);
  });
}
