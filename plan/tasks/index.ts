// Every step and check of a plan's week, by id, in the order of the seed. Reports and progress go by this list; a test holds the tasks to it.
import { shortNames } from '../names.ts';
import { servicesOf, wavesOf, type Agent, type Plan, type TaskName } from '../schema/plan.ts';

export interface StepInfo {
  id: string;
  kind: 'step' | 'check' | 'undo';
  task: TaskName;
  text: string;
}

type Row = [id: string, kind: StepInfo['kind'], text: string];

const preflight: Row[] = [
  ['preflight.machines', 'check', 'every machine has a worker of one build, with its clock right'],
  ['preflight.topology', 'check', 'what the messaging topology cannot survive is said'],
  ['preflight.rollback-ready', 'check', 'every undo has what it needs'],
  ['preflight.rights', 'check', 'each worker may do what its steps need'],
  ['preflight.names', 'check', 'names resolve on every machine and inside its containers'],
  ['preflight.images', 'check', 'each image tag is resolved once for the whole run'],
  ['preflight.judges', 'check', 'no judge passes a sample that is known to be bad'],
  ['preflight.agent-contract', 'check', 'what each agent can show is known'],
  ['preflight.baseline', 'check', 'response times, CPU, memory and network before the first change'],
];

const edgeHub: Row[] = [
  ['2A.prepare.docker', 'step', 'Docker answers'],
  ['2A.prepare.port', 'step', "EdgeHub's port is free or our own"],
  ['2A.prepare.directories', 'step', "EdgeHub's directories, with their owner"],
  ['2A.config.global', 'step', 'global configuration with the scrape interval'],
  ['2A.config.retention', 'step', 'local retention as the failover buffer'],
  ['2A.config.remote-write', 'step', 'remote write to CentralHub with back-off'],
  ['2A.config.scrape', 'step', 'scrape jobs for the local agents'],
  ['2A.config.alerts', 'step', "alerting rules for EdgeHub's health"],
  ['2A.config.valid', 'check', 'configuration and rules pass promtool'],
  ['2A.deploy.image', 'step', 'the Prometheus image is present'],
  ['2A.deploy.container', 'step', 'the container, as specified'],
  ['2A.deploy.healthy', 'check', 'running and ready'],
  ['2A.check.accessible', 'check', 'its metrics page answers from every machine'],
  ['2A.check.config-loaded', 'check', 'configuration loaded without errors'],
  ['2A.check.scraping', 'check', 'a local target is up and its samples are stored'],
  ['2A.check.storage', 'check', 'owner, mode and free space of the data directory'],
  ['2A.check.remote-write', 'check', 'its samples arrive in CentralHub'],
  ['2A.check.alert', 'check', 'an alert can fire and is seen'],
  ['2A.check.restart', 'check', 'samples survive a container restart'],
  ['2A.check.no-impact', 'check', 'CentralHub and the agents are as healthy as before'],
];

function pushgateways(keys: string[]): Row[] {
  return [
    ['2B.prepare.docker', 'step', 'Docker answers on every machine with a Pushgateway'],
    ['2B.prepare.image', 'step', 'the Pushgateway image is present'],
    ...keys.flatMap((which): Row[] => [
      [`2B.${which}.port`, 'step', 'the port is free or our own'],
      [`2B.${which}.directory`, 'step', 'the data directory'],
      [`2B.${which}.container`, 'step', 'the container, as specified'],
      [`2B.${which}.accessible`, 'check', 'ready, and reachable from every machine'],
    ]),
    ['2B.scrape.central', 'step', "CentralHub's scrape jobs for the Pushgateways"],
    ['2B.scrape.edge', 'step', "EdgeHub's scrape job for its own Pushgateway"],
    ['2B.scrape.reload', 'step', 'both hubs reloaded, and seen to have'],
    ['2B.scrape.active', 'check', 'the scrape jobs are up in the hubs'],
    ...keys.map((which): Row => [`2B.test.push-${which}`, 'check', 'a test metric is pushed']),
    ['2B.test.visible', 'check', 'the test metrics are found in the hubs'],
    ['2B.test.persistence', 'check', 'pushed metrics survive a container restart'],
    ['2B.test.impact', 'check', 'CPU, memory and response times against the baseline'],
  ];
}

function messaging(servers: string[], streams: string[]): Row[] {
  return [
    ['2C.prepare.ports', 'step', 'the NATS ports are free or our own'],
    ['2C.prepare.image', 'step', 'the NATS image is present'],
    ['2C.prepare.directories', 'step', 'config, data and logs, with their owner'],
    ...servers.map((which): Row => [`2C.config.${which}`, 'step', 'configuration of the server']),
    ['2C.config.valid', 'check', "the configurations pass the server's own check"],
    ...servers.map((which): Row => [`2C.deploy.${which}`, 'step', 'the container, as specified']),
    ['2C.check.connection', 'check', 'a client connects to every server in time'],
    ['2C.check.cluster', 'check', 'one cluster with every node of the plan'],
    ['2C.check.messaging', 'check', 'messages cross the machines both ways'],
    ['2C.check.jetstream', 'check', 'JetStream everywhere, with a meta leader'],
    ['2C.check.monitoring', 'check', 'the monitoring pages answer from every machine'],
    ['2C.check.restart', 'check', 'each server restarts and joins again'],
    ...streams.map((which): Row => [`2C.streams.${which}`, 'step', 'the stream, as specified']),
    ['2C.streams.replicated', 'check', 'every stream has its replicas current'],
    ['2C.subjects', 'check', 'each subject lands in its stream and in no other'],
    ['2C.consumers', 'step', 'durable consumers for every stream'],
    ['2C.consumers.receive', 'check', 'each consumer receives and acknowledges'],
    ...streams.map((which): Row => [`2C.messaging.${which}`, 'check', 'published, received, stored']),
    ...directions(servers).map(([from, to]): Row => [
      `2C.messaging.${from}-to-${to}`,
      'check',
      'published on one machine, consumed on the other',
    ]),
    ['2C.messaging.order', 'check', "one publisher's messages keep their order"],
    ['2C.messaging.replay', 'check', 'stored messages replay in order and complete'],
    ['2C.resilience.node-down', 'check', 'with one server stopped the others go on as promised'],
    ['2C.resilience.reform', 'check', 'the cluster forms again'],
    ['2C.resilience.replay', 'check', 'nothing acknowledged around the stop is missing'],
    ['2C.resilience.partition-local', 'check', 'each side of a partition goes on as promised'],
    ['2C.resilience.partition-heal', 'check', 'after the partition nothing acknowledged is missing'],
    ['2C.resilience.split-brain', 'check', 'after the partition one leader, and replicas that agree'],
    ['2C.resilience.restart', 'check', 'messages survive a restart of every server'],
    ['2C.latency', 'check', 'cross-machine message latency'],
  ];
}

/** Each server to the next, around: for two, both ways. */
export function directions<T>(servers: T[]): [from: T, to: T][] {
  return servers.map((from, index) => [from, servers[(index + 1) % servers.length] as T]);
}

const preparation: Row[] = [
  ['2D.backup', 'step', "each pilot's configuration is backed up"],
  ['2D.template', 'step', 'the dual-hub template'],
  ['2D.validator', 'step', 'the validation rejects a broken file with its line'],
];
const prepared: Row[] = [
  ['2D.validated', 'check', 'all new files validate and load'],
  ['2D.scripts', 'check', 'a dry run shows what each deployment would change'],
];

/** The checks of a pilot after its deployment; the seed asks different ones of each kind. */
export function pilotChecks(kind: string): Row[] {
  const dualHub: Row = ['dual-hub', 'check', 'both hubs reachable, EdgeHub active'];
  const metrics: Row = ['metrics', 'check', 'its metrics are fresh in EdgeHub'];
  const fallback: Row = ['fallback', 'check', 'it falls back to CentralHub'];
  const health: Row = ['health', 'check', '/health answers correctly'];
  const nats: Row = ['nats', 'check', 'its messages arrive over NATS'];
  switch (kind) {
    case 'resource_manager':
      return [
        dualHub,
        ['system-metrics', 'check', 'system metrics are collected'],
        metrics,
        fallback,
        ['health-visibility', 'check', 'its health is visible from every machine'],
      ];
    case 'unified_utils_agent':
      return [dualHub, ['utility', 'check', 'its utility functions answer'], metrics, fallback, nats];
    default:
      return [dualHub, health, metrics, fallback, nats];
  }
}

function pilotRows(pilot: Agent): Row[] {
  const prefix = `2D.deploy.${pilot.name}`;
  return [
    [prefix, 'step', 'stop, swap configuration, validate, start'],
    [`${prefix}.log-watch`, 'check', 'startup log without error lines'],
    ...pilotChecks(pilot.kind).map(([id, kind, text]): Row => [`${prefix}.${id}`, kind, text]),
    [`${prefix}.observation`, 'check', 'observation within the gates'],
  ];
}

const rollbackRehearsal: Row[] = [
  ['2D.rollback-rehearsal', 'check', 'the first pilot is rolled back and migrated again, timed'],
];

const failover: Row[] = [
  ['2D.failover.stop', 'check', 'EdgeHub stopped: every pilot is on CentralHub, timed'],
  ['2D.failover.return', 'check', 'EdgeHub started: every pilot is back, timed'],
  ['2D.failover.no-loss', 'check', 'nothing acknowledged around the failover is missing'],
];

const waysToLose = { stop: 'stopped', kill: 'killed', hang: 'hung', blackhole: 'cut off without an answer' } as const;
export type WayToLose = keyof typeof waysToLose;

/** Every time that EdgeHub is lost in the failover test, the one of the seed first. */
export function trialsOf({ faults: { trials } }: Plan): { id: string; way: WayToLose }[] {
  const ways = Object.keys(waysToLose) as WayToLose[];
  return ways.flatMap((way) =>
    Array.from({ length: trials[way] }, (_, index) => ({
      id: `2D.failover.${way}${index === 0 ? '' : `-${index + 1}`}`,
      way,
    })),
  );
}

/** Steps that time how fast agents fail over. */
export function timesFailover(id: string): boolean {
  return id.endsWith('.fallback') || /^2D\.failover\.(stop|kill|hang|blackhole)(-\d+)?$/.test(id);
}

const seen: Row[] = [
  ['2D.visibility.hubs', 'check', "each agent's health is in both hubs"],
  ['2D.visibility.nats', 'check', "each agent's health flows over NATS"],
  ['2D.visibility.correlation', 'check', 'both machines see the same health'],
  ['2D.impact.response', 'check', 'response times against the baseline'],
  ['2D.impact.resources', 'check', 'CPU and memory against the baseline'],
  ['2D.impact.network', 'check', 'network traffic against the baseline'],
];
const soak: Row[] = [
  ['2D.soak', 'check', 'observed healthy time with zero issues'],
  ['week.redundancy', 'check', 'each pilot metric is in both hubs'],
  ['week.health', 'check', 'all components pass their health checks'],
  ['week.stability', 'check', 'no bystander was disturbed through the whole week'],
  ['checkpoint.day-1', 'check', 'task 2A holds, looked at afresh'],
  ['checkpoint.day-2', 'check', 'task 2B holds, looked at afresh'],
  ['checkpoint.day-3', 'check', 'the cluster of task 2C holds, looked at afresh'],
  ['checkpoint.day-4', 'check', 'streams and messaging of task 2C hold, looked at afresh'],
  ['checkpoint.day-7', 'check', 'task 2D holds, looked at afresh'],
];

/** What a rollback of a task must leave behind, looked at after it. */
const undoing: Partial<Record<TaskName, Row[]>> = {
  '2A': [
    ['2A.undo.container', 'undo', 'EdgeHub stopped and removed'],
    ['2A.undo.directory', 'undo', 'its directory removed, if the week made it'],
    ['2A.undo.agents', 'undo', 'agents use CentralHub'],
    ['2A.undo.no-impact', 'undo', 'monitoring is as before'],
  ],
  '2B': [
    ['2B.undo.containers', 'undo', 'Pushgateways stopped and removed'],
    ['2B.undo.configs', 'undo', 'hub configurations byte for byte what they were'],
    ['2B.undo.reload', 'undo', 'hubs run without the scrape jobs of the week'],
    ['2B.undo.direct-scrape', 'undo', 'hubs scrape the agents as before'],
  ],
  '2C': [
    ['2C.undo.containers', 'undo', 'NATS servers stopped and removed'],
    ['2C.undo.directories', 'undo', 'their directories removed, if the week made them'],
    ['2C.undo.http-fallback', 'undo', 'agents post their health to their peers by HTTP'],
    ['2C.undo.agents', 'undo', 'agents are as healthy as before'],
    ['2C.streams.undo', 'undo', 'streams and consumers deleted'],
    ['2C.streams.undo-http', 'undo', 'health crosses the machines by HTTP, agents unaffected'],
  ],
  '2D': [
    ['2D.undo.stop', 'undo', 'pilots stopped before their files were restored'],
    ['2D.undo.restore', 'undo', 'configurations restored byte for byte'],
    ['2D.undo.restart', 'undo', 'pilots run with the original settings'],
    ['2D.undo.central-only', 'undo', 'pilots report CentralHub only'],
    ['2D.undo.functional', 'undo', 'pilots do all that they did before'],
    ['2D.undo.verify', 'undo', 'pilots on CentralHub, other agents undisturbed'],
  ],
};

/** The rows that a rollback of these tasks leaves records under. */
export function undoRows(tasks: readonly TaskName[]): StepInfo[] {
  return tasks.flatMap((task) => inTask(task, undoing[task] ?? []));
}

export type Disturbed = 'edge-hub' | 'nats' | 'agent';

/** Steps that stop or restart something on purpose: what is down meanwhile is of their making. */
const disturbing: Record<Disturbed, RegExp> = {
  'edge-hub': /^(2A\.check\.restart|2D\.deploy\.[^.]+\.fallback|2D\.failover\..+)$/,
  nats: /^2C\.(check\.restart|resilience\..+)$/,
  agent: /^2D\.(deploy\.[^.]+|rollback-rehearsal)$/,
};

export function disturbs(id: string, what: Disturbed): boolean {
  return disturbing[what].test(id);
}

/** Tasks that stand on another, the last first: undoing that one undoes them too. */
const standsOn: Record<TaskName, TaskName[]> = {
  preflight: ['soak', '2D', '2C', '2B', '2A'],
  '2A': ['soak', '2D', '2B'],
  '2B': ['soak', '2D'],
  '2C': ['soak', '2D'],
  '2D': ['soak'],
  soak: [],
};

/** A task and all that stand on it, in the order in which they are undone. */
export function undoneWith(task: TaskName): TaskName[] {
  return [...standsOn[task], task];
}

function inTask(task: TaskName, rows: Row[]): StepInfo[] {
  return rows.map(([id, kind, text]) => ({ id, kind, task, text }));
}

const known = new WeakMap<Plan, readonly StepInfo[]>();

/** Made once for a plan: a week with hundreds of agents asks for them at every step. */
export function stepsOf(plan: Plan): readonly StepInfo[] {
  const steps = known.get(plan) ?? listSteps(plan);
  known.set(plan, steps);
  return steps;
}

function listSteps(plan: Plan): StepInfo[] {
  const [first = [], ...others] = wavesOf(plan);
  const pilots = [...first, ...others.flat()];
  return [
    ...inTask('preflight', preflight),
    ...inTask('2A', edgeHub),
    ...inTask('2B', pushgateways(shortNames(servicesOf(plan, 'pushgateway').map((service) => service.name)))),
    ...inTask(
      '2C',
      messaging(
        shortNames(servicesOf(plan, 'nats').map((service) => service.name)),
        shortNames(plan.messaging.streams.map((stream) => stream.name)),
      ),
    ),
    ...inTask('2D', [
      ...preparation,
      ...pilots.map((pilot): Row => [`2D.${pilot.name}.new`, 'step', 'the new configuration, comments kept']),
      ...prepared,
      ...first.flatMap(pilotRows),
      ...rollbackRehearsal,
      ...others.flat().flatMap(pilotRows),
      ...failover,
      ...trialsOf(plan)
        .slice(1)
        .map(({ id, way }): Row => [id, 'check', `EdgeHub ${waysToLose[way]}: over, back, and nothing lost`]),
      ...seen,
    ]),
    ...inTask('soak', soak),
  ];
}
