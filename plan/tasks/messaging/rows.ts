// The rows of task 2C, and what an undo of it must leave behind.
import { shortNames } from '../../names.ts';
import { servicesOf, type Plan } from '../../schema/plan.ts';
import { check, step, undone, type Row } from '../row.ts';
import { atDaysEnd } from '../shared/checkpoints.ts';
import { ifAllowed, keepsHours, restarts, takesOver } from '../shared/keeps-hours.ts';

export function rows(plan: Plan): Row[] {
  const nats = servicesOf(plan, 'nats');
  const names = nats.map(({ name }) => name);
  const servers = shortNames(names);
  const streamNames = plan.messaging.streams.map(({ name }) => name);
  const streams = shortNames(streamNames);
  const { faults, messaging } = plan;
  const faulty = keepsHours(nats, faults.limit + messaging.formWithin);
  const stop = { disturbs: 'nats', ...ifAllowed(plan, 'nats-stop', faulty) } as const;
  const partition = { disturbs: 'nats', cuts: true, ...ifAllowed(plan, 'partition', faulty) } as const;
  const restart = { disturbs: 'nats', ...restarts(nats, messaging.formWithin) } as const;
  return [
    step('2C.prepare.ports', 'the NATS ports are free or our own'),
    step('2C.prepare.image', 'the NATS image is present'),
    step('2C.prepare.directories', 'config, data and logs, with their owner'),
    ...servers.map((which, index) =>
      step(`2C.config.${which}`, 'configuration of the server', { calledBy: names[index] }),
    ),
    check('2C.config.valid', "the configurations pass the server's own check"),
    ...servers.map((which, index) =>
      step(`2C.deploy.${which}`, 'the container, as specified', {
        makes: names[index],
        ...takesOver(plan, nats[index]),
      }),
    ),
    check('2C.check.connection', 'a client connects to every server in time'),
    check('2C.check.cluster', 'one cluster with every node of the plan'),
    check('2C.check.messaging', 'messages cross the machines both ways'),
    check('2C.check.jetstream', 'JetStream everywhere, with a meta leader'),
    check('2C.check.monitoring', 'the monitoring pages answer from every machine'),
    check('2C.check.restart', 'each server restarts and joins again', restart),
    ...atDaysEnd(plan, check('checkpoint.day-3', 'the cluster holds, at the end of its day')),
    ...streams.map((which, index) =>
      step(`2C.streams.${which}`, 'the stream, as specified', { calledBy: streamNames[index] }),
    ),
    check('2C.streams.replicated', 'every stream has its replicas current'),
    check('2C.subjects', 'each subject lands in its stream and in no other'),
    step('2C.consumers', 'durable consumers for every stream'),
    check('2C.consumers.receive', 'each consumer receives and acknowledges'),
    ...streams.map((which, index) =>
      check(`2C.messaging.${which}`, 'published, received, stored', { calledBy: streamNames[index] }),
    ),
    ...directions(servers).map(([from, to]) =>
      check(`2C.messaging.${from}-to-${to}`, 'published on one machine, consumed on the others'),
    ),
    check('2C.messaging.order', "one publisher's messages keep their order"),
    check('2C.messaging.replay', 'stored messages replay in order and complete', { judgesLoss: true }),
    check('2C.resilience.node-down', 'with one server stopped the others go on as promised', stop),
    check('2C.resilience.reform', 'the cluster forms again', stop),
    check('2C.resilience.replay', 'nothing sent around the stop is missing', { ...stop, judgesLoss: true }),
    check('2C.resilience.partition-local', 'each side of a partition goes on as promised', partition),
    check('2C.resilience.partition-heal', 'after the partition nothing sent is missing', {
      ...partition,
      judgesLoss: true,
    }),
    check('2C.resilience.split-brain', 'after the partition one leader, and replicas that agree', partition),
    check('2C.resilience.restart', 'messages survive a restart of every server', { ...restart, judgesLoss: true }),
    check('2C.latency', 'cross-machine message latency', { toldAs: 'performance' }),
    ...atDaysEnd(plan, check('checkpoint.day-4', 'streams and messaging hold, at the end of their day')),
  ];
}

export const undoRows: [Row, ...Row[]] = [
  undone('2C.undo.containers', 'NATS servers stopped and removed', ['container.remove', 'container.restore']),
  undone('2C.undo.directories', 'their directories removed, if the week made them', [
    'directory.remove',
    'file.restore',
  ]),
  undone('2C.undo.http-fallback', 'agents post their health to their peers by HTTP'),
  undone('2C.undo.agents', 'agents are as healthy as before'),
  undone('2C.streams.undo', 'streams and consumers deleted', ['stream.delete', 'consumer.delete']),
  undone('2C.streams.undo-http', 'health crosses the machines by HTTP, agents unaffected'),
];

/** Each server to each other. */
export function pairs<T>(servers: T[]): [from: T, to: T][] {
  return servers.flatMap((from) => servers.filter((to) => to !== from).map((to): [T, T] => [from, to]));
}

/** Each server to the next, around: for two, both ways. A row each, in which the server is tried with every other. */
export function directions<T>(servers: T[]): [from: T, to: T][] {
  return servers.map((from, index) => [from, servers[(index + 1) % servers.length] as T]);
}
