// Judges of NATS and JetStream: task 2C.
import type { ClusterView, Nats, Published, ReadBack, StreamState } from '../../machine-api/index.ts';
import { compare, minus, sizeOf, spellRanges, type Ranges } from '../../evidence/sequence-sets.ts';
import type { Judgement } from '../../week/record.ts';
import { fail, inconclusive, summed, unless } from '../shared/verdict.ts';

type Connection = Awaited<ReturnType<Nats['natsConnect']>>;
type Latency = Awaited<ReturnType<Nats['natsLatency']>>;
type Alone = Awaited<ReturnType<Nats['natsAlone']>>;

export function connects(withinMs: number) {
  return (found: { server: string; connection: Connection }[]): Judgement => {
    if (found.length === 0) return inconclusive('no server was tried');
    return unless(
      found.map(({ server, connection }) =>
        !connection.connected
          ? `${server}: ${connection.error ?? 'no connection'}`
          : connection.ms > withinMs && `${server} took ${connection.ms} ms; at most ${withinMs} ms`,
      ),
      found.map(({ server, connection }) => `${server} in ${Math.round(connection.ms)} ms`).join(', '),
      Object.fromEntries(found.map(({ server, connection }) => [server, connection.name ?? null])),
    );
  };
}

/** Every server sees every other, by distinct names, in one cluster. */
export function oneCluster(cluster: string, servers: string[]) {
  return (views: ClusterView[]): Judgement => {
    if (views.length < servers.length) return inconclusive(`${views.length} of ${servers.length} servers answered`);
    return unless(
      views.flatMap((view) => {
        if (view.error) return [`${view.server || 'a server'}: ${view.error}`];
        const missing = servers.filter((server) => server !== view.server && !view.remotes.includes(server));
        return [
          view.cluster !== cluster && `${view.server} is in cluster ${view.cluster || 'none'}`,
          missing.length > 0 && `${view.server} has no route to ${missing.join(', ')}`,
        ];
      }),
      `${servers.length} nodes in ${cluster}, formed within ${Math.max(...views.map((view) => view.waitedMs))} ms`,
      { nodes: servers, routes: views.map((view) => `${view.server}: ${view.remotes.join(' ')}`) },
    );
  };
}

export function jetstreamRuns(servers: string[]) {
  return (views: ClusterView[]): Judgement => {
    if (views.length < servers.length) return inconclusive(`${views.length} of ${servers.length} servers answered`);
    const leaders = [...new Set(views.map((view) => view.metaLeader))];
    return unless(
      [
        ...views.filter((view) => !view.jetstream).map((view) => `JetStream is off on ${view.server}`),
        leaders.includes(null) && 'there is no meta leader',
        leaders.length > 1 && `the servers name different meta leaders: ${leaders.join(', ')}`,
        ...views
          .filter((view) => view.metaSize !== servers.length)
          .map((view) => `${view.server} counts ${view.metaSize} JetStream nodes`),
      ],
      `JetStream on ${servers.length} nodes, meta leader ${leaders[0]}`,
      { leader: leaders[0] ?? null, size: views[0]?.metaSize ?? 0 },
    );
  };
}

export function crossed(
  found: { from: string; to: string; sent: number; received: number; inOrder: boolean }[],
): Judgement {
  if (found.length === 0 || found.some(({ sent }) => sent === 0)) return inconclusive('nothing was sent');
  return unless(
    found.flatMap(({ from, to, sent, received, inOrder }) => [
      received < sent && `${from} to ${to}: ${received} of ${sent} arrived`,
      !inOrder && `${from} to ${to}: out of order`,
    ]),
    found.map(({ from, to, received }) => `${from} to ${to}: ${received}`).join(', '),
    Object.fromEntries(found.map(({ from, to, received }) => [`${from}>${to}`, received])),
  );
}

/** Each server really restarted and found the others again. */
export function rejoined(cluster: string, servers: string[]) {
  return (found: { server: string; restarted: boolean; views: ClusterView[] }[]): Judgement => {
    const stuck = found.filter(({ restarted }) => !restarted);
    if (stuck.length > 0) return fail(`${stuck.map(({ server }) => server).join(', ')} did not restart`);
    const last = found.at(-1);
    if (!last) return inconclusive('no server was restarted');
    const whole = oneCluster(cluster, servers)(last.views);
    return whole.verdict === 'pass'
      ? { ...whole, summary: `${found.length} servers restarted, each joined again; ${whole.summary}` }
      : whole;
  };
}

export function streamIs(name: string) {
  return ({ made, state }: { made: { created: boolean; differs: string[] }; state: StreamState }): Judgement =>
    unless(
      [
        made.differs.length > 0 &&
          `${name} was there before with a different ${made.differs.join(', ')}; rename or remove it`,
        state.error,
      ],
      `${name} ${made.created ? 'made' : 'was there as specified'}, leader ${state.leader}`,
      { leader: state.leader, replicas: state.replicas.length, created: made.created },
    );
}

export function replicated(replicas: Record<string, number>) {
  return (found: StreamState[]): Judgement => {
    const unseen = Object.keys(replicas).filter((stream) => !found.some((state) => state.stream === stream));
    if (found.length === 0 || unseen.length > 0)
      return inconclusive(`nobody looked at ${unseen.join(', ') || 'any stream'}`);
    return unless(
      found.map((state) => {
        const current = state.replicas.filter((replica) => replica.current).length;
        return state.error
          ? `${state.stream}: ${state.error}`
          : !state.leader
            ? `${state.stream} has no leader`
            : current < (replicas[state.stream] ?? 1) &&
              `${state.stream}: ${current} of ${replicas[state.stream]} replicas are current`;
      }),
      found.map((state) => `${state.stream} ${state.replicas.filter((replica) => replica.current).length}`).join(', '),
      Object.fromEntries(found.map((state) => [state.stream, state.replicas.map((replica) => replica.name)])),
    );
  };
}

/** Each subject was stored by its stream, and no other stream has it. */
export function routed(
  found: { subject: string; stream: string; published: Published; stored: Record<string, number> }[],
): Judgement {
  if (found.length === 0) return inconclusive('no subject was tried');
  return unless(
    found.flatMap(({ subject, stream, published, stored }) => [
      sizeOf(published.acknowledged) === 0 && `${subject}: nothing was acknowledged`,
      published.streams.join() !== stream &&
        `${subject} was acknowledged by ${published.streams.join(', ') || 'nobody'}; ${stream} is wanted`,
      !stored[stream] && `${subject} is not in ${stream}`,
      ...Object.entries(stored)
        .filter(([other, messages]) => other !== stream && messages > 0)
        .map(([other]) => `${subject} is in ${other} too`),
    ]),
    `${found.length} subjects, each in its own stream`,
    Object.fromEntries(found.map(({ subject, stream }) => [subject, stream])),
  );
}

export function consumersAre(wanted: Record<string, string[]>) {
  return (found: StreamState[]): Judgement => {
    const unseen = Object.keys(wanted).filter((stream) => !found.some((state) => state.stream === stream));
    if (found.length === 0 || unseen.length > 0)
      return inconclusive(`nobody looked at ${unseen.join(', ') || 'any stream'}`);
    const missing = found.flatMap((state) =>
      (wanted[state.stream] ?? [])
        .filter((consumer) => !state.consumers.includes(consumer))
        .map((consumer) => `${state.stream} has no consumer ${consumer}`),
    );
    return unless(
      missing,
      `${Object.values(wanted).flat().length} durable consumers`,
      Object.fromEntries(Object.entries(wanted)),
    );
  };
}

/**
 * What was acknowledged, what was attempted and what is there, for each publisher and reader. Nothing may be lost, come from nowhere, or be
 * stored twice, for a stream knows what comes again by its id. Order counts where it is promised; else it is only told. Evidence: messages, summed.
 */
export function complete(
  found: { what: string; published: Published; read: ReadBack }[],
  order: 'ordered' | 'any' = 'ordered',
): Judgement {
  if (found.length === 0) return inconclusive('nothing was published');
  const nothing = found.find(({ published }) => sizeOf(published.acknowledged) === 0);
  if (nothing) return inconclusive(`${nothing.what}: nothing was acknowledged`);
  const compared = found.map(({ what, published, read }) => {
    const { lost, recovered, unexpected } = compare({
      attempted: published.attempted,
      acknowledged: published.acknowledged,
      read: ofThis(published, read),
    });
    return {
      what,
      lost,
      unexpected,
      counts: {
        attempted: sizeOf(published.attempted),
        acknowledged: sizeOf(published.acknowledged),
        lost: sizeOf(lost),
        recovered: sizeOf(recovered),
        unexpected: sizeOf(unexpected),
        duplicates: read.duplicates,
        outOfOrder: read.outOfOrder,
      },
    };
  });
  const objections = compared
    .flatMap(({ what, lost, unexpected, counts }) => [
      counts.lost > 0 && `${what}: ${counts.lost} acknowledged messages are missing: ${spellRanges(lost)}`,
      counts.unexpected > 0 &&
        `${what}: ${counts.unexpected} messages that were never sent: ${spellRanges(unexpected)}`,
      counts.duplicates > 0 && `${what}: ${counts.duplicates} duplicates`,
      order === 'ordered' && counts.outOfOrder > 0 && `${what}: ${counts.outOfOrder} out of order`,
    ])
    .filter(Boolean);
  const evidence = summed(compared.map(({ counts }) => counts));
  return unless(
    [...objections.slice(0, 2), objections.length > 2 && `and ${objections.length - 2} more`],
    `${found.length === 1 ? found[0]!.what : `${found.length} comparisons`}: ${evidence.acknowledged} acknowledged, none missing`,
    evidence,
  );
}

/** What was read, without the lower numbers: an activity that was interrupted sent them, and this one began after them. */
function ofThis({ attempted }: Published, { sequences }: ReadBack): Ranges {
  return minus(sequences, [[1, (attempted[0]?.[0] ?? 1) - 1]]);
}

export function acknowledgesAll(
  found: { what: string; published: Published; read: ReadBack & { pendingAcks: number } }[],
): Judgement {
  const pending = found.filter(({ read }) => read.pendingAcks > 0);
  const judged = complete(found, 'any');
  return pending.length > 0
    ? fail(
        pending.map(({ what, read }) => `${what}: ${read.pendingAcks} deliveries are not acknowledged`).join('; '),
        judged.evidence,
      )
    : judged;
}

/** What a topology promises of a lone node: core messaging and reads; with a quorum left, writes too. */
export function goesOn(quorumLeft: boolean, limitStallMs: number) {
  return ({ down, alone, published }: { down: boolean; alone: Alone; published: Published }): Judgement => {
    if (!down) return inconclusive('the server was not seen to be down');
    if (sizeOf(published.attempted) === 0) return inconclusive('nothing was published meanwhile');
    return unless(
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
  };
}

export function reformed(cluster: string, servers: string[], withinMs: number) {
  return ({ views, tookMs }: { views: ClusterView[]; tookMs: number }): Judgement => {
    const whole = oneCluster(cluster, servers)(views);
    if (whole.verdict !== 'pass') return whole;
    return unless(
      [tookMs > withinMs && `forming took ${tookMs} ms; at most ${withinMs} ms`],
      `formed again in ${(tookMs / 1000).toFixed(1)} s`,
      { tookMs },
    );
  };
}

/** A partition is one when packets were dropped and probes failed both ways; else what went on proves nothing. */
export function partitioned(
  sides: { server: string; alone: Alone }[],
  cut: { from: string; connected: boolean }[],
  dropped: number,
): Judgement {
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
  return unless(
    sides.flatMap(({ server, alone }) => [
      !alone.core && `${server}: core messaging failed: ${alone.detail ?? ''}`,
      !alone.directGet && `${server}: stored messages could not be read: ${alone.detail ?? ''}`,
    ]),
    `both sides went on alone; ${dropped} packets dropped, probes failed both ways`,
    { dropped, sides: sides.map(({ server }) => server) },
  );
}

/** One meta leader for all, and for each stream one leader, the same number of messages and replicas without lag. */
export function agrees(found: { views: ClusterView[]; streams: { server: string; state: StreamState }[] }): Judgement {
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
  return (found: (Latency & { from: string; to: string })[]): Judgement => {
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
