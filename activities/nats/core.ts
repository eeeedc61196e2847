// Core NATS: connecting, messages between machines, round trips.
import { setTimeout } from 'node:timers/promises';
import { type Msg, type NatsConnection } from 'nats';
import type { NatsActivities } from '../../plan/machine-api/nats.ts';
import { type NatsTarget, urlOf } from '../../plan/machine-api/target.ts';
import { cancelled, pause } from '../context/cancellation.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { percentiles } from '../../plan/evidence/percentiles.ts';
import { dial, flushed, withNats } from './connection.ts';
import { inboxFor } from './login.ts';

type Core = Pick<NatsActivities, 'natsConnect' | 'natsListen' | 'natsSend' | 'natsEcho' | 'natsLatency'>;

const connectWithinMs = 10_000;
const listenerWithinMs = 10_000;
const requestTimeoutMs = 1_000;

export function coreActivities(host: Host): Core {
  return {
    async natsConnect({ server, withinMs }) {
      const { value, waitedMs } = await until(
        withinMs,
        () => dial(host, server, withinMs),
        (dialled) => 'nc' in dialled,
      );
      if ('error' in value)
        return {
          connected: false,
          ms: waitedMs,
          error: `${host.machine} can't connect to NATS at ${urlOf(server)}: ${value.error}`,
          ...(value.refused && { refused: true }),
        };
      const { nc, ms } = value;
      const { server_name: name, cluster, jetstream = false } = nc.info ?? {};
      await nc.close();
      return { connected: true, ms, name, cluster, jetstream };
    },

    natsListen: ({ server, subject, nonce, count, withinMs }) =>
      withNats(host, server, Math.min(withinMs, connectWithinMs), async (nc) => {
        const numbers: number[] = [];
        let first: string | undefined;
        await collect(nc, subject, withinMs, (message) => {
          const text = message.string();
          if (text === helloOf(nonce)) message.respond(nonce);
          const number = numberOf(text, nonce);
          if (number === null || numbers.includes(number)) return false;
          first ??= text;
          return numbers.push(number) >= count;
        });
        return {
          received: numbers.length,
          inOrder: numbers.every((number, index) => index === 0 || number > (numbers[index - 1] as number)),
          ...(first === undefined ? {} : { first }),
        };
      }),

    natsSend: ({ server, subject, nonce, count, durationMs }) =>
      withNats(host, server, connectWithinMs, async (nc) => {
        await awaitListener(nc, server, subject, nonce);
        for (let number = 1; number <= count; number += 1) {
          nc.publish(subject, `${nonce} ${number}`);
          if (number < count) await pause(durationMs / count);
        }
        await flushed(nc);
        return { sent: count };
      }),

    natsEcho: ({ server, subject, durationMs }) =>
      withNats(host, server, connectWithinMs, async (nc) => {
        let answered = 0;
        await collect(nc, subject, durationMs, (message) => {
          if (message.respond(message.data)) answered += 1;
          return false;
        });
        return { answered };
      }),

    natsLatency: ({ server, subject, samples, withinMs }) =>
      withNats(host, server, Math.min(withinMs, connectWithinMs), async (nc) => {
        const endsAt = performance.now() + withinMs;
        const ask = (): Promise<number | null> => roundTripMs(nc, subject);
        const there = await until(withinMs, ask, (ms) => ms !== null, 100);
        const halves: number[] = [];
        let failed = there.done ? 0 : 1;
        while (there.done && halves.length < samples && performance.now() < endsAt) {
          const ms = await ask();
          cancelled().throwIfAborted();
          if (ms === null) failed += 1;
          else halves.push(ms / 2);
        }
        return { samples: halves.length, failed, ...percentiles(halves) };
      }),
  };
}

/** Hands each message over until `take` says that it is enough or the time is over. Throws when cancelled. */
async function collect(
  nc: NatsConnection,
  subject: string,
  withinMs: number,
  take: (message: Msg) => boolean,
): Promise<void> {
  const enough = new AbortController();
  nc.subscribe(subject, { callback: (error, message) => void (!error && take(message) && enough.abort()) });
  await flushed(nc);
  await setTimeout(withinMs, undefined, { signal: AbortSignal.any([cancelled(), enough.signal]) }).catch(() =>
    cancelled().throwIfAborted(),
  );
  // What was answered last must leave before the connection is closed.
  await flushed(nc);
}

/** Core NATS keeps nothing, so the sender waits until the listener has answered its greeting; after a while it sends anyway. */
async function awaitListener(nc: NatsConnection, server: NatsTarget, subject: string, nonce: string): Promise<void> {
  const reply = inboxFor(server);
  let answered = false;
  // Not a request: a stream on the same subject would answer that first.
  nc.subscribe(reply, { callback: (error, message) => void (answered ||= !error && message.string() === nonce) });
  await until(
    listenerWithinMs,
    async () => void nc.publish(subject, helloOf(nonce), { reply }),
    () => answered,
    50,
  );
}

function helloOf(nonce: string): string {
  return `${nonce} hello`;
}

function numberOf(text: string, nonce: string): number | null {
  return text.startsWith(`${nonce} `) && /^\d+$/.test(text.slice(nonce.length + 1))
    ? Number(text.slice(nonce.length + 1))
    : null;
}

/** null when nobody answered. */
async function roundTripMs(nc: NatsConnection, subject: string): Promise<number | null> {
  const started = performance.now();
  try {
    await nc.request(subject, '', { timeout: requestTimeoutMs });
    return performance.now() - started;
  } catch {
    return null;
  }
}
