// Task 2C, day 4: streams, subjects, consumers and JetStream messaging: 2C.streams.* to 2C.messaging.*.
import { patched } from '@temporalio/workflow';
import { shortNames } from '../../../plan/names.ts';
import { adopts, type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { directions } from '../../../plan/tasks/messaging/rows.ts';
import type { NatsServer } from '../../../plan/tasks/messaging/schema.ts';
import { streamSpec } from '../../../plan/tasks/messaging/stream-spec.ts';
import {
  acknowledgesAll,
  complete,
  consumersAre,
  replicated,
  routed,
  streamIs,
} from '../../../plan/tasks/messaging/verdicts/streams.ts';
import { natsTarget, natsUrl } from '../../../plan/tasks/shared/nats.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { lossOf } from '../shared/loss.ts';
import { machinesOf, pairsOf, sidesOf } from './machines.ts';
import { publisherOf, replay, sendAndRead, throughConsumers, throughStream } from './messages.ts';

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
            server: natsTarget(plan, first),
            stream: streamSpec(stream),
            servers: servers.map((server) => natsUrl(plan, server)),
            // What was stored before stays in an adopted server's directory.
            goneWith: servers.flatMap(({ name }) => (adopts(plan, name) ? [] : [name])),
            adopt: adopts(plan, stream.name),
          }),
          state: await m.streamState({
            server: natsTarget(plan, first),
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
            server: natsTarget(plan, first),
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
              server: natsTarget(plan, first),
              stream: stream.name,
              durable,
              servers: servers.map((server) => natsUrl(plan, server)),
              containers: servers.map(({ name }) => name),
            }),
          ),
        ),
      );
      return Promise.all(
        streams.map((stream) =>
          m.streamState({
            server: natsTarget(plan, first),
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
    (found) => acknowledgesAll(found, 'any', lossOf()),
  );
  await week.together(
    ...streams.map(
      (stream, index) => () =>
        week.step(
          `2C.messaging.${keys[index]}`,
          where,
          async (on) =>
            patched('rows-can-fail')
              ? throughStream(week, on, `2C.messaging.${keys[index]}`, stream)
              : [await sendAndRead(week, on, `2C.messaging.${keys[index]}`, stream, first, first)],
          (found) => acknowledgesAll(found, 'ordered', lossOf()),
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
        (on) =>
          Promise.all(
            pairsOf(servers)
              .filter(([one]) => one === from)
              .map(([, other]) =>
                sendAndRead(week, on, step, streams[0]!, from, other, other === to ? '' : `-${other.name}`),
              ),
          ),
        allThere,
      );
    }),
  );
  const { stay, goes } = sidesOf(plan);
  await week.step(
    '2C.messaging.order',
    where,
    async (on) => [await sendAndRead(week, on, '2C.messaging.order', streams[0]!, stay, goes)],
    allThere,
  );
  await week.step('2C.messaging.replay', where, (on) => replay(week, on, streams, stay, goes), allThere);
}

const allThere = (found: Parameters<typeof complete>[0]) => complete(found, 'ordered', lossOf());

async function routes(week: Week, on: On) {
  const { plan } = week;
  const [first] = servicesOf(plan, 'nats') as [NatsServer];
  const found = [];
  for (const stream of plan.messaging.streams) {
    for (const subject of stream.publishes) {
      const publisher = publisherOf(week, '2C.subjects', `-${subject}`);
      const published = await on(first.machine).publish({
        server: natsTarget(plan, first),
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
        server: natsTarget(plan, first),
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

/** Streams as each server sees them. */
export async function streamsEverywhere(on: On, plan: Plan) {
  const servers = servicesOf(plan, 'nats');
  return Promise.all(
    servers.flatMap((server) =>
      plan.messaging.streams.map(async (stream) => ({
        server: server.name,
        state: await on(server.machine).streamState({
          server: natsTarget(plan, server),
          stream: stream.name,
          replicas: stream.replicas,
          withinMs: plan.messaging.formWithin,
        }),
      })),
    ),
  );
}
