// Health and metrics over NATS JetStream. Messages wait here, in order, until the stream has acknowledged them.
import { connect, headers, type NatsConnection } from 'nats';
import type { Log } from './log.ts';
import { type NatsAccess, natsOptions } from './nats-access.ts';

interface Message {
  subject: string;
  id: string;
  seq: number;
  payload: string;
}

export interface NatsStatus {
  configured: true;
  connected: boolean;
  /** Acknowledged by a stream since the start. */
  published: number;
  buffered: number;
  dropped: number;
}

export interface Messenger {
  /** One publish round: adds the messages, then publishes all that wait. Never throws. */
  publish(messages: Record<MessageKind, object>): Promise<void>;
  /** Rounds in a row that left messages behind. */
  failedRounds(): number;
  status(): NatsStatus;
  close(): Promise<void>;
}

export type MessageKind = 'health' | 'metrics';

const messagesKept = 2000;
const publishTimeoutMs = 2000;
const connectTimeoutMs = 2000;
const reconnectWaitMs = 500;
/** Two missed pings make a connection stale, so a silent partition shows within 6 s. */
const pingIntervalMs = 2000;

/** Connects in the background and for ever; `firstSeq` must be above that of any earlier process of this publisher. */
export function createMessenger(options: {
  url: string;
  access?: NatsAccess;
  subjects: Record<MessageKind, string>;
  publisher: string;
  firstSeq: number;
  log: Log;
}): Messenger {
  const { url, access = {}, subjects, publisher, log } = options;
  const waiting: Message[] = [];
  let connection: NatsConnection | null = null;
  let connected = false;
  let published = 0;
  let dropped = 0;
  let failedRounds = 0;
  let nextSeq = options.firstSeq;

  async function follow(opened: NatsConnection): Promise<void> {
    connection = opened;
    connected = true;
    log.info('NATS is connected', { server: opened.getServer() });
    for await (const status of opened.status()) {
      if (status.type === 'disconnect') log.warn('NATS is disconnected', { server: String(status.data) });
      if (status.type === 'reconnect') log.info('NATS is connected again', { server: String(status.data) });
      if (status.type === 'disconnect' || status.type === 'reconnect') connected = status.type === 'reconnect';
    }
    connected = false;
  }

  connect({
    ...natsOptions(access),
    servers: url,
    name: publisher,
    timeout: connectTimeoutMs,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: reconnectWaitMs,
    ignoreAuthErrorAbort: true,
    pingInterval: pingIntervalMs,
    // Names are those of the host, /etc/hosts included: asking DNS first takes half a minute where there is none.
    resolve: false,
    noAsyncTraces: true,
  })
    .then(follow)
    .catch((error: Error) => log.error('NATS can not be used', { url, error: error.message }));

  function add(kind: MessageKind, content: object, seq: number): void {
    const payload = JSON.stringify({ publisher, kind, seq, at: new Date().toISOString(), ...content });
    waiting.push({ subject: subjects[kind], id: `${publisher}-${kind}-${seq}`, seq, payload });
    if (waiting.length <= messagesKept) return;
    waiting.shift();
    dropped += 1;
    log.warn('NATS message dropped: too many wait', { dropped });
  }

  /** An error may come after the stream has stored the message (a time-out is ambiguous), so a retry uses the same id. */
  async function publishAll(): Promise<void> {
    if (!connection || !connected) throw new Error('not connected');
    for (let message = waiting[0]; message; message = waiting[0]) {
      const extra = headers();
      extra.set('Publisher', publisher);
      extra.set('Sequence', String(message.seq));
      await connection
        .jetstream()
        .publish(message.subject, message.payload, { msgID: message.id, headers: extra, timeout: publishTimeoutMs });
      waiting.shift();
      published += 1;
    }
  }

  return {
    async publish(messages) {
      const seq = nextSeq++;
      add('health', messages.health, seq);
      add('metrics', messages.metrics, seq);
      try {
        await publishAll();
        if (failedRounds > 0) log.info('NATS takes messages again', { failedRounds, published });
        failedRounds = 0;
      } catch (error) {
        failedRounds += 1;
        if (failedRounds === 1)
          log.warn('NATS takes no messages; buffering', { url, reason: (error as Error).message });
      }
    },
    failedRounds: () => failedRounds,
    status: () => ({ configured: true, connected, published, buffered: waiting.length, dropped }),
    close: async () => {
      await connection?.drain();
    },
  };
}
