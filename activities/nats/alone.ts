// What a NATS server still does while it is cut off from the others.
import { randomUUID } from 'node:crypto';
import type { NatsConnection } from 'nats';
import type { NatsActivities } from '../../plan/machine-api/nats.ts';
import { cancelled } from '../context/cancellation.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { flushed, withNats } from './connection.ts';

const connectWithinMs = 10_000;
const requestTimeoutMs = 1_000;

export function aloneActivities(host: Host): Pick<NatsActivities, 'natsAlone'> {
  return {
    async natsAlone({ server, stream, subject, withinMs }) {
      const tell = (what: string, work: () => Promise<void>): Promise<string | null> =>
        until(
          withinMs,
          () =>
            work().then(
              () => null,
              (error: Error) => `${what}: ${error.message}`,
            ),
          (problem) => problem === null,
        ).then(({ value }) => value);
      const look = withNats(host, server, Math.min(withinMs, connectWithinMs), (nc) =>
        Promise.all([
          tell('core messaging', () => loopBack(nc, subject)),
          tell(`direct get of ${stream}`, () => lastMessage(nc, stream)),
        ]),
      );
      const [core, directGet] = await look.catch((error: Error) => {
        cancelled().throwIfAborted();
        return [error.message, error.message];
      });
      const detail = [...new Set([core, directGet])].filter(Boolean).join('; ');
      return { core: core === null, directGet: directGet === null, ...(detail ? { detail } : {}) };
    },
  };
}

/** Publishes one message and waits until it comes back from the same server. */
async function loopBack(nc: NatsConnection, subject: string): Promise<void> {
  const text = `alone ${randomUUID()}`;
  let back = false;
  const subscription = nc.subscribe(subject, {
    callback: (error, message) => void (back ||= !error && message.string() === text),
  });
  try {
    nc.publish(subject, text);
    const { done } = await until(
      requestTimeoutMs,
      () => flushed(nc),
      () => back,
      50,
    );
    if (!done) throw new Error(`a message on ${subject} did not come back within ${requestTimeoutMs} ms`);
  } finally {
    subscription.unsubscribe();
  }
}

/** A read that any replica may answer, so that it needs no leader. Throws when none does. */
async function lastMessage(nc: NatsConnection, stream: string): Promise<void> {
  const { headers } = await nc.request(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify({ last_by_subj: '>' }), {
    timeout: requestTimeoutMs,
  });
  if (headers?.hasError) throw new Error(headers.status);
}
