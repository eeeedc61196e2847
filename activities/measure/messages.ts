// Messages between the machines, one at a time and each with its number: sent through this machine's NATS server, answered by the other worker.
import { setTimeout } from 'node:timers/promises';
import { connect, ErrorCode, type NatsConnection, type NatsError } from 'nats';
import type { MeasureAsk } from '../../plan/machine-api/measure.ts';
import type { Delivery, Silence } from '../../plan/evidence/measured.ts';
import { lostAtMost } from '../../plan/evidence/measured-bounds.ts';
import { union } from '../../plan/evidence/sequence-sets.ts';
import type { NatsTarget } from '../../plan/machine-api/target.ts';
import { within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { optionsFor } from '../nats/login.ts';
import { encoded, histogram, recordMs } from './histogram.ts';

type Ask = MeasureAsk['messages'];

/** Longer than any message may take (100 ms), and shorter than an interval of the real week. */
const answerMs = 1_000;

export interface Courier {
  /** One message to each other machine; returns when all are answered or given up. */
  send(): Promise<void>;
  totals(): Record<string, Delivery>;
  close(): Promise<void>;
}

const dial = {
  name: 'hubshift measure',
  timeout: 2_000,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 500,
  pingInterval: 2_000,
  ignoreClusterUpdates: true,
  resolve: false,
  noAsyncTraces: true,
};

/** Dials until the server answers or it is called off. */
async function dialled(
  host: Pick<Host, 'path'>,
  server: NatsTarget,
  off: AbortSignal,
): Promise<NatsConnection | undefined> {
  while (!off.aborted) {
    const connection = await optionsFor(host, server, within(dial.timeout))
      .then((options) => connect({ ...dial, ...options }))
      .catch(() => undefined);
    if (connection) return connection;
    await setTimeout(dial.reconnectTimeWait, undefined, { signal: off }).catch(() => undefined);
  }
  return undefined;
}

/** Answers the others from now on. Without its server it goes on dialling: nothing is sent meanwhile. A machine without one sends nothing. */
export function courier(host: Pick<Host, 'path'>, ask: Ask, soFar: Record<string, Delivery>): Courier {
  const rounds = Object.fromEntries(Object.keys(ask.to).map((machine) => [machine, roundsOf(soFar[machine])]));
  let nc: NatsConnection | undefined;
  const dialling = new AbortController();
  if (ask.server !== '')
    void dialled(host, ask.server, dialling.signal).then((connection) => {
      if (dialling.signal.aborted) return void connection?.close();
      nc = connection;
      connection?.subscribe(ask.answers, {
        callback: (error, message) => void (!error && message.respond(message.data)),
      });
    });

  return {
    async send() {
      if (!nc || nc.isClosed()) return;
      const through = nc;
      await Promise.all(
        Object.entries(ask.to).map(([machine, subject]) => sendOne(through, subject, ask, rounds[machine]!)),
      );
    },
    totals: () =>
      Object.fromEntries(
        Object.entries(rounds).map(([machine, { hdr, ...sets }]) => [machine, { ...sets, latency: encoded(hdr) }]),
      ),
    async close() {
      dialling.abort();
      await nc?.close();
    },
  };
}

function roundsOf(soFar: Delivery | undefined) {
  const { sent = [], answered = [], unheard = [], silences = [], lostAt = [], latency = null } = soFar ?? {};
  return { sent, answered, unheard, silences, lostAt, hdr: histogram(latency) };
}

async function sendOne(
  nc: NatsConnection,
  subject: string,
  { run, answers }: Ask,
  rounds: ReturnType<typeof roundsOf>,
): Promise<void> {
  const number = (rounds.sent.at(-1)?.[1] ?? 0) + 1;
  const text = `${run} ${answers} ${number}`;
  rounds.sent = union(rounds.sent, [[number, number]]);
  const [started, at] = [performance.now(), Date.now()];
  try {
    const answer = await nc.request(subject, text, { timeout: answerMs });
    if (answer.string() !== text) return;
    recordMs(rounds.hdr, (performance.now() - started) / 2);
    rounds.answered = union(rounds.answered, [[number, number]]);
  } catch (error) {
    if ((error as NatsError).code === ErrorCode.NoResponders) {
      rounds.unheard = union(rounds.unheard, [[number, number]]);
      if (rounds.answered.length > 0) rounds.silences = withSilent(rounds.silences, number, at);
    } else rounds.lostAt = [...rounds.lostAt, at].slice(0, lostAtMost);
  }
}

/** One more that nobody heard: in the silence that it follows, or the first of another. */
function withSilent(silences: Silence[], number: number, at: number): Silence[] {
  const top = silences.at(-1);
  if (top?.last !== number - 1) return [...silences, { fromMs: at, toMs: at, last: number, count: 1 }];
  return [...silences.slice(0, -1), { fromMs: top.fromMs, toMs: at, last: number, count: top.count + 1 }];
}
