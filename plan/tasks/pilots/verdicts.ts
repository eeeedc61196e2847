// Judges of agents: what they show, their configurations, failover and observation. Task 2D.
import type {
  AckRuns,
  AgentDeployed,
  Agents,
  ConfigValidation,
  LogMatches,
  Nats,
  ProgramStatus,
  Series,
  Written,
} from '../../machine-api/index.ts';
import { humanDuration } from '../../schema/duration.ts';
import { common, compare, sizeOf, spellRanges, union, type Ranges } from '../../evidence/sequence-sets.ts';
import type { Agent, Plan } from '../../schema/plan.ts';
import type { Judgement } from '../../week/record.ts';
import { every, fail, inconclusive, pass, summed, unless } from '../shared/verdict.ts';

type Shown = Awaited<ReturnType<Agents['shown']>>;
type Messages = Awaited<ReturnType<Nats['agentMessages']>>;
type Preview = Awaited<ReturnType<Agents['previewDeploy']>>;

/** What an agent can show, found before the start. */
export interface Shows {
  agent: string;
  pilot: boolean;
  health: boolean;
  log: boolean;
  activeHub: boolean;
  acks: boolean;
  nats: boolean;
  check: boolean;
}

/** A log and a healthy /health are needed of all; rows that what is missing would support are named. */
export function contractIsKnown(plan: Pick<Plan, 'migration'>) {
  return (found: Shows[]): Judgement => {
    if (found.length === 0) return inconclusive('no agent was asked');
    const missing = found
      .filter((agent) => agent.pilot)
      .flatMap((agent) =>
        [
          !agent.activeHub && `${agent.agent} dual-hub`,
          !agent.acks && `${agent.agent} failover and loss`,
          !agent.nats && `${agent.agent} nats`,
        ].filter((row): row is string => Boolean(row)),
      );
    return unless(
      found.flatMap((agent) => [
        !agent.health && `${agent.agent} does not answer its health URL`,
        agent.pilot && !agent.log && `${agent.agent} has no log file`,
      ]),
      missing.length === 0
        ? `${found.length} agents, pilots show all that the week looks at`
        : `inconclusive for want of evidence: ${missing.join(', ')}`,
      { agents: found.length, unsupported: missing, metric: plan.migration.contract.acknowledged?.metric ?? null },
    );
  };
}

export function backedUp(
  found: { agent: string; sha256: string; original: string | null; backup: string }[],
): Judgement {
  if (found.length === 0) return inconclusive('there is no pilot');
  return unless(
    found
      .filter(({ sha256, original }) => sha256 !== original)
      .map(({ agent, backup }) => `${agent}: ${backup} is not what the configuration is`),
    `${found.length} backups verified by digest`,
    Object.fromEntries(found.slice(0, 6).map(({ agent, sha256 }) => [agent, sha256.slice(0, 16)])),
  );
}

/** The validator takes the good file and names the faulty line of the broken one. */
export function rejectsBroken(faultyLine: number) {
  return ({ good, broken }: { good: ConfigValidation; broken: ConfigValidation }): Judgement =>
    unless(
      [
        !good.ours.ok && `a good file is refused: ${good.ours.message}`,
        broken.ours.ok && 'a broken file is accepted',
        !broken.ours.ok &&
          broken.ours.line !== faultyLine &&
          `the fault is in line ${faultyLine}; line ${broken.ours.line ?? '?'} is named`,
      ],
      `a broken file is refused: line ${broken.ours.line}: ${broken.ours.message}`,
      { line: broken.ours.line ?? null },
    );
}

export function newConfigIs(keys: string[]) {
  return (found: Written & { changedKeys: string[]; commentsKept: boolean }): Judgement => {
    const other = found.changedKeys.filter((key) => !keys.includes(key));
    return unless(
      [other.length > 0 && `it changes ${other.join(', ')} too`, !found.commentsKept && 'comments or order were lost'],
      `${found.path}: ${found.changedKeys.join(', ') || 'as wanted already'}; the rest untouched`,
      { sha256: found.sha256.slice(0, 16), keys: found.changedKeys },
    );
  };
}

export function validates(found: { agent: string; is: ConfigValidation }[]): Judgement {
  if (found.length === 0) return inconclusive('nothing was validated');
  return unless(
    found.flatMap(({ agent, is }) => [
      !is.ours.ok && `${agent}: line ${is.ours.line ?? '?'}: ${is.ours.message}`,
      is.agents && !is.agents.ok && `${agent} refuses it: ${is.agents.output.trim().split('\n').at(-1) ?? ''}`,
    ]),
    `${found.length} files validate; ${found.filter(({ is }) => is.agents).length} loaded by their agent's own check`,
    { files: found.length },
  );
}

/** Lines are added; whatever is taken away or moved would be more than the plan wants. */
export function showsChanges(found: { agent: string; preview: Preview }[]): Judgement {
  if (found.length === 0) return inconclusive('nothing was previewed');
  return unless(
    found.flatMap(({ agent, preview }) => [
      preview.removed > 0 && `${agent}: ${preview.removed} lines would go`,
      preview.added === 0 && `${agent}: nothing would change`,
      preview.state !== 'RUNNING' && `${agent} is ${preview.state}`,
    ]),
    found
      .slice(0, 4)
      .map(({ agent, preview }) => `${agent} +${preview.added}`)
      .join(', '),
    Object.fromEntries(found.slice(0, 6).map(({ agent, preview }) => [agent, preview.added])),
  );
}

export function deployed({ state, pid, downMs, sha256, action }: AgentDeployed): Judgement {
  return unless(
    [state !== 'RUNNING' && `supervisor says ${state}`],
    `running (pid ${pid}), ${action === 'already' ? 'was deployed already' : `down for ${humanDuration(downMs)}`}`,
    { pid, downMs, sha256: sha256.slice(0, 16) },
  );
}

export function logIsClean(wantedMs: number) {
  return ({ lines, matches, first, watchedMs }: LogMatches & { watchedMs: number }): Judgement => {
    const evidence = { lines, errors: matches, watchedMs, wantedMs };
    if (matches > 0) return fail(`${matches} error lines: ${first[0] ?? ''}`, evidence);
    if (lines === 0) return inconclusive('the log says nothing', evidence);
    if (watchedMs < wantedMs)
      return inconclusive(`watched for ${humanDuration(watchedMs)} of ${humanDuration(wantedMs)}`, evidence);
    return pass(`${lines} lines in ${humanDuration(watchedMs)}, none an error`, evidence);
  };
}

/** Both hubs reachable and the primary active, as the agent itself reports. */
export function dualHub({ active, hubs }: { active: Shown | null; hubs: Shown | null }): Judgement {
  if (!active || !hubs) return inconclusive('the agent does not show its hubs');
  if (!hubs.found || !Array.isArray(hubs.value)) return inconclusive(`no list of hubs: ${hubs.error ?? ''}`);
  const list = hubs.value as { role: string; reachable: boolean }[];
  const unreachable = list.filter((hub) => !hub.reachable).map((hub) => hub.role);
  return unless(
    [
      list.length < 2 && `the agent knows ${list.length} hub`,
      unreachable.length > 0 && `${unreachable.join(', ')} not reachable`,
      !active.found && `the active hub is ${JSON.stringify(active.value)}`,
    ],
    `${list.length} hubs reachable, active: ${String(active.value)}`,
    { active: String(active.value), hubs: list.map((hub) => hub.role) },
  );
}

export function healthy(agent: string) {
  return ({ found, value, error }: Shown): Judgement => {
    if (!found || value === null) return fail(`/health does not answer: ${error ?? 'it is empty'}`);
    const health = value as { status?: string; agent?: string };
    return unless(
      [
        health.status !== undefined && health.status !== 'ok' && `status ${health.status}`,
        health.agent !== undefined && health.agent !== agent && `it is ${health.agent}`,
      ],
      `/health: ${health.status ?? 'answers'}`,
      { status: health.status ?? null },
    );
  };
}

/** `series` carry the timestamp of the newest sample as their value, in seconds. */
export function fresh(freshWithinMs: number) {
  return ({ series, error }: { series: Series[]; error?: string }): Judgement => {
    const [newest] = [...series].sort((a, b) => b.value - a.value);
    if (!newest) return fail(`no sample in the hub: ${error ?? 'no series'}`);
    const ageMs = Math.max(0, Math.round((newest.at - newest.value) * 1000));
    return unless(
      [
        ageMs > freshWithinMs &&
          `the newest sample is ${humanDuration(ageMs)} old; ${humanDuration(freshWithinMs)} are allowed`,
      ],
      `newest sample ${humanDuration(ageMs)} old`,
      { ageMs },
    );
  };
}

export function works(patterns: Record<string, string>) {
  return (found: { name: string; is: Shown }[]): Judgement => {
    if (Object.keys(patterns).length === 0) return inconclusive('the plan names no function of this agent');
    return unless(
      Object.entries(patterns).map(([name, pattern]) => {
        const is = found.find((one) => one.name === name)?.is;
        return !is?.found
          ? `${name}: ${is?.error ?? 'no answer'}`
          : !new RegExp(pattern).test(String(is.value)) && `${name} answers ${JSON.stringify(is.value)}`;
      }),
      `${found.length} functions answer as they should`,
      Object.fromEntries(found.map(({ name, is }) => [name, String(is.value).slice(0, 24)])),
    );
  };
}

/** Messages of the agent came in over NATS, on each server that was asked. */
export function arrives(atLeast: number) {
  return (found: { server: string; is: Messages }[]): Judgement => {
    if (found.length === 0) return inconclusive('no server was asked');
    return unless(
      found.map(
        ({ server, is }) =>
          is.messages < atLeast && `${is.messages} messages on ${server}; at least ${atLeast} are wanted`,
      ),
      found.map(({ server, is }) => `${is.messages} on ${server}`).join(', '),
      Object.fromEntries(found.map(({ server, is }) => [server, is.messages])),
    );
  };
}

export function seenFrom(found: { from: string; is: Shown }[]): Judgement {
  if (found.length === 0) return inconclusive('nobody looked');
  return unless(
    found.map(({ from, is }) => !is.found && `not seen from ${from}: ${is.error ?? ''}`),
    `seen from ${found.map(({ from }) => from).join(' and ')}`,
    Object.fromEntries(found.map(({ from, is }) => [from, String(is.value).slice(0, 20)])),
  );
}

/** One agent around one stop of the primary hub. */
export interface FailoverSeen {
  agent: string;
  acks: AckRuns | null;
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
  return (found: FailoverSeen[]): Judgement => {
    if (found.length === 0 || found.some((one) => one.acks === null))
      return inconclusive('the agents show no acknowledgements');
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

export function returns(found: FailoverSeen[]): Judgement {
  if (found.length === 0 || found.some((one) => one.acks === null))
    return inconclusive('the agents show no acknowledgements');
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
 * An agent numbers its batches one by one, so what lies between its first and its last acknowledgement it attempted; what the hubs have beyond
 * that was sent before or after, and none of it can be called unexpected. Lost fails. A batch whose answer came too late may be in both hubs:
 * duplicates are told only. Evidence: batches, summed over the agents.
 */
export function losesNothing(found: FailoverSeen[]): Judgement {
  if (found.length === 0) return inconclusive('no agent was looked at');
  if (found.some(({ read }) => read === null))
    return inconclusive(
      'the plan does not say in which metric batches are found again (migration.contract.acknowledged)',
    );
  const compared = found.map(({ agent, acks, read, inBoth }) => {
    const acknowledged = union(...(acks?.runs ?? []).map((run) => run.sequences));
    const attempted: Ranges = acknowledged.length === 0 ? [] : [[acknowledged[0]![0], acknowledged.at(-1)![1]]];
    const { lost, recovered } = compare({ attempted, acknowledged, read: read! });
    return {
      agent,
      lost,
      counts: {
        acknowledged: sizeOf(acknowledged),
        lost: sizeOf(lost),
        recovered: sizeOf(recovered),
        duplicates: sizeOf(common(inBoth, attempted)),
      },
    };
  });
  if (compared.some(({ counts }) => counts.acknowledged === 0)) return inconclusive('an agent acknowledged nothing');
  const evidence = summed(compared.map(({ counts }) => counts));
  return unless(
    compared.map(
      ({ agent, lost, counts }) =>
        counts.lost > 0 && `${agent} lost ${counts.lost} of ${counts.acknowledged}: ${spellRanges(lost)}`,
    ),
    `${evidence.acknowledged} acknowledged batches of ${found.length} agents, all in a hub`,
    evidence,
  );
}

/** A watched window: credit reached, and no target down for longer than tolerated. */
export function heldUp(wantedMs: number, tolerate: number) {
  return ({ creditMs, longestGapMs, restarts, targets, restarted }: Watched): Judgement => {
    const entries = Object.entries(targets);
    const samples = entries.reduce((sum, [, target]) => sum + target.up + target.down, 0);
    const failed = entries.reduce((sum, [, target]) => sum + target.down, 0);
    const evidence = {
      observedMs: Math.round(creditMs),
      wantedMs,
      samples,
      failed,
      longestGapMs: Math.round(longestGapMs),
      restarts,
    };
    if (samples === 0) return inconclusive('no sample was taken', evidence);
    const bad = entries.filter(([, target]) => target.longestDown > tolerate);
    if (bad.length > 0 || restarted.length > 0)
      return fail(
        [
          ...bad
            .slice(0, 3)
            .map(
              ([name, target]) => `${name} down in ${target.longestDown} samples in a row: ${target.firstError ?? ''}`,
            ),
          ...restarted.slice(0, 3).map((name) => `${name} was restarted`),
        ].join('; '),
        evidence,
      );
    const unseen = entries.filter(([, target]) => target.up + target.down === 0).map(([name]) => name);
    if (unseen.length > 0) return inconclusive(`no sample was taken of ${unseen.slice(0, 3).join(', ')}`, evidence);
    if (creditMs < wantedMs)
      return inconclusive(`observed for ${humanDuration(creditMs)} of ${humanDuration(wantedMs)}`, evidence);
    return pass(`${humanDuration(creditMs)} observed healthy, ${samples} samples, ${failed} failed`, evidence);
  };
}

export interface Watched {
  creditMs: number;
  longestGapMs: number;
  restarts: number;
  targets: Record<string, { up: number; down: number; longestDown: number; firstError?: string }>;
  restarted: string[];
}

/** The same state, seen over HTTP and over NATS, from every machine. */
export function correlates(found: { agent: string; seen: { from: string; status: unknown }[] }[]): Judgement {
  if (found.length === 0) return inconclusive('no agent was looked at');
  return every(
    Object.fromEntries(
      found.map(({ agent, seen }) => {
        const states = [...new Set(seen.map(({ status }) => String(status)))];
        if (seen.length < 2 || seen.some(({ status }) => status === null || status === undefined))
          return [
            agent,
            inconclusive(
              `seen only from ${
                seen
                  .filter(({ status }) => status !== null && status !== undefined)
                  .map(({ from }) => from)
                  .join(', ') || 'nowhere'
              }`,
            ),
          ];
        return [
          agent,
          unless(
            [states.length > 1 && seen.map(({ from, status }) => `${from}: ${String(status)}`).join(', ')],
            `${states[0]} from ${seen.length} points of view`,
            { [agent]: states },
          ),
        ];
      }),
    ),
    `${found.length} agents seen alike from ${found[0]?.seen.length ?? 0} points of view`,
  );
}

/** Bystanders run with the process ids that they had before the week, CentralHub since the time it had. */
export function undisturbed({
  before,
  after,
}: {
  before: { programs: Record<string, number | null>; centralStartedAt: string } | undefined;
  after: { programs: Record<string, number | null>; centralStartedAt: string };
}): Judgement {
  if (!before) return inconclusive('nobody looked before the week');
  return unless(
    [
      ...Object.entries(before.programs).map(
        ([name, pid]) =>
          (pid === null || after.programs[name] !== pid) &&
          `${name} had pid ${pid}, has ${after.programs[name] ?? 'none'}`,
      ),
      before.centralStartedAt !== after.centralStartedAt && `CentralHub was restarted at ${after.centralStartedAt}`,
    ],
    `${Object.keys(before.programs).length} bystanders and CentralHub ran through`,
    { ...before.programs, centralStartedAt: before.centralStartedAt },
  );
}

/** Each agent is in each hub. */
export function inBothHubs(found: { agent: string; hub: string; series: Series[] }[]): Judgement {
  if (found.length === 0) return inconclusive('no agent was looked for');
  const hubs = [...new Set(found.map(({ hub }) => hub))];
  return unless(
    [
      hubs.length < 2 && 'only one hub was asked',
      ...found.filter(({ series }) => series.length === 0).map(({ agent, hub }) => `${agent} is not in ${hub}`),
    ],
    `${found.length / Math.max(1, hubs.length)} agents in ${hubs.join(' and ')}`,
    { agents: [...new Set(found.map(({ agent }) => agent))].slice(0, 8) },
  );
}

export function programsRun(found: (ProgramStatus & { agent: Agent['name'] })[]): Judgement {
  if (found.length === 0) return inconclusive('no program was looked at');
  return unless(
    found.map(({ agent, state }) => state !== 'RUNNING' && `${agent} is ${state}`),
    `${found.length} programs run`,
    { programs: found.length },
  );
}
