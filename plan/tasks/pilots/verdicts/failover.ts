// Verdicts of a failover: how long, back again, and without a loss.
import { common, compare, type Ranges, sizeOf, spellRanges, union } from '../../../evidence/sequence-sets.ts';
import type { AckRuns } from '../../../machine-api/agents.ts';
import { humanDuration } from '../../../schema/duration.ts';
import type { Evaluation } from '../../../week/record.ts';
import { inconclusive, summed, unless } from '../../shared/verdict.ts';

/** One agent around one stop of the primary hub. */
export interface FailoverSeen {
  agent: string;
  acks: AckRuns | null;
  /** Whether its process is another one since: what it numbered between its acknowledgements is not known then. Left out by earlier builds. */
  restarted?: boolean;
  stoppedAt: number;
  startedAt: number;
  /** Every sequence number that either hub has; read some time beyond the window of the acknowledgements. */
  read: Ranges | null;
  /** Those that the agent itself sent to both, with what EdgeHub passes on left out. */
  inBoth: Ranges;
}

export interface FailoverTimes {
  /** Without an acknowledgement: last on the primary to the first on the fallback. */
  failoverMs: number | null;
  /** The same on the way back. */
  backMs: number | null;
  /** Start of the primary to the first acknowledgement on it; 0 for one that came at the same time. */
  returnMs: number | null;
}

export function failoverTimes({
  acks,
  stoppedAt,
  startedAt,
}: Pick<FailoverSeen, 'acks' | 'stoppedAt' | 'startedAt'>): FailoverTimes {
  const runs = acks?.runs ?? [];
  const away = runs.find((run) => run.hub === 'fallback' && run.toMs >= stoppedAt);
  const before = away && runs.findLast((run) => run.hub === 'primary' && run.toMs <= away.fromMs);
  // A hub that is only thawed may take a batch before whoever thawed it has said so.
  const back = runs.find(
    (run) => run.hub === 'primary' && run.toMs >= startedAt && run.fromMs >= (away?.toMs ?? startedAt),
  );
  const left = back && runs.findLast((run) => run.hub === 'fallback' && run.toMs <= back.fromMs);
  return {
    failoverMs: away && before ? away.fromMs - before.toMs : null,
    backMs: back && left ? back.fromMs - left.toMs : null,
    returnMs: back ? Math.max(0, back.fromMs - startedAt) : null,
  };
}

export function failsOver(limitMs: number, targetMs: number) {
  return (found: FailoverSeen[]): Evaluation => {
    if (found.length === 0 || found.some((one) => one.acks === null))
      return inconclusive('the agents show no acknowledgements');
    const short = cutOff(found);
    if (short) return short;
    const agents = found.map((one) => ({ agent: one.agent, ...failoverTimes(one) }));
    const times = agents.flatMap(({ agent, failoverMs, backMs }) => [
      { agent, way: '', to: 'fallback', ms: failoverMs },
      { agent, way: ' back', to: 'primary', ms: backMs },
    ]);
    const slowest = slowestFirst(times);
    const inTime = slowest[0]!.ms !== null && slowest[0]!.ms < targetMs;
    return unless(
      slowest
        .slice(0, 4)
        .map(({ agent, way, to, ms }) =>
          ms === null
            ? `${agent} acknowledged nothing on the ${to}`
            : ms >= limitMs && `${agent} took ${ms} ms${way}; below ${limitMs} ms is wanted`,
        ),
      `${agents
        .slice(0, 3)
        .map(({ agent, failoverMs, backMs }) => `${agent} ${failoverMs} ms, ${backMs} ms back`)
        .join(', ')}; ${inTime ? 'target' : 'limit'} met`,
      // By agent, there and back.
      {
        ...Object.fromEntries(
          agents
            .slice(0, 6)
            .map(({ agent, failoverMs, backMs }) => [
              `${agent} ms`,
              failoverMs === null || backMs === null ? null : [failoverMs, backMs],
            ]),
        ),
        slowestMs: slowest[0]!.ms,
        failovers: times.length,
      },
    );
  };
}

/** One that never came is the slowest. */
function slowestFirst<T extends { ms: number | null }>(times: T[]): T[] {
  return [...times].sort((a, b) => (b.ms ?? Infinity) - (a.ms ?? Infinity));
}

export function returns(found: FailoverSeen[]): Evaluation {
  if (found.length === 0 || found.some((one) => one.acks === null))
    return inconclusive('the agents show no acknowledgements');
  const short = cutOff(found);
  if (short) return short;
  const times = slowestFirst(found.map((one) => ({ agent: one.agent, ms: failoverTimes(one).returnMs })));
  return unless(
    times.slice(0, 4).map(({ agent, ms }) => ms === null && `${agent} is not back on the primary`),
    times
      .slice(0, 4)
      .map(({ agent, ms }) => `${agent} after ${humanDuration(ms ?? 0)}`)
      .join(', '),
    { ...Object.fromEntries(times.slice(0, 6).map(({ agent, ms }) => [`${agent} ms`, ms])), returnedMs: times[0]!.ms },
  );
}

/**
 * An agent numbers its batches one by one while it runs, so what lies between two of its acknowledgements it attempted, and what of
 * that is in no hub is lost, whether a hub acknowledged it or not. A restart may leave numbers out: then such a gap is not known. What the hubs
 * have beyond was sent before or after, and none of it can be called unexpected. A batch whose answer came too late may be in both hubs:
 * duplicates are told only. Evidence: batches, summed over the agents.
 */
export function losesNothing(found: FailoverSeen[]): Evaluation {
  if (found.length === 0) return inconclusive('no agent was looked at');
  if (found.some(({ read }) => read === null))
    return inconclusive(
      'the plan does not say in which metric batches are found again (migration.contract.acknowledged)',
    );
  const compared = found.map(({ agent, acks, restarted, read, inBoth }) => {
    const acknowledged = union(...(acks?.runs ?? []).map((run) => run.sequences));
    const attempted = attemptedBy(acknowledged, restarted === false ? acks?.before : null);
    const { lost, unanswered, recovered } = compare({ attempted, acknowledged, read: read! });
    const gone = restarted === false ? unanswered : [];
    return {
      agent,
      said: `${agent} lost ${sizeOf(lost) + sizeOf(gone)} of ${sizeOf(restarted === false ? attempted : acknowledged)}: ${spellRanges(union(lost, gone))}${
        gone.length > 0 ? `, ${sizeOf(gone)} of them never acknowledged` : ''
      }`,
      unknown: restarted === true ? unanswered : [],
      counts: {
        acknowledged: sizeOf(acknowledged),
        lost: sizeOf(lost) + sizeOf(gone),
        recovered: sizeOf(recovered),
        duplicates: sizeOf(common(inBoth, attempted)),
      },
    };
  });
  if (compared.some(({ counts }) => counts.acknowledged === 0)) return inconclusive('an agent acknowledged nothing');
  const evidence = summed(compared.map(({ counts }) => counts));
  const judged = unless(
    compared.map(({ said, counts }) => counts.lost > 0 && said),
    `${evidence.acknowledged} acknowledged batches of ${found.length} agents, all in a hub`,
    evidence,
  );
  if (judged.verdict !== 'pass') return judged;
  const gap = compared.find(({ unknown }) => unknown.length > 0);
  if (gap)
    return inconclusive(
      `${gap.agent} was restarted meanwhile: nobody acknowledged ${spellRanges(gap.unknown)}, and whether it sent them is not known`,
      evidence,
    );
  return cutOff(found, evidence) ?? judged;
}

/** What lies between two acknowledgements; `before` is the last one of before the window. */
function attemptedBy(acknowledged: Ranges, before: number | null = null): Ranges {
  const [first, last] = [acknowledged[0]?.[0], acknowledged.at(-1)?.[1]];
  if (first === undefined || last === undefined) return [];
  return [[before !== null && before < first ? before + 1 : first, last]];
}

/** An acknowledgement of before the window shows that all of it was read. */
function cutOff(found: FailoverSeen[], evidence: Evaluation['evidence'] = {}): Evaluation | null {
  const short = found.filter(({ acks }) => acks?.before === null).map(({ agent }) => agent);
  return short.length === 0
    ? null
    : inconclusive(
        `the acknowledgements of ${short.slice(0, 3).join(', ')} do not reach back to the beginning: keep them, rotated or not, where their log is`,
        evidence,
      );
}
