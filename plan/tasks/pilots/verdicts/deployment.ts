// Verdicts of one deployed pilot: its log, its hubs, its functions, its messages.
import type { AgentDeployed, LogRead, Shown } from '../../../machine-api/agents.ts';
import type { LogMatches } from '../../../machine-api/containers.ts';
import type { NatsActivities } from '../../../machine-api/nats.ts';
import type { Series, Unseen } from '../../../machine-api/prometheus.ts';
import { runnerCalled, runnerIn } from '../../../machine-api/runs.ts';
import { humanDuration } from '../../../schema/duration.ts';
import type { Evaluation } from '../../../week/record.ts';
import { fail, inconclusive, pass, unless, unlessSeen } from '../../shared/verdict.ts';
import { cut } from '../../../week/cut-text.ts';

type LogWatched = LogMatches & Pick<LogRead, 'missed' | 'watchedMs'>;
type Messages = Awaited<ReturnType<NatsActivities['agentMessages']>>;

export function deployed(program: string) {
  return ({ state, pid, downMs, sha256, action, error, unknown }: AgentDeployed): Evaluation => {
    const says = state === 'UNHEALTHY' ? 'it is' : `${runnerCalled[runnerIn(program).runs]} says`;
    const said = `${says} ${state}${error ? `: ${error}` : ''}`;
    return unlessSeen(
      [state !== 'RUNNING' && !unknown && said],
      state !== 'RUNNING' && unknown ? [said] : [],
      `running (pid ${pid}), ${action === 'already' ? 'was deployed already' : `down for ${humanDuration(downMs)}`}`,
      { pid, downMs, sha256: sha256.slice(0, 16) },
    );
  };
}

export function logIsClean(wantedMs: number) {
  return ({ lines, matches, first, watchedMs, missed = 0 }: LogWatched): Evaluation => {
    const evidence = { lines, errors: matches, watchedMs, wantedMs };
    if (matches > 0) return fail(`${matches} error lines: ${first[0] ?? ''}`, evidence);
    if (missed > 0)
      return inconclusive('a part of the log was cut off, or gone, before it was read: watch it again', evidence);
    if (lines === 0) return inconclusive('the log says nothing', evidence);
    if (watchedMs < wantedMs)
      return inconclusive(`watched for ${humanDuration(watchedMs)} of ${humanDuration(wantedMs)}`, evidence);
    return pass(`${lines} lines in ${humanDuration(watchedMs)}, none an error`, evidence);
  };
}

/** Both hubs reachable and the primary active, as the agent itself reports. */
export function dualHub({ active, hubs }: { active: Shown | null; hubs: Shown | null }): Evaluation {
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

/** Words with which agents say that they are not well. Any other is theirs: an answer of 2xx is enough. */
const unwell =
  /^(degraded|down|fail(s|ed|ing|ure)?|error|fatal|critical|crit|unhealthy|unavailable|not[ _-]?(ok|ready|serving)|out_of_service|stopp(ed|ing)|red)$/i;

/** `called`: weeks of before held what it calls itself against its name in the plan. */
export function healthy(called?: string) {
  return ({ found, value, answers, error, unknown }: Shown): Evaluation => {
    if (answers === false || (answers === undefined && (!found || value === null)))
      return (unknown ? inconclusive : fail)(`/health does not answer: ${error ?? 'it is empty'}`);
    const { status, agent: who } = (value ?? {}) as { status?: unknown; agent?: unknown };
    // A worker of before does not tell what it answered, and a history goes on as it began.
    const isWell = answers ? !unwell.test(String(status)) : status === undefined || status === 'ok';
    return unless(
      [
        !isWell && `status ${String(status)}`,
        called !== undefined && typeof who === 'string' && who !== called && `it is ${who}`,
      ],
      `/health: ${status === undefined ? 'answers' : String(status)}`,
      { status: status === undefined ? null : cut(String(status), 20) },
    );
  };
}

/** `series` carry the timestamp of the newest sample as their value, in seconds. */
export function fresh(freshWithinMs: number) {
  return ({ series, error, unknown }: { series: Series[] } & Unseen): Evaluation => {
    const [newest] = [...series].sort((a, b) => b.value - a.value);
    if (!newest) return (unknown ? inconclusive : fail)(`no sample in the hub: ${error ?? 'no series'}`);
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
  return (found: { name: string; is: Shown }[]): Evaluation => {
    if (Object.keys(patterns).length === 0) return inconclusive('the plan names no function of this agent');
    return unless(
      Object.entries(patterns).map(([name, pattern]) => {
        const is = found.find((one) => one.name === name)?.is;
        return !is?.found
          ? `${name}: ${is?.error ?? 'no answer'}`
          : !(is.matches ?? new RegExp(pattern).test(String(is.value))) &&
              `${name} answers ${JSON.stringify(is.value)}`;
      }),
      `${found.length} functions answer as they should`,
      Object.fromEntries(found.map(({ name, is }) => [name, cut(String(is.value), 24)])),
    );
  };
}

/** Messages of the agent came in over NATS, on each server that was asked. Nobody knows it of one that does not say that it connects to NATS. */
export function arrives(atLeast: number, saysSo = true) {
  return (found: { server: string; is: Messages }[]): Evaluation => {
    if (found.length === 0) return inconclusive('no server was asked');
    const read = found.filter(({ is }) => is.error === undefined);
    const evidence = Object.fromEntries(read.map(({ server, is }) => [server, is.messages]));
    const few = read.filter(({ is }) => is.messages < atLeast);
    const unread = found.filter((one) => !read.includes(one));
    if (few.length === 0 && unread.length > 0)
      return inconclusive(unread.map(({ server, is }) => `not read on ${server}: ${is.error}`).join('; '), evidence);
    const tooFew = few.map(({ server, is }) => `${is.messages} messages on ${server}; at least ${atLeast} are wanted`);
    if (tooFew.length > 0 && !saysSo)
      return inconclusive(
        [...tooFew, 'nor does the plan say where agents show their NATS connection (migration.contract.nats)'].join(
          '; ',
        ),
        evidence,
      );
    return unless(tooFew, read.map(({ server, is }) => `${is.messages} on ${server}`).join(', '), evidence);
  };
}

export function seenFrom(found: { from: string; is: Shown }[]): Evaluation {
  if (found.length === 0) return inconclusive('nobody looked');
  return unless(
    found.map(({ from, is }) => !is.found && !is.answers && `not seen from ${from}: ${is.error ?? ''}`),
    `seen from ${found.map(({ from }) => from).join(' and ')}`,
    Object.fromEntries(found.map(({ from, is }) => [from, is.found ? cut(String(is.value), 20) : 'answers'])),
  );
}
