// Task 2C, day 4: streams, subjects, consumers and JetStream messaging: 2C.streams.* to 2C.messaging.*.
import { shortNames } from '../../../plan/names.ts';
import { adopts, type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { directions } from '../../../plan/tasks/messaging/rows.ts';
import type { NatsServer, Stream } from '../../../plan/tasks/messaging/schema.ts';
import { streamSpec } from '../../../plan/tasks/messaging/stream-spec.ts';
import {
  acknowledgesAll,
  complete,
  consumersAre,
  replicated,
  routed,
  streamIs,
} from '../../../plan/tasks/messaging/verdicts/streams.ts';
import { natsUrl } from '../../../plan/tasks/shared/nats.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { lossOf } from '../shared/loss.ts';
import { machinesOf } from './machines.ts';

export async function configureStreams(week: Week): Promise<void> {
  const { plan } = week;
  const servers = servicesOf(plan, 'nats');
  const [first] = servers as [NatsServer];
  const host = week.on(first.machine);
  const { streams, formWithin } = plan.messaging;
  const keys = shortNames(streams.map((stream) => stream.name));
  const where = machinesOf(servers);

  await week.together(
    ...streams.map((stream, index) => () => {
      const step = `2C.streams.${keys[index]}`;
      return host.step(
        step,
        async (m) => ({
          made: await m.ensureStream({
            change: { run: week.state.run, step },
            server: natsUrl(first),
            stream: streamSpec(stream),
            servers: servers.map(natsUrl),
            // What was stored before stays in an adopted server's directory.
            goneWith: servers.flatMap(({ name }) => (adopts(plan, name) ? [] : [name])),
            adopt: adopts(plan, stream.name),
          }),
          state: await m.streamState({
            server: natsUrl(first),
            stream: stream.name,
            replicas: stream.replicas,
            withinMs: formWithin,
          }),
        }),
        streamIs(stream.name),
      );
    }),
  );
  await host.check(
    '2C.streams.replicated',
    (m) =>
      Promise.all(
        streams.map((stream) =>
          m.streamState({
            server: natsUrl(first),
            stream: stream.name,
            replicas: stream.replicas,
            withinMs: formWithin,
          }),
        ),
      ),
    replicated(Object.fromEntries(streams.map((stream) => [stream.name, stream.replicas]))),
  );
  await host.check('2C.subjects', () => routes(week, (machine) => week.proxy('2C.subjects', machine)), routed);
  await host.step(
    '2C.consumers',
    async (m) => {
      await Promise.all(
        streams.flatMap((stream) =>
          stream.consumers.map((durable) =>
            m.ensureConsumer({
              change: { run: week.state.run, step: '2C.consumers' },
              server: natsUrl(first),
              stream: stream.name,
              durable,
              servers: servers.map(natsUrl),
              containers: servers.map(({ name }) => name),
            }),
          ),
        ),
      );
      return Promise.all(
        streams.map((stream) =>
          m.streamState({
            server: natsUrl(first),
            stream: stream.name,
            replicas: stream.replicas,
            withinMs: formWithin,
          }),
        ),
      );
    },
    consumersAre(Object.fromEntries(streams.map((stream) => [stream.name, stream.consumers]))),
  );
  await week.step(
    '2C.consumers.receive',
    where,
    (on) => throughConsumers(week, on),
    (found) => acknowledgesAll(found, lossOf()),
  );
  await week.together(
    ...streams.map(
      (stream, index) => () =>
        week.step(
          `2C.messaging.${keys[index]}`,
          where,
          async (on) => [await sendAndRead(week, on, `2C.messaging.${keys[index]}`, stream, first, first)],
          allThere,
        ),
    ),
    ...directions(servers).map(([from, to]) => () => {
      const [a, b] = [from, to].map(
        (server) => shortNames(servers.map((other) => other.name))[servers.indexOf(server)],
      );
      const step = `2C.messaging.${a}-to-${b}`;
      return week.step(
        step,
        `${from.machine}, ${to.machine}`,
        async (on) => [await sendAndRead(week, on, step, streams[0]!, from, to)],
        allThere,
      );
    }),
  );
  const last = servers.at(-1)!;
  await week.step(
    '2C.messaging.order',
    where,
    async (on) => [await sendAndRead(week, on, '2C.messaging.order', streams[0]!, first, last)],
    allThere,
  );
  await week.step('2C.messaging.replay', where, (on) => replay(week, on, streams, first, last), allThere);
}

const allThere = (found: Parameters<typeof complete>[0]) => complete(found, 'ordered', lossOf());

/** A publisher of its own for every attempt at a step. */
export function publisherOf(week: Week, step: string, suffix = ''): string {
  return `${step}${suffix}-${(week.state.records[step]?.attempts ?? 0) + 1}`.replaceAll('.', '-');
}

export async function publishSome(week: Week, on: On, publisher: string, subject: string, server: NatsServer) {
  return on(server.machine).publish({
    server: natsUrl(server),
    subject,
    run: week.state.run,
    publisher,
    count: week.plan.messaging.testMessages,
    intervalMs: 0,
    retryForMs: week.plan.messaging.formWithin,
  });
}

/** Published on one machine, consumed from the stream on another. */
export async function sendAndRead(week: Week, on: On, step: string, stream: Stream, from: NatsServer, to: NatsServer) {
  const publisher = publisherOf(week, step);
  const published = await publishSome(week, on, publisher, stream.publishes[0]!, from);
  const read = await on(to.machine).readStream({
    server: natsUrl(to),
    stream: stream.name,
    run: week.state.run,
    publisher,
    withinMs: 60_000,
  });
  return { what: `${stream.name} ${from.name} to ${to.name}`, published, read };
}

/** What the functional tests stored, read again by a new consumer on the other side. */
async function replay(week: Week, on: On, streams: Stream[], from: NatsServer, to: NatsServer) {
  return Promise.all(
    streams.map(async (stream) => {
      const publisher = publisherOf(week, '2C.messaging.replay', `-${stream.name}`);
      const published = await publishSome(week, on, publisher, stream.publishes[0]!, from);
      await on(from.machine).readStream({
        server: natsUrl(from),
        stream: stream.name,
        run: week.state.run,
        publisher,
        withinMs: 60_000,
      });
      const read = await on(to.machine).readStream({
        server: natsUrl(to),
        stream: stream.name,
        run: week.state.run,
        publisher,
        withinMs: 60_000,
      });
      return { what: stream.name, published, read };
    }),
  );
}

async function routes(week: Week, on: On) {
  const { plan } = week;
  const [first] = servicesOf(plan, 'nats') as [NatsServer];
  const found = [];
  for (const stream of plan.messaging.streams) {
    for (const subject of stream.publishes) {
      const publisher = publisherOf(week, '2C.subjects', `-${subject}`);
      const published = await on(first.machine).publish({
        server: natsUrl(first),
        subject,
        run: week.state.run,
        publisher,
        count: 1,
        intervalMs: 0,
        retryForMs: plan.messaging.formWithin,
      });
      found.push({ subject, stream: stream.name, published });
    }
  }
  const states = await Promise.all(
    plan.messaging.streams.map((stream) =>
      on(first.machine).streamState({
        server: natsUrl(first),
        stream: stream.name,
        replicas: stream.replicas,
        withinMs: plan.messaging.formWithin,
      }),
    ),
  );
  return found.map((one) => ({
    ...one,
    stored: Object.fromEntries(states.map((state) => [state.stream, state.subjects[one.subject] ?? 0])),
  }));
}

async function throughConsumers(week: Week, on: On) {
  const servers = servicesOf(week.plan, 'nats');
  const consumers = week.plan.messaging.streams.flatMap((stream) =>
    stream.consumers.map((durable) => ({ stream, durable })),
  );
  return Promise.all(
    consumers.map(async ({ stream, durable }, index) => {
      const server = servers[index % servers.length]!;
      const publisher = publisherOf(week, '2C.consumers.receive', `-${durable}`);
      const published = await publishSome(week, on, publisher, stream.publishes[0]!, server);
      const read = await on(server.machine).consume({
        server: natsUrl(server),
        stream: stream.name,
        durable,
        run: week.state.run,
        publisher,
        count: week.plan.messaging.testMessages,
        withinMs: 60_000,
      });
      return { what: durable, published, read };
    }),
  );
}

/** Streams as each server sees them. */
export async function streamsEverywhere(on: On, plan: Plan) {
  const servers = servicesOf(plan, 'nats');
  return Promise.all(
    servers.flatMap((server) =>
      plan.messaging.streams.map(async (stream) => ({
        server: server.name,
        state: await on(server.machine).streamState({
          server: natsUrl(server),
          stream: stream.name,
          replicas: stream.replicas,
          withinMs: plan.messaging.formWithin,
        }),
      })),
    ),
  );
}
