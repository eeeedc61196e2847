// Samples that the verdicts of task 2C must not pass.
import * as cluster from './verdicts/cluster.ts';
import * as resilience from './verdicts/resilience.ts';
import * as streams from './verdicts/streams.ts';
import type { ClusterView, Published, ReadBack, StreamState } from '../../machine-api/nats.ts';
import type { Plan } from '../../schema/plan.ts';
import type { Evaluation } from '../../week/record.ts';
import type { Rejections } from '../shared/rejections.ts';

const view = (server: string, change: Partial<ClusterView> = {}): ClusterView => ({
  server,
  cluster: 'cluster',
  remotes: [],
  jetstream: true,
  metaLeader: server,
  metaSize: 1,
  waitedMs: 0,
  ...change,
});
const apart = [view('one'), view('other')];
const state: StreamState = {
  stream: 'stream',
  messages: 1,
  lastSequence: 1,
  leader: null,
  replicas: [
    { name: 'one', current: true, lag: 0 },
    { name: 'other', current: false, lag: 1 },
  ],
  subjects: {},
  consumers: [],
  waitedMs: 0,
};
const published: Published = {
  attempted: [[1, 10]],
  acknowledged: [[1, 10]],
  streams: ['other'],
  duplicates: 0,
  longestStallMs: 1,
  retries: 0,
  firstAt: 0,
  lastAt: 1,
};
// One of ten acknowledged messages is gone.
const read: ReadBack = {
  sequences: [
    [1, 4],
    [6, 10],
  ],
  messages: 9,
  duplicates: 0,
  outOfOrder: 0,
};
const servers = ['one', 'other'];

export function knownBad(plan: Plan): Record<string, Evaluation> {
  return { ...ofClusters(), ...ofStreams(), ...ofResilience(plan) };
}

function ofClusters(): Rejections<typeof cluster> {
  return {
    connects: cluster.connects(1_000)([
      { server: 'nats://nowhere', connection: { connected: false, ms: 1, error: 'refused' } },
    ]),
    oneCluster: cluster.oneCluster('cluster', servers)(apart),
    jetstreamRuns: cluster.jetstreamRuns(servers)(apart),
    crossed: cluster.crossed([{ from: 'one', to: 'other', sent: 10, received: 9, inOrder: true }]),
    rejoined: cluster.rejoined('cluster', servers)([{ server: 'one', restarted: true, views: apart }]),
  };
}

function ofStreams(): Rejections<typeof streams> & Record<'complete.unexpected', Evaluation> {
  return {
    streamIs: streams.streamIs('stream')({ made: { created: false, differs: ['maxAge'] }, state }),
    replicated: streams.replicated({ stream: 2 })([state]),
    routed: streams.routed([{ subject: 'subject', stream: 'stream', published, stored: { stream: 0, other: 1 } }]),
    consumersAre: streams.consumersAre({ stream: ['consumer'] })([state]),
    complete: streams.complete([{ what: 'messages', published, read }], 'any'),
    // All ten are there, and one more that nobody sent.
    'complete.unexpected': streams.complete(
      [{ what: 'messages', published, read: { ...read, sequences: [[1, 11]], messages: 11 } }],
      'any',
    ),
    acknowledgesAll: streams.acknowledgesAll([{ what: 'messages', published, read: { ...read, pendingAcks: 1 } }]),
    streamsGone: streams.streamsGone([{ stream: 'stream', servers: [{ server: 'one', runs: true, there: true }] }]),
  };
}

function ofResilience({
  faults,
  limits: { messageLatency: latency, clockSkew: skewMs },
}: Plan): Rejections<typeof resilience> {
  return {
    goesOn: resilience.goesOn(
      true,
      1_000,
    )({ down: true, alone: { core: true, directGet: true }, published: { ...published, longestStallMs: 1_001 } }),
    // The machine had lifted it before all was looked at.
    duringFault: resilience.duringFault(
      { verdict: 'pass', summary: '', evidence: {} },
      { injectedAt: 0, liftedAt: faults.limit, limitMs: faults.limit, skewMs, stallMs: 1_000 },
      [published],
    ),
    reformed: resilience.reformed('cluster', servers, 1_000)({ views: apart, tookMs: 0 }),
    // A partition that dropped nothing was none.
    partitioned: resilience.partitioned(
      [{ server: 'one', alone: { core: true, directGet: true } }],
      [
        { from: 'one', connected: false },
        { from: 'other', connected: false },
      ],
      0,
    ),
    agrees: resilience.agrees({ views: apart, streams: [{ server: 'one', state }] }),
    fastEnough: resilience.fastEnough(
      latency.limit,
      latency.target,
      1,
    )([
      {
        from: 'one',
        to: 'other',
        samples: 1,
        failed: 0,
        p50: 0,
        p95: 0,
        p99: latency.limit + 1,
        max: latency.limit + 1,
      },
    ]),
  };
}
