// Verdicts of NATS and JetStream.
import { expect, it } from 'vitest';
import * as cluster from '../../../../plan/tasks/messaging/verdicts/cluster.ts';
import * as resilience from '../../../../plan/tasks/messaging/verdicts/resilience.ts';
import * as streams from '../../../../plan/tasks/messaging/verdicts/streams.ts';
import type { Ranges } from '../../../../plan/evidence/sequence-sets.ts';
import type { ClusterView, Published, ReadBack, StreamState } from '../../../../plan/machine-api/nats.ts';
import { fitted } from '../../../../plan/week/record.ts';
import { judge, type Judged } from '../judged.ts';

const { streamsGone: _gone, ...ofStreams } = streams;
const judges = { ...cluster, ...ofStreams, ...resilience };

const view = (server: string, change: Partial<ClusterView> = {}): ClusterView => ({
  server,
  cluster: 'c',
  remotes: ['a', 'b'].filter((name) => name !== server),
  jetstream: true,
  metaLeader: 'a',
  metaSize: 2,
  waitedMs: 1,
  ...change,
});
const both = [view('a'), view('b')];
const apart = [view('a'), view('b', { remotes: [] })];
const state = (change: Partial<StreamState> = {}): StreamState => ({
  stream: 's',
  messages: 5,
  lastSequence: 5,
  leader: 'a',
  replicas: [
    { name: 'a', current: true, lag: 0 },
    { name: 'b', current: true, lag: 0 },
  ],
  subjects: {},
  consumers: ['d'],
  waitedMs: 1,
  ...change,
});
const behind = [
  { name: 'a', current: true, lag: 0 },
  { name: 'b', current: false, lag: 3 },
];
const published = (acknowledged: Ranges, change: Partial<Published> = {}): Published => ({
  attempted: [[1, 10]],
  acknowledged,
  streams: ['s'],
  duplicates: 0,
  longestStallMs: 10,
  retries: 0,
  firstAt: 0,
  lastAt: 1,
  ...change,
});
const read = (sequences: Ranges, change: Partial<ReadBack> = {}): ReadBack => ({
  sequences,
  messages: 10,
  duplicates: 0,
  outOfOrder: 0,
  ...change,
});
const complete = (acknowledged: Ranges, sequences: Ranges, change: Partial<ReadBack> = {}, order?: 'ordered' | 'any') =>
  judges.complete([{ what: 'm', published: published(acknowledged), read: read(sequences, change) }], order);
const consumed = (sequences: Ranges, pendingAcks = 0) =>
  judges.acknowledgesAll([
    { what: 'm', published: published([[1, 10]]), read: { ...read(sequences, { outOfOrder: 1 }), pendingAcks } },
  ]);
const connection = (change: object) =>
  judges.connects(5_000)([{ server: 'nats://a', connection: { connected: true, ms: 3, ...change } }]);
const crossed = (change: object) =>
  judges.crossed([{ from: 'a', to: 'b', sent: 20, received: 20, inOrder: true, ...change }]);
const routed = (stored: Record<string, number>, by: Partial<Published> = {}) =>
  judges.routed([{ subject: 'x', stream: 's', published: published([[1, 1]], by), stored }]);
const alone = { core: true, directGet: true };
const goesOn = (quorumLeft: boolean, change: object = {}) =>
  judges.goesOn(quorumLeft, 5_000)({ down: true, alone, published: published([[1, 10]]), ...change });
const cut = (...connected: boolean[]) => connected.map((is, index) => ({ from: `m${index}`, connected: is }));
const stalled = { published: published([[1, 10]], { longestStallMs: 5_001 }) };
/** Injected after a second, and lifted at its limit of two minutes at the latest. */
const duringFault = (change: Partial<Published>, liftedAt = 31_000, seen = goesOn(true)) =>
  judges.duringFault(seen, { injectedAt: 1_000, liftedAt, limitMs: 120_000, skewMs: 1_000, stallMs: 10_000 }, [
    published([[1, 10]], change),
  ]);

type Quorum = NonNullable<Parameters<typeof judges.partitioned>[3]>;
const quorum = (longestStallMs: number, acknowledged: Ranges = [[1, 10]]): Quorum => ({
  server: 'a',
  published: published(acknowledged, { longestStallMs }),
  limitMs: 10_000,
});
const partitioned = (change: { alone?: object; cut?: ReturnType<typeof cut>; dropped?: number; quorum?: Quorum }) =>
  judges.partitioned(
    [{ server: 'a', alone: { ...alone, ...change.alone } }],
    change.cut ?? cut(false, false),
    change.dropped ?? 5,
    change.quorum,
  );
const agrees = (views: ClusterView[], ...states: StreamState[]) =>
  judges.agrees({ views, streams: states.map((one) => ({ server: 'a', state: one })) });
const timed = (change: object) =>
  judges.fastEnough(
    100,
    50,
    10,
  )([{ from: 'a', to: 'b', samples: 10, failed: 0, p50: 1, p95: 2, p99: 100, max: 101, ...change }]);

/** Of the numbers 1 to 10 all were tried, all but 9 and 10 acknowledged, 1 and 10 are gone, 9 is there all the same, and so is 12, which nobody sent; 2 is there twice. */
const unruly = {
  what: 'm',
  published: published([[1, 8]]),
  read: read(
    [
      [2, 9],
      [12, 12],
    ],
    { duplicates: 1, outOfOrder: 1 },
  ),
};

it.each(['any', 'ordered'] as const)(
  'says of every set how much is in it, summed over all comparisons, where the order is %s',
  (order) => {
    const counts = {
      attempted: 20,
      acknowledged: 16,
      lost: 4,
      recovered: 2,
      unexpected: 2,
      duplicates: 2,
      outOfOrder: 2,
    };
    expect(judges.complete([unruly, unruly], order).evidence).toEqual(counts);
    const consumer = { ...unruly, read: { ...unruly.read, pendingAcks: 1 } };
    expect(judges.acknowledgesAll([consumer, consumer]).evidence).toEqual(counts);
    expect(judges.complete([{ ...unruly, read: read([[1, 10]]) }], order)).toMatchObject({
      verdict: 'pass',
      evidence: { lost: 0, recovered: 2, unexpected: 0, duplicates: 0, outOfOrder: 0 },
    });
  },
);

it('misses what was attempted and is not there, though nobody acknowledged it; a week of an earlier build does not', () => {
  const gap = {
    what: 'm',
    published: published([
      [1, 3],
      [7, 10],
    ]),
    read: read([
      [1, 4],
      [7, 10],
    ]),
  };
  expect(judges.complete([gap])).toMatchObject({
    verdict: 'fail',
    summary: 'm: 2 messages that nobody acknowledged are missing: 5-6',
    evidence: { attempted: 10, acknowledged: 7, lost: 2, recovered: 1 },
  });
  expect(judges.complete([gap], 'ordered', 'acknowledged')).toMatchObject({
    verdict: 'pass',
    evidence: { attempted: 10, acknowledged: 7, lost: 0, recovered: 1 },
  });
});

it('leaves out what an interrupted activity of the same publisher sent, and nothing else', () => {
  const again = published([[31, 35]], { attempted: [[31, 36]] });
  expect(
    judges.complete([
      {
        what: 'm',
        published: again,
        read: read([
          [1, 30],
          [31, 36],
        ]),
      },
    ]),
  ).toMatchObject({ verdict: 'pass', evidence: { recovered: 1, unexpected: 0 } });
  expect(judges.complete([{ what: 'm', published: again, read: read([[0, 37]]) }])).toMatchObject({
    verdict: 'fail',
    summary: 'm: 2 messages that were never sent: 0, 37',
  });
});

it('keeps the counts in the record of the row with the most and longest comparisons, good or bad', () => {
  const all = (of: object) =>
    ['metrics', 'health', 'alerts'].flatMap((stream) =>
      ['nats-main', 'nats-pc2'].map((server) => ({
        ...unruly,
        ...of,
        what: `2C-resilience-restart-observability-${stream}-1 on ${server}`,
      })),
    );
  for (const of of [{}, { read: read([[1, 10]]) }]) {
    const judged = judges.complete(all(of), 'any');
    const row = {
      id: '2C.resilience.restart',
      machine: 'MainPC, PC2',
      startedAt: 1795537656678,
      endedAt: 1795537670420,
      attempts: 1,
      ...judged,
    };
    expect(fitted(row)).toEqual(row);
  }
});

judge({
  connects: {
    passes: [connection({}), connection({ ms: 5_000 })],
    fails: [
      [connection({ connected: false, error: 'refused' }), /nats:\/\/a: refused/],
      [connection({ ms: 5_001 }), /took 5001 ms/],
    ],
    noData: [[judges.connects(1)([]), 'inconclusive']],
  },
  oneCluster: {
    passes: [judges.oneCluster('c', ['a', 'b'])(both)],
    fails: [
      [judges.oneCluster('c', ['a', 'b'])(apart), /b has no route to a/],
      [judges.oneCluster('c', ['a', 'b'])([view('a'), view('b', { cluster: '' })]), /b is in cluster none/],
      [judges.oneCluster('c', ['a', 'b'])([view('a'), view('b', { error: 'refused' })]), /b: refused/],
    ],
    noData: [
      [judges.oneCluster('c', ['a', 'b'])([view('a')]), 'inconclusive'],
      [judges.oneCluster('c', ['a', 'b'])([]), 'inconclusive'],
    ],
  },
  jetstreamRuns: {
    passes: [judges.jetstreamRuns(['a', 'b'])(both)],
    fails: [
      [judges.jetstreamRuns(['a', 'b'])([view('a'), view('b', { jetstream: false })]), /off on b/],
      [
        judges.jetstreamRuns(['a', 'b'])([view('a', { metaLeader: null }), view('b', { metaLeader: null })]),
        /no meta leader/,
      ],
      [judges.jetstreamRuns(['a', 'b'])([view('a'), view('b', { metaLeader: 'b' })]), /different meta leaders: a, b/],
      [judges.jetstreamRuns(['a', 'b'])([view('a'), view('b', { metaSize: 1 })]), /b counts 1/],
    ],
    noData: [[judges.jetstreamRuns(['a', 'b'])([]), 'inconclusive']],
  },
  crossed: {
    passes: [crossed({})],
    fails: [
      [crossed({ received: 19 }), /a to b: 19 of 20 arrived/],
      [crossed({ inOrder: false }), /out of order/],
    ],
    noData: [
      [judges.crossed([]), 'inconclusive'],
      [crossed({ sent: 0, received: 0 }), 'inconclusive'],
    ],
  },
  rejoined: {
    passes: [
      judges.rejoined('c', ['a', 'b'])([
        { server: 'a', restarted: true, views: apart },
        { server: 'b', restarted: true, views: both },
      ]),
    ],
    fails: [
      [judges.rejoined('c', ['a', 'b'])([{ server: 'a', restarted: false, views: both }]), /a did not restart/],
      [judges.rejoined('c', ['a', 'b'])([{ server: 'b', restarted: true, views: apart }]), /no route to a/],
    ],
    noData: [
      [judges.rejoined('c', ['a', 'b'])([]), 'inconclusive'],
      [judges.rejoined('c', ['a', 'b'])([{ server: 'a', restarted: true, views: [] }]), 'inconclusive'],
    ],
  },
  streamIs: {
    passes: [judges.streamIs('s')({ made: { created: true, differs: [] }, state: state() })],
    fails: [
      [
        judges.streamIs('s')({ made: { created: false, differs: ['maxAge'] }, state: state() }),
        /with a different maxAge/,
      ],
    ],
    noData: [
      [judges.streamIs('s')({ made: { created: true, differs: [] }, state: state({ error: 'no leader' }) }), 'fail'],
    ],
  },
  replicated: {
    passes: [judges.replicated({ s: 2 })([state()])],
    fails: [
      [judges.replicated({ s: 2 })([state({ replicas: behind })]), /s: 1 of 2 replicas/],
      [judges.replicated({ s: 2 })([state({ leader: null })]), /s has no leader/],
      [judges.replicated({ s: 2 })([state({ error: 'time-out' })]), /s: time-out/],
    ],
    noData: [
      [judges.replicated({ s: 2 })([]), 'inconclusive'],
      [judges.replicated({ s: 2, t: 2 })([state()]), 'inconclusive'],
    ],
  },
  routed: {
    passes: [routed({ s: 1, t: 0 })],
    fails: [
      [routed({ s: 0 }), /x is not in s/],
      [routed({ s: 1, t: 1 }), /x is in t too/],
      [routed({ s: 1 }, { streams: ['t'] }), /acknowledged by t; s is wanted/],
    ],
    noData: [
      [judges.routed([]), 'inconclusive'],
      [routed({ s: 1 }, { acknowledged: [] }), 'fail'],
    ],
  },
  consumersAre: {
    passes: [judges.consumersAre({ s: ['d'] })([state()])],
    fails: [[judges.consumersAre({ s: ['d', 'e'] })([state()]), /s has no consumer e/]],
    noData: [
      [judges.consumersAre({ s: ['d'] })([]), 'inconclusive'],
      [judges.consumersAre({ s: ['d'], t: ['e'] })([state()]), 'inconclusive'],
    ],
  },
  complete: {
    passes: [
      complete([[1, 10]], [[1, 10]]),
      complete(
        [
          [1, 4],
          [6, 10],
        ],
        [[1, 10]],
      ),
      complete([[1, 10]], [[1, 10]], { outOfOrder: 2 }, 'any'),
    ],
    fails: [
      [
        complete(
          [[1, 10]],
          [
            [1, 4],
            [6, 10],
          ],
        ),
        /1 acknowledged messages are missing: 5/,
      ],
      [complete([[1, 10]], [[2, 9]], {}, 'any'), /2 acknowledged messages are missing: 1, 10/],
      [complete([[1, 10]], []), /10 acknowledged messages are missing: 1-10/],
      [complete([[1, 10]], [[1, 10]], { outOfOrder: 1 }), /1 out of order/],
      [complete([[1, 10]], [[1, 10]], { duplicates: 1 }), /1 duplicates/],
      [complete([[1, 10]], [[1, 10]], { duplicates: 1 }, 'any'), /1 duplicates/],
      [complete([[1, 10]], [[1, 12]], {}, 'any'), /2 messages that were never sent: 11-12/],
    ],
    noData: [
      [judges.complete([]), 'inconclusive'],
      [complete([], [[1, 10]]), 'inconclusive'],
    ],
  },
  acknowledgesAll: {
    passes: [consumed([[1, 10]])],
    fails: [
      [consumed([[1, 10]], 2), /2 deliveries are not acknowledged/],
      [consumed([[1, 9]]), /missing: 10/],
    ],
    noData: [[judges.acknowledgesAll([]), 'inconclusive']],
  },
  goesOn: {
    passes: [
      goesOn(true),
      goesOn(true, { faultMs: 4_000 }),
      goesOn(false, { published: published([[1, 10]], { longestStallMs: 30_000 }) }),
    ],
    fails: [
      [
        goesOn(true, { published: published([[1, 10]], { longestStallMs: 5_001 }) }),
        /stalled 5001 ms although a quorum/,
      ],
      [
        goesOn(false, { alone: { ...alone, core: false, detail: 'no responders' } }),
        /core messaging failed: no responders/,
      ],
      [goesOn(false, { alone: { ...alone, directGet: false } }), /could not be read/],
    ],
    noData: [
      // It was down no longer than its writers waited: nobody knows whether they would have gone on.
      [goesOn(true, { faultMs: 4_000, published: published([[1, 10]], { longestStallMs: 4_000 }) }), 'inconclusive'],
      [goesOn(false, { down: false }), 'inconclusive'],
      [goesOn(false, { published: published([], { attempted: [] }) }), 'inconclusive'],
    ],
  },
  duringFault: {
    passes: [duringFault({}), duringFault({ firstAt: 1_900, longestIdleMs: 10_000 }), duringFault({}, 120_999)],
    // What was wrong was wrong.
    fails: [[duringFault({ firstAt: 60_000 }, 200_000, goesOn(true, stalled)), /stalled 5001 ms/]],
    noData: [
      // A worker was away until the machine itself had lifted it.
      [duringFault({}, 121_000), 'inconclusive'],
      // The publisher's worker was killed, and another began after the fault.
      [duringFault({ firstAt: 40_000 }), 'inconclusive'],
      // It was told to end, and the next went on after the fault.
      [duringFault({ longestIdleMs: 40_000 }), 'inconclusive'],
    ],
  },
  reformed: {
    passes: [judges.reformed('c', ['a', 'b'], 30_000)({ views: both, tookMs: 30_000 })],
    fails: [
      [judges.reformed('c', ['a', 'b'], 30_000)({ views: both, tookMs: 30_001 }), /took 30001 ms/],
      [judges.reformed('c', ['a', 'b'], 30_000)({ views: apart, tookMs: 1 }), /no route/],
    ],
    noData: [[judges.reformed('c', ['a', 'b'], 30_000)({ views: [], tookMs: 1 }), 'inconclusive']],
  },
  partitioned: {
    passes: [
      partitioned({}),
      partitioned({ quorum: quorum(10_000) }),
      partitioned({ quorum: { ...quorum(6_999), faultMs: 7_000 } }),
    ],
    fails: [
      [partitioned({ quorum: quorum(10_001) }), /a: writes stalled 10001 ms although a quorum was left/],
      [partitioned({ quorum: quorum(0, []) }), /a: no write was acknowledged although a quorum was left/],
      [partitioned({ alone: { core: false } }), /a: core messaging failed/],
      [partitioned({ alone: { directGet: false } }), /a: stored messages could not be read/],
    ],
    noData: [
      [partitioned({ quorum: { ...quorum(7_000), faultMs: 7_000 } }), 'inconclusive'],
      [partitioned({ dropped: 0 }), 'inconclusive'],
      [partitioned({ cut: cut(false, true) }), 'inconclusive'],
      [partitioned({ cut: cut(false) }), 'inconclusive'],
      [judges.partitioned([], cut(false, false), 5), 'inconclusive'],
    ],
  },
  agrees: {
    passes: [agrees(both, state(), state())],
    fails: [
      [agrees([view('a'), view('b', { metaLeader: 'b' })], state(), state()), /meta leaders: a, b/],
      [agrees([view('a', { metaLeader: null }), view('b', { metaLeader: null })], state()), /meta leaders: none/],
      [agrees(both, state(), state({ leader: 'b' })), /s has leaders a, b/],
      [agrees(both, state(), state({ lastSequence: 4 })), /s ends at 5 and 4/],
      [agrees(both, state(), state({ replicas: behind })), /s: b lag/],
    ],
    noData: [
      [agrees([], state()), 'inconclusive'],
      [agrees(both), 'inconclusive'],
    ],
  },
  fastEnough: {
    passes: [timed({})],
    fails: [
      [timed({ p99: 100.1 }), /a to b: p99 100\.1 ms; at most 100 ms/],
      [timed({ failed: 1 }), /1 requests failed/],
    ],
    noData: [
      [judges.fastEnough(100, 50, 10)([]), 'inconclusive'],
      [timed({ samples: 9 }), 'inconclusive'],
    ],
  },
} satisfies Record<keyof typeof judges, Judged>);
