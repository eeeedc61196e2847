// NATS with JetStream: cluster, streams, messages.
import type { Ranges } from '../evidence/sequence-sets.ts';
import type { Change } from './ledger.ts';
import type { NatsTarget } from './target.ts';

export interface Connection {
  connected: boolean;
  ms: number;
  name?: string;
  cluster?: string;
  jetstream?: boolean;
  error?: string;
  /** Who asks was refused, or lacked what to ask with: that says nothing of the server. */
  refused?: true;
}

export interface NatsActivities {
  natsConnect(ask: { server: NatsTarget; withinMs: number }): Promise<Connection>;
  /** /varz, /routez and /jsz of one server, asked until it sees `nodes` distinct servers and a meta leader, or the time is over. */
  natsCluster(ask: { monitor: string; nodes: number; withinMs: number }): Promise<ClusterView>;
  /** Core subscription: collects messages that begin with `nonce` until `count` distinct ones are there or the time is over. */
  natsListen(ask: {
    server: NatsTarget;
    subject: string;
    nonce: string;
    count: number;
    withinMs: number;
  }): Promise<{ received: number; inOrder: boolean; first?: string }>;
  /** Core publish: `count` messages `nonce 1` … `nonce N`, spread over `durationMs`. */
  natsSend(ask: {
    server: NatsTarget;
    subject: string;
    nonce: string;
    count: number;
    durationMs: number;
  }): Promise<{ sent: number }>;
  /** Throws ForeignStream for one that this run did not make, unless with `adopt`: then it is used as it is, and stays. */
  ensureStream(ask: {
    change: Change;
    server: NatsTarget;
    stream: StreamSpec;
    servers: string[];
    goneWith: string[];
    adopt?: boolean;
  }): Promise<{ created: boolean; differs: string[] }>;
  /** In a stream that is not this run's it has an undo of its own, for which these containers must run. Weeks of before do not say whose it is. */
  ensureConsumer(ask: {
    change?: Change;
    server: NatsTarget;
    stream: string;
    durable: string;
    servers?: string[];
    containers?: string[];
  }): Promise<{ created: boolean }>;
  /** Leader and peers of a stream, asked until `replicas` are current or the time is over. */
  streamState(ask: { server: NatsTarget; stream: string; replicas: number; withinMs: number }): Promise<StreamState>;
  /** JetStream publish of `count` messages, one after the other, or as many as fit in `durationMs`; retried with the same Nats-Msg-Id until acknowledged. Acknowledgements are logged before anything is read. */
  publish(ask: PublishAsk): Promise<Published>;
  /** Reads a stream back with an ordered consumer and keeps the messages of this run and publisher. What was not read to its end in time is the failure NotRead. */
  readStream(ask: {
    server: NatsTarget;
    stream: string;
    run: string;
    publisher: string;
    withinMs: number;
  }): Promise<ReadBack>;
  /** Pulls with the durable consumer until `count` messages of this publisher came, acknowledging each. */
  consume(ask: {
    server: NatsTarget;
    stream: string;
    durable: string;
    run: string;
    publisher: string;
    count: number;
    withinMs: number;
  }): Promise<ReadBack & { pendingAcks: number }>;
  /** Answers requests on a subject until the time is over or cancelled. */
  natsEcho(ask: { server: NatsTarget; subject: string; durationMs: number }): Promise<{ answered: number }>;
  /** Request round trips, halved: one clock. Waits for the echo to be there first. */
  natsLatency(ask: {
    server: NatsTarget;
    subject: string;
    samples: number;
    withinMs: number;
  }): Promise<{ samples: number; failed: number; p50: number; p95: number; p99: number; max: number }>;
  /** Core publish and subscribe on one server, and a direct get of a stream's last message, for a node that is alone. */
  natsAlone(ask: {
    server: NatsTarget;
    stream: string;
    subject: string;
    withinMs: number;
  }): Promise<{ core: boolean; directGet: boolean; detail?: string }>;
  /** Messages whose payload names this agent, since a time: how many came in over NATS. `error`: nothing could be read in time. */
  agentMessages(ask: {
    server: NatsTarget;
    stream: string;
    agent: string;
    sinceMs: number;
    atLeast: number;
    withinMs: number;
  }): Promise<{ messages: number; newest: Record<string, unknown> | null; error?: string }>;
}

export interface ClusterView {
  server: string;
  cluster: string;
  /** Distinct remote servers of the routes. */
  remotes: string[];
  jetstream: boolean;
  metaLeader: string | null;
  metaSize: number;
  waitedMs: number;
  error?: string;
}

export interface StreamSpec {
  name: string;
  subjects: string[];
  maxAgeMs: number;
  replicas: number;
  duplicateWindowMs: number;
  /** Of each replica. Left out where the plan sets no limit. */
  maxBytes?: number;
}

export interface StreamState {
  stream: string;
  messages: number;
  lastSequence: number;
  leader: string | null;
  /** Which run made it, null for none, as its description says. Workers of before do not tell it. */
  run?: string | null;
  replicas: { name: string; current: boolean; lag: number }[];
  /** Messages by subject. */
  subjects: Record<string, number>;
  consumers: string[];
  waitedMs: number;
  error?: string;
  /** Who asks was refused, as in a connection: nobody knows what is there. */
  refused?: true;
}

export interface PublishAsk {
  server: NatsTarget;
  subject: string;
  run: string;
  publisher: string;
  count?: number;
  durationMs?: number;
  intervalMs: number;
  /** Give up on one message after this time. */
  retryForMs: number;
}

export interface Published {
  /** Every number that was sent, whether an answer came or not. */
  attempted: Ranges;
  acknowledged: Ranges;
  /** Streams that acknowledged. */
  streams: string[];
  duplicates: number;
  /** While somebody published; `longestIdleMs` is how long nobody did, after a worker ended. Workers of before do not tell that. */
  longestStallMs: number;
  longestIdleMs?: number;
  retries: number;
  firstAt: number;
  lastAt: number;
}

export interface ReadBack {
  sequences: Ranges;
  messages: number;
  duplicates: number;
  outOfOrder: number;
}
