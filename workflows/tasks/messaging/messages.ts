// Messages that are published, and come in again: read from a stream, and taken by its consumers.
import { patched } from '@temporalio/workflow';
import { servicesOf } from '../../../plan/schema/plan.ts';
import type { NatsServer, Stream } from '../../../plan/tasks/messaging/schema.ts';
import type { acknowledgesAll } from '../../../plan/tasks/messaging/verdicts/streams.ts';
import { isOfMachine, natsTarget } from '../../../plan/tasks/shared/nats.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';

/** A publisher of its own for every attempt at a step. */
export function publisherOf(week: Week, step: string, suffix = ''): string {
  return `${step}${suffix}-${(week.state.records[step]?.attempts ?? 0) + 1}`.replaceAll('.', '-');
}

export async function publishSome(week: Week, on: On, publisher: string, subject: string, server: NatsServer) {
  return on(server.machine).publish({
    server: natsTarget(week.plan, server),
    subject,
    run: week.state.run,
    publisher,
    count: week.plan.messaging.testMessages,
    intervalMs: 0,
    retryForMs: week.plan.messaging.formWithin,
  });
}

/** What a publisher of this run stored, as a server has it. */
export function readBack(week: Week, on: On, server: NatsServer, stream: string, publisher: string) {
  return on(server.machine).readStream({
    server: natsTarget(week.plan, server),
    stream,
    run: week.state.run,
    publisher,
    withinMs: 60_000,
  });
}

/** Published on one machine, consumed from the stream on another. */
export async function sendAndRead(
  week: Week,
  on: On,
  step: string,
  stream: Stream,
  from: NatsServer,
  to: NatsServer,
  suffix = '',
) {
  const publisher = publisherOf(week, step, suffix);
  const published = await publishSome(week, on, publisher, stream.publishes[0]!, from);
  const read = await readBack(week, on, to, stream.name, publisher);
  return { what: `${stream.name} ${from.name} to ${to.name}`, published, read };
}

/** What the functional tests stored, read again by a new consumer on the other side. */
export async function replay(week: Week, on: On, streams: Stream[], from: NatsServer, to: NatsServer) {
  return Promise.all(
    streams.map(async (stream) => {
      const publisher = publisherOf(week, '2C.messaging.replay', `-${stream.name}`);
      const published = await publishSome(week, on, publisher, stream.publishes[0]!, from);
      await readBack(week, on, from, stream.name, publisher);
      const read = await readBack(week, on, to, stream.name, publisher);
      return { what: stream.name, published, read };
    }),
  );
}

/** Each consumer gets what is published on each subject of its stream. */
export async function throughConsumers(week: Week, on: On) {
  const servers = servicesOf(week.plan, 'nats');
  const consumers = week.plan.messaging.streams.flatMap((stream) =>
    stream.consumers.map((durable) => ({ stream, durable })),
  );
  // In a history of before, the first subject alone.
  const each = patched('rows-can-fail');
  const found = await Promise.all(
    consumers.map(async ({ stream, durable }, index) => {
      const server = servers[index % servers.length]!;
      const received = [];
      // One after the other: a consumer takes whatever is there.
      for (const subject of each ? stream.publishes : stream.publishes.slice(0, 1)) {
        const what = each ? `${durable} ${subject}` : durable;
        const publisher = publisherOf(week, '2C.consumers.receive', `-${what.replace(' ', '-')}`);
        const published = await publishSome(week, on, publisher, subject, server);
        received.push({ what, published, read: await consumed(week, on, { server, stream, durable, publisher }) });
      }
      return received;
    }),
  );
  return found.flat();
}

/**
 * Published on each subject of the stream, where it is of a machine on that one; then read on another server, and taken by each of the
 * stream's consumers.
 */
export async function throughStream(week: Week, on: On, step: string, stream: Stream) {
  const servers = servicesOf(week.plan, 'nats');
  const found: Parameters<typeof acknowledgesAll>[0] = [];
  for (const [index, subject] of stream.publishes.entries()) {
    const own = servers.findIndex(({ machine }) => isOfMachine(week.plan, subject, machine));
    const at = own >= 0 ? own : index % servers.length;
    const [from, to] = [servers[at]!, servers[(at + 1) % servers.length]!];
    const publisher = publisherOf(week, step, `-${subject}`);
    const published = await publishSome(week, on, publisher, subject, from);
    const read = await readBack(week, on, to, stream.name, publisher);
    const taken = await Promise.all(
      stream.consumers.map(async (durable) => ({
        what: `${durable} ${subject}`,
        published,
        read: await consumed(week, on, { server: to, stream, durable, publisher }),
      })),
    );
    found.push({ what: `${subject} ${from.name} to ${to.name}`, published, read }, ...taken);
  }
  return found;
}

function consumed(
  week: Week,
  on: On,
  { server, stream, ...ask }: { server: NatsServer; stream: Stream; durable: string; publisher: string },
) {
  return on(server.machine).consume({
    ...ask,
    server: natsTarget(week.plan, server),
    stream: stream.name,
    run: week.state.run,
    count: week.plan.messaging.testMessages,
    withinMs: 60_000,
  });
}
