// Reads messages back from a stream: all of it, through a durable consumer, or those that name an agent.
import { once } from 'node:events';
import type { Consumer, ConsumerMessages, JsMsg, NatsConnection } from 'nats';
import { rangesOf } from '../../plan/evidence/sequence-sets.ts';
import type { NatsActivities, ReadBack } from '../../plan/machine-api/nats.ts';
import { urlOf } from '../../plan/machine-api/target.ts';
import { redactJson } from '../../plan/secrets/redact.ts';
import { cancelled, pause, within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { refusal } from '../context/refusal.ts';
import { flushed, managerOf, retrying, withNats } from './connection.ts';
import { openActivityLog } from './activity-log.ts';
import { headerNames } from './publish.ts';

type Reading = Pick<NatsActivities, 'readStream' | 'consume' | 'agentMessages'>;

/** One message of the publisher as it came in: its own sequence number and that of the stream. */
interface Seen {
  seq: number;
  at: number;
}

const connectWithinMs = 10_000;
const batch = 100;
/** A pull's shortest life. */
const pullMs = 1_000;
/** A reader's pull. The library also waits about so long, 30 s by default, before it tries again to make a reader that the server refused. */
const readerPullMs = 2_000;
/** The server removes a reader of ours that was killed after this time. */
const inactiveMs = 30_000;

export function readActivities(host: Host): Reading {
  return {
    /** Throws NotRead when the end is not reached in time: half a read would look like loss. */
    readStream: ({ server, stream, run, publisher, withinMs }) => {
      const endsAt = Date.now() + withinMs;
      return retrying(withinMs, () =>
        withNats(host, server, Math.min(withinMs, connectWithinMs), async (nc) => {
          const { state } = await (await managerOf(nc)).streams.info(stream);
          const seen: Seen[] = [];
          if (state.messages === 0) return readBack(seen);
          let reached = 0;
          const done = await readOrdered(nc, stream, { headers_only: true }, endsAt - Date.now(), (message) => {
            const seq = sequenceOf(message, run, publisher);
            if (seq !== null) seen.push({ seq, at: message.seq });
            reached = message.seq;
            return message.seq >= state.last_seq || message.info.pending === 0;
          });
          if (!done)
            throw new Error(
              `${host.machine} read ${stream} at ${urlOf(server)} up to message ${reached} of ${state.last_seq} within ${withinMs} ms. See whether the stream has a leader`,
            );
          return readBack(seen);
        }),
      ).catch((error: unknown) => {
        throw refusal('NotRead', whyUnread(error));
      });
    },

    /** Takes what the consumer has, whoever published it. What a first attempt had acknowledged is in a file and counts. */
    consume: async ({ server, stream, durable, run, publisher, count, withinMs }) => {
      const log = openActivityLog<Seen>(host.state, `${run}-${publisher}-by-${durable}`);
      const endsAt = Date.now() + withinMs;
      try {
        return await withNats(host, server, Math.min(withinMs, connectWithinMs), async (nc) => {
          const consumer = await nc.jetstream().consumers.get(stream, durable);
          const known = new Set(log.mine.map(({ at }) => at));
          const take = (message: JsMsg): boolean => {
            const seq = sequenceOf(message, run, publisher);
            // On file before it is acknowledged: after a kill in between it comes again, and is known.
            if (seq !== null && !known.has(message.seq)) log.add({ seq, at: message.seq });
            known.add(message.seq);
            message.ack();
            return false;
          };
          for (;;) {
            const { num_pending: waiting, num_ack_pending: inHand } = await consumer.info();
            const enough = distinct(log.mine) >= count && waiting + inHand === 0;
            if (enough || Date.now() >= endsAt) return { ...readBack(log.mine), pendingAcks: inHand };
            // A pull for no more than is there ends at once; a larger one would wait for its time to be over.
            if (waiting + inHand > 0)
              await drain(
                await consumer.fetch({ max_messages: Math.min(waiting || inHand, batch), expires: pullMs }),
                pullMs * 2,
                take,
              );
            else await pause(50);
            await flushed(nc);
          }
        });
      } finally {
        log.close();
      }
    },

    agentMessages: ({ server, stream, agent, sinceMs, atLeast, withinMs }) => {
      const endsAt = Date.now() + withinMs;
      return retrying(withinMs, () =>
        withNats(host, server, Math.min(withinMs, connectWithinMs), async (nc) => {
          let messages = 0;
          let newest: Record<string, unknown> | null = null;
          const since = { opt_start_time: new Date(sinceMs).toISOString() };
          await readOrdered(nc, stream, since, endsAt - Date.now(), (message) => {
            const payload = payloadOf(message);
            if (payload && [payload.agent, payload.publisher].includes(agent)) {
              messages += 1;
              newest = payload;
            }
            return messages >= atLeast && message.info.pending === 0;
          });
          // What an agent says is in its own words: its keys tell what is a secret.
          return { messages, newest: redactJson(newest) as typeof newest };
        }),
      ).catch((error: unknown) => ({ messages: 0, newest: null, error: whyUnread(error) }));
    },
  };
}

/** Nobody has read it in its time: asked again, it would take as long again. Throws when the activity is cancelled. */
function whyUnread(error: unknown): string {
  cancelled().throwIfAborted();
  return (error as Error).message;
}

/** Reads with an ordered consumer until `enough`; false when the time is over first. Throws when no reader can be had in that time. */
async function readOrdered(
  nc: NatsConnection,
  stream: string,
  options: { headers_only?: boolean; opt_start_time?: string },
  withinMs: number,
  enough: (message: JsMsg) => boolean,
): Promise<boolean> {
  const endsAt = Date.now() + withinMs;
  const consumer: Consumer = await nc.jetstream().consumers.get(stream, { ...options, inactive_threshold: inactiveMs });
  try {
    // The library tries thirty times, whoever has stopped waiting.
    const reading = consumer.consume({ max_messages: batch, expires: readerPullMs });
    const messages = await Promise.race([reading, none(nc, stream, withinMs)]);
    return await drain(messages, endsAt - Date.now(), enough);
  } finally {
    await consumer.delete().catch(() => false);
  }
}

/** Throws when the time is over, or the activity is cancelled. */
async function none(nc: NatsConnection, stream: string, withinMs: number): Promise<never> {
  const signal = within(withinMs);
  if (!signal.aborted) await once(signal, 'abort');
  cancelled().throwIfAborted();
  throw new Error(
    `NATS at ${nc.getServer()} took no reader of ${stream} within ${Math.round(withinMs)} ms. See whether the stream has a leader, and what its max_consumers is`,
  );
}

/** Hands each message over until `enough`, the messages end or the time is over; true when it was enough. Throws when cancelled. */
async function drain(
  messages: ConsumerMessages,
  withinMs: number,
  enough: (message: JsMsg) => boolean,
): Promise<boolean> {
  const signal = within(withinMs);
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const message of messages) if (enough(message)) return true;
    cancelled().throwIfAborted();
    return false;
  } finally {
    signal.removeEventListener('abort', stop);
    await messages.close();
  }
}

/** The publisher's sequence number; null for a message of another run or publisher. */
function sequenceOf({ headers }: JsMsg, run: string, publisher: string): number | null {
  return headers?.get(headerNames.run) === run && headers.get(headerNames.publisher) === publisher
    ? Number(headers.get(headerNames.sequence))
    : null;
}

/** Counts by the order of the stream, so that a message which a consumer gives twice is one message. */
function readBack(seen: Seen[]): ReadBack {
  const inOrder = [...seen].sort((a, b) => a.at - b.at).map(({ seq }) => seq);
  return {
    sequences: rangesOf(inOrder),
    messages: inOrder.length,
    duplicates: inOrder.length - distinct(seen),
    outOfOrder: inOrder.filter((seq, index) => index > 0 && seq < (inOrder[index - 1] as number)).length,
  };
}

function distinct(seen: Seen[]): number {
  return new Set(seen.map(({ seq }) => seq)).size;
}

function payloadOf(message: JsMsg): Record<string, unknown> | null {
  try {
    return message.json<Record<string, unknown> | null>();
  } catch {
    return null;
  }
}
