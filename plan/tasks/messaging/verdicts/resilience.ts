// Verdicts of the cluster under stop and partition, and of its latency.
import { sizeOf } from '../../../evidence/sequence-sets.ts';
import type { ClusterView, NatsActivities, Published, StreamState } from '../../../machine-api/nats.ts';
import type { Evaluation } from '../../../week/record.ts';
import { inconclusive, unless } from '../../shared/verdict.ts';
import { oneCluster } from './cluster.ts';

type Latency = Awaited<ReturnType<NatsActivities['natsLatency']>>;

type Alone = Awaited<ReturnType<NatsActivities['natsAlone']>>;

/** What a topology promises of a lone node: core messaging and reads; with a quorum left, writes too. */
export function goesOn(quorumLeft: boolean, limitStallMs: number) {
  return ({ down, alone, published, faultMs }: Down): Evaluation => {
    if (!down) return inconclusive('the server was not seen to be down');
    if (sizeOf(published.attempted) === 0) return inconclusive('nothing was published meanwhile');
    const seen = unless(
      [
        !alone.core && `core messaging failed: ${alone.detail ?? ''}`,
        !alone.directGet && `stored messages could not be read: ${alone.detail ?? ''}`,
        quorumLeft &&
          published.longestStallMs > limitStallMs &&
          `writes stalled ${published.longestStallMs} ms although a quorum was left`,
      ],
      quorumLeft
        ? `core, reads and writes went on; longest write stall ${published.longestStallMs} ms`
        : `core and reads went on; without a quorum writes stalled ${published.longestStallMs} ms, as this topology must`,
      {
        stallMs: published.longestStallMs,
        sent: sizeOf(published.attempted),
        acknowledged: sizeOf(published.acknowledged),
        retries: published.retries,
      },
    );
    return quorumLeft ? unlessIdle(seen, published, faultMs) : seen;
  };
}

interface Down {
  down: boolean;
  alone: Alone;
  published: Published;
  /** How long it was; where it is known, a write must have been acknowledged meanwhile. */
  faultMs?: number;
}

/** A stall as long as the fault is one of all writes in it: it was too short to tell an election from the end of all writes. */
function unlessIdle(seen: Evaluation, { longestStallMs }: Published, faultMs = Infinity): Evaluation {
  return seen.verdict === 'pass' && longestStallMs >= faultMs
    ? inconclusive(
        `no write was acknowledged in the ${faultMs} ms of the fault: make faults.window longer`,
        seen.evidence,
      )
    : seen;
}

/** When a server was down or cut off, by the clock of its machine, and what the plan says of that. */
export interface Held {
  injectedAt: number;
  liftedAt: number;
  /** The machine lifts it itself by then. */
  limitMs: number;
  /** How far clocks may be apart. */
  skewMs: number;
  /** Of writes, at most. */
  stallMs: number;
}

/** A worker that is away meanwhile lets a fault end before all was looked at, or what is written begin after it: then nothing was tried. */
export function duringFault(seen: Evaluation, held: Held, published: Published[]): Evaluation {
  const heldMs = held.liftedAt - held.injectedAt;
  const late = published.some(({ firstAt }) => firstAt > held.injectedAt + held.skewMs);
  const idleMs = Math.max(0, ...published.map(({ longestIdleMs = 0 }) => longestIdleMs));
  const why =
    heldMs >= held.limitMs
      ? `the fault was lifted after ${heldMs} ms, and at its limit of ${held.limitMs} ms by itself: nobody knows what was seen of it`
      : late
        ? 'publishing began after the fault had'
        : idleMs > held.stallMs && `nobody published for ${idleMs} ms, since a worker had ended`;
  return seen.verdict === 'pass' && why ? inconclusive(why, seen.evidence) : seen;
}

export function reformed(cluster: string, servers: string[], withinMs: number) {
  return ({ views, tookMs }: { views: ClusterView[]; tookMs: number }): Evaluation => {
    const whole = oneCluster(cluster, servers)(views);
    if (whole.verdict !== 'pass') return whole;
    return unless(
      [tookMs > withinMs && `forming took ${tookMs} ms; at most ${withinMs} ms`],
      `formed again in ${(tookMs / 1000).toFixed(1)} s`,
      { tookMs },
    );
  };
}

/**
 * A partition is one when packets were dropped and probes failed both ways; else what went on proves nothing. On the side that has a `quorum`
 * writes go on too, but for an election.
 */
export function partitioned(
  sides: { server: string; alone: Alone }[],
  cut: { from: string; connected: boolean }[],
  dropped: number,
  quorum?: { server: string; published: Published; limitMs: number; faultMs?: number },
): Evaluation {
  if (sides.length === 0) return inconclusive('neither side was looked at');
  if (dropped === 0) return inconclusive('no packet was dropped');
  if (cut.length < 2 || cut.some(({ connected }) => connected))
    return inconclusive(
      `the machines could still talk: ${
        cut
          .filter(({ connected }) => connected)
          .map(({ from }) => `from ${from}`)
          .join(', ') || 'not probed both ways'
      }`,
    );
  if (quorum && sizeOf(quorum.published.attempted) === 0) return inconclusive('nothing was published meanwhile');
  const { published, limitMs = 0, server: writer } = quorum ?? {};
  const seen = unless(
    [
      ...sides.flatMap(({ server, alone }) => [
        !alone.core && `${server}: core messaging failed: ${alone.detail ?? ''}`,
        !alone.directGet && `${server}: stored messages could not be read: ${alone.detail ?? ''}`,
      ]),
      published &&
        sizeOf(published.acknowledged) === 0 &&
        `${writer}: no write was acknowledged although a quorum was left`,
      published &&
        published.longestStallMs > limitMs &&
        `${writer}: writes stalled ${published.longestStallMs} ms although a quorum was left; at most ${limitMs} ms`,
    ],
    `both sides went on alone${published ? `, and writes at ${writer}; longest stall ${published.longestStallMs} ms` : ''}; ${dropped} packets dropped, probes failed both ways`,
    {
      dropped,
      sides: sides.map(({ server }) => server),
      ...(published ? { stallMs: published.longestStallMs } : {}),
    },
  );
  return quorum ? unlessIdle(seen, quorum.published, quorum.faultMs) : seen;
}

/** One meta leader for all, and for each stream one leader, the same number of messages and replicas without lag. */
export function agrees(found: { views: ClusterView[]; streams: { server: string; state: StreamState }[] }): Evaluation {
  const leaders = [...new Set(found.views.map((view) => view.metaLeader))];
  if (found.views.length === 0 || found.streams.length === 0)
    return inconclusive('no server or no stream was looked at');
  const names = [...new Set(found.streams.map(({ state }) => state.stream))];
  return unless(
    [
      (leaders.length !== 1 || leaders[0] === null) &&
        `meta leaders: ${leaders.map((leader) => leader ?? 'none').join(', ')}`,
      ...names.flatMap((name) => {
        const states = found.streams.flatMap(({ state }) => (state.stream === name ? [state] : []));
        const lagging = states.flatMap((state) =>
          state.replicas.filter((replica) => !replica.current || replica.lag > 0).map((replica) => replica.name),
        );
        return [
          new Set(states.map((state) => state.leader)).size !== 1 &&
            `${name} has leaders ${states.map((state) => state.leader).join(', ')}`,
          new Set(states.map((state) => state.lastSequence)).size !== 1 &&
            `${name} ends at ${states.map((state) => state.lastSequence).join(' and ')}`,
          lagging.length > 0 && `${name}: ${[...new Set(lagging)].join(', ')} lag`,
        ];
      }),
    ],
    `one meta leader (${leaders[0]}), ${names.length} streams agree`,
    { leader: leaders[0] ?? null, streams: names },
  );
}

export function fastEnough(limitMs: number, targetMs: number, wantedSamples: number) {
  return (found: (Latency & { from: string; to: string })[]): Evaluation => {
    if (found.length === 0 || found.some(({ samples }) => samples < wantedSamples))
      return inconclusive(
        found.length === 0
          ? 'nothing was measured'
          : `${Math.min(...found.map(({ samples }) => samples))} of ${wantedSamples} samples`,
      );
    const worst = Math.max(...found.map(({ p99 }) => p99));
    return unless(
      found.flatMap(({ from, to, p99, failed }) => [
        p99 > limitMs && `${from} to ${to}: p99 ${p99.toFixed(1)} ms; at most ${limitMs} ms`,
        failed > 0 && `${from} to ${to}: ${failed} requests failed`,
      ]),
      `p99 ${worst.toFixed(1)} ms one way (round trip halved), ${worst <= targetMs ? 'target' : 'limit'} met`,
      Object.fromEntries(
        found.flatMap(({ from, to, samples, p50, p95, p99 }) => [
          [`${from}>${to} p50,p95,p99`, [p50, p95, p99].map((value) => Number(value.toFixed(2)))],
          [`${from}>${to} samples`, samples],
        ]),
      ),
    );
  };
}
