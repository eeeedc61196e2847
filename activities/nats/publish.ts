// Publishes numbered messages to a stream, each until it is acknowledged, and keeps the acknowledgements in a file.
import { refusal } from '../context/refusal.ts';
import { headers, type JetStreamClient, type NatsConnection, type PubAck } from 'nats';
import { rangesOf } from '../../plan/evidence/sequence-sets.ts';
import type { NatsActivities, PublishAsk, Published } from '../../plan/machine-api/nats.ts';
import { cancelled, pause } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { withNats } from './connection.ts';
import { openActivityLog, type ActivityLog } from './activity-log.ts';

/** Headers that say whose message it is. */
export const headerNames = {
  run: 'Hubshift-Run',
  publisher: 'Hubshift-Publisher',
  sequence: 'Hubshift-Sequence',
} as const;

/** Each attempt begins with a start; then each number before it is sent, and its acknowledgement. */
type Line = Start | Try | Ack;
interface Start {
  from: number;
  startedAt: number;
}
interface Try {
  trying: number;
}
interface Ack {
  seq: number;
  at: number;
  stream: string;
  duplicate: boolean;
}

const connectWithinMs = 10_000;
const ackTimeoutMs = 1_000;
const retryEveryMs = 100;

export function publishActivities(host: Host): Pick<NatsActivities, 'publish'> {
  return {
    /**
     * A second attempt of the activity goes on after the last acknowledged sequence number, with the same ids; another activity
     * with the same run and publisher continues the sequence after the last number that was tried, so that none stands for two
     * messages. The result covers all attempts of this activity.
     */
    async publish(ask) {
      if (ask.count === undefined && ask.durationMs === undefined)
        throw refusal('BadAsk', `Publishing to ${ask.subject} needs a count or a duration`);
      const log = openActivityLog<Line>(host.state, `${ask.run}-${ask.publisher}`);
      try {
        return await withNats(host, ask.server, Math.max(ask.retryForMs, connectWithinMs), (nc) =>
          publishAll(nc, ask, log),
        );
      } finally {
        log.close();
      }
    },
  };
}

async function publishAll(nc: NatsConnection, ask: PublishAsk, log: ActivityLog<Line>): Promise<Published> {
  const from = log.mine.find(isStart)?.from ?? 1 + Math.max(0, ...triedIn(log.all));
  let next = Math.max(from, 1 + lastOf(log.mine));
  log.add({ from, startedAt: Date.now() });
  const started = log.mine.find(isStart)?.startedAt ?? 0;
  const more = (): boolean =>
    (ask.count === undefined || next < from + ask.count) &&
    (ask.durationMs === undefined || Date.now() < started + ask.durationMs);
  const js = nc.jetstream();
  let retries = 0;
  let endedAt = Date.now();
  while (more()) {
    const startedAt = Date.now();
    log.add({ trying: next });
    const { ack, failures } = await publishOne(js, ask, next);
    endedAt = Date.now();
    retries += failures;
    if (ack) log.add({ seq: next, at: endedAt, stream: ack.stream, duplicate: ack.duplicate });
    next += 1;
    const rest = ask.intervalMs - (endedAt - startedAt);
    if (rest > 0 && more()) await pause(rest);
  }
  const acks = log.mine.filter(isAck);
  return {
    attempted: rangesOf(triedIn(log.mine)),
    acknowledged: rangesOf(acks.map(({ seq }) => seq)),
    streams: [...new Set(acks.map(({ stream }) => stream))].sort(),
    duplicates: acks.filter(({ duplicate }) => duplicate).length,
    longestStallMs: longestStall(log.mine, endedAt),
    longestIdleMs: longestIdle(log.mine),
    retries,
    firstAt: started,
    lastAt: acks.at(-1)?.at ?? started,
  };
}

/** One message until it is acknowledged or the time is over. A time-out is ambiguous, so that each attempt has the same id and the stream keeps one. */
async function publishOne(
  js: JetStreamClient,
  ask: PublishAsk,
  seq: number,
): Promise<{ ack: PubAck | null; failures: number }> {
  const { run, publisher, subject } = ask;
  const giveUpAt = Date.now() + ask.retryForMs;
  const payload = JSON.stringify({ run, publisher, seq, at: Date.now() });
  for (let failures = 0; ; failures += 1) {
    const extra = headers();
    extra.set(headerNames.run, run);
    extra.set(headerNames.publisher, publisher);
    extra.set(headerNames.sequence, String(seq));
    try {
      return {
        ack: await js.publish(subject, payload, {
          msgID: `${run}-${publisher}-${seq}`,
          headers: extra,
          timeout: ackTimeoutMs,
        }),
        failures,
      };
    } catch {
      cancelled().throwIfAborted();
      if (Date.now() + retryEveryMs > giveUpAt) return { ack: null, failures: failures + 1 };
      await pause(retryEveryMs);
    }
  }
}

/** Longest time without an acknowledgement while an attempt ran, its beginning and end included. The time between attempts is the worker's. */
function longestStall(lines: Line[], endedAt: number): number {
  let longest = 0;
  let last = endedAt;
  for (const line of lines) {
    if (isTry(line)) continue;
    if (isAck(line)) longest = Math.max(longest, line.at - last);
    last = isAck(line) ? line.at : line.startedAt;
  }
  return Math.max(longest, endedAt - last);
}

/** Longest time from the end of an attempt to the next. */
function longestIdle(lines: Line[]): number {
  let longest = 0;
  let last: number | undefined;
  for (const line of lines) {
    if (isTry(line)) continue;
    if (isStart(line)) longest = Math.max(longest, line.startedAt - (last ?? line.startedAt));
    last = isAck(line) ? line.at : line.startedAt;
  }
  return longest;
}

function isAck(line: Line): line is Ack {
  return 'seq' in line;
}

function isStart(line: Line): line is Start {
  return 'from' in line;
}

function isTry(line: Line): line is Try {
  return 'trying' in line;
}

function triedIn(lines: Line[]): number[] {
  return lines.filter(isTry).map(({ trying }) => trying);
}

/** The last sequence number that was acknowledged, 0 if none. */
function lastOf(lines: Line[]): number {
  return lines.reduce((last, line) => (isAck(line) ? Math.max(last, line.seq) : last), 0);
}
