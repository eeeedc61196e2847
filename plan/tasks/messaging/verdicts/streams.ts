// Verdicts of streams, consumers, and of what was stored in them.
import { compare, type LossOf, minus, type Ranges, sizeOf, spellRanges } from '../../../evidence/sequence-sets.ts';
import type { Published, ReadBack, StreamState } from '../../../machine-api/nats.ts';
import type { Evaluation } from '../../../week/record.ts';
import { fail, inconclusive, summed, unless, unlessSeen } from '../../shared/verdict.ts';

export function streamIs(name: string) {
  return ({ made, state }: { made: { created: boolean; differs: string[] }; state: StreamState }): Evaluation =>
    unlessSeen(
      [
        made.differs.length > 0 &&
          `${name} was there before with a different ${made.differs.join(', ')}; rename or remove it`,
        !state.refused && state.error,
      ],
      state.refused ? [state.error ?? `${name} was not seen`] : [],
      `${name} ${made.created ? 'made' : 'was there as specified'}, leader ${state.leader}`,
      { leader: state.leader, replicas: state.replicas.length, created: made.created },
    );
}

export function replicated(replicas: Record<string, number>) {
  return (found: StreamState[]): Evaluation => {
    const unseen = Object.keys(replicas).filter((stream) => !found.some((state) => state.stream === stream));
    if (found.length === 0 || unseen.length > 0)
      return inconclusive(`nobody looked at ${unseen.join(', ') || 'any stream'}`);
    const refused = found.filter((state) => state.refused);
    return unlessSeen(
      found.map((state) => {
        if (refused.includes(state)) return undefined;
        const current = state.replicas.filter((replica) => replica.current).length;
        return state.error
          ? `${state.stream}: ${state.error}`
          : !state.leader
            ? `${state.stream} has no leader`
            : current < (replicas[state.stream] ?? 1) &&
              `${state.stream}: ${current} of ${replicas[state.stream]} replicas are current`;
      }),
      refused.map((state) => `${state.stream}: ${state.error ?? 'not seen'}`),
      found.map((state) => `${state.stream} ${state.replicas.filter((replica) => replica.current).length}`).join(', '),
      Object.fromEntries(found.map((state) => [state.stream, state.replicas.map((replica) => replica.name)])),
    );
  };
}

/** Each subject was stored by its stream, and no other stream has it. */
export function routed(
  found: { subject: string; stream: string; published: Published; stored: Record<string, number> }[],
): Evaluation {
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
  return (found: StreamState[]): Evaluation => {
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
 * What was acknowledged, what was attempted and what is there, for each publisher and reader. Nothing may be lost, acknowledged or not, come
 * from nowhere, or be stored twice, for a stream knows what comes again by its id. Order counts where it is promised; else it is only told. Evidence: messages, summed.
 */
export function complete(
  found: { what: string; published: Published; read: ReadBack }[],
  order: 'ordered' | 'any' = 'ordered',
  lossOf: LossOf = 'attempted',
): Evaluation {
  if (found.length === 0) return inconclusive('nothing was published');
  const nothing = found.find(({ published }) => sizeOf(published.acknowledged) === 0);
  if (nothing) return inconclusive(`${nothing.what}: nothing was acknowledged`);
  const compared = found.map(({ what, published, read }) => {
    const { lost, unanswered, recovered, unexpected } = compare({
      attempted: published.attempted,
      acknowledged: published.acknowledged,
      read: ofThis(published, read),
    });
    const gone = lossOf === 'attempted' ? unanswered : [];
    return {
      what,
      lost,
      gone,
      unexpected,
      counts: {
        attempted: sizeOf(published.attempted),
        acknowledged: sizeOf(published.acknowledged),
        lost: sizeOf(lost) + sizeOf(gone),
        recovered: sizeOf(recovered),
        unexpected: sizeOf(unexpected),
        duplicates: read.duplicates,
        outOfOrder: read.outOfOrder,
      },
    };
  });
  const objections = compared
    .flatMap(({ what, lost, gone, unexpected, counts }) => [
      lost.length > 0 && `${what}: ${sizeOf(lost)} acknowledged messages are missing: ${spellRanges(lost)}`,
      gone.length > 0 && `${what}: ${sizeOf(gone)} messages that nobody acknowledged are missing: ${spellRanges(gone)}`,
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

/** The same of what consumers took, which must be acknowledged too. */
export function acknowledgesAll(
  found: { what: string; published: Published; read: ReadBack & { pendingAcks?: number } }[],
  order: 'ordered' | 'any' = 'any',
  lossOf: LossOf = 'attempted',
): Evaluation {
  const pending = found.filter(({ read }) => (read.pendingAcks ?? 0) > 0);
  const evaluated = complete(found, order, lossOf);
  return pending.length > 0
    ? fail(
        pending.map(({ what, read }) => `${what}: ${read.pendingAcks} deliveries are not acknowledged`).join('; '),
        evaluated.evidence,
      )
    : evaluated;
}

/**
 * Gone from every server that answers, or gone with the servers themselves. `theirs`: why one stays, which this run did not make; its own
 * `consumers` must be gone from it.
 */
export function streamsGone(
  found: {
    stream: string;
    theirs?: string;
    consumers?: string[];
    servers: { server: string; runs: boolean; there: boolean }[];
  }[],
): Evaluation {
  if (found.length === 0) return inconclusive('no stream was looked for');
  const ours = found.filter(({ theirs }) => theirs === undefined);
  const others = found.flatMap(({ stream, theirs }) => (theirs === undefined ? [] : [`${stream} stays: ${theirs}`]));
  const left = ours.flatMap(({ stream, servers }) =>
    servers.filter(({ there }) => there).map(({ server }) => `${stream} is still on ${server}`),
  );
  const consumers = found.flatMap(({ stream, theirs, consumers: own = [] }) =>
    theirs === undefined ? [] : [...new Set(own)].map((durable) => `the consumer ${durable} is still in ${stream}`),
  );
  const running = found[0]?.servers.filter(({ runs }) => runs).length ?? 0;
  return unless(
    [...left, ...consumers],
    [
      `${ours.length} streams and their consumers gone${running === 0 ? ' with their servers' : ` from ${running} servers`}`,
      ...others,
    ].join('; '),
    { streams: ours.length, serversRunning: running },
  );
}
