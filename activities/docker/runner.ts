// Containers that run agents. They are others': looked at, stopped and started, never made or removed.
import { constants } from 'node:os';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import { utc } from '../../plan/schema/duration.ts';
import type { Host } from '../context/host.ts';
import { until } from '../context/polling.ts';
import type { Runner, Started, ToldToStart } from '../programs/runner.ts';
import { checkBeside } from './check-beside.ts';
import { inspect, type Inspected } from './container.ts';
import { answerMs, engine, nullOn, socketOf } from './engine.ts';
import { logFile, refuseUnfit } from './fit.ts';
import { readContainer } from './used.ts';

/** Docker's own, where a container says none. */
const stopGraceS = 10;
/** One that has lived for so long has started: as a program's usual startsecs. */
const steadyS = 1;

export const docker: Runner = {
  unknown: ({ machine }, name) => `Docker on ${machine} has no container ${name}`,
  alikeTo,
  status: (host, names, withinMs) => Promise.all(names.map((name) => statusNow(host, name, withinMs))),
  stoppedOnPurpose,
  stopWait: 'StopTimeout',
  stopWaitMs: async (host, name) => stopMs(await inspect(host, name)),
  stop,
  start,
  lifeOf,
  tellToStart,
  used: async (host, found) => {
    const points = await Promise.all(found.map(({ program }) => readContainer(host, program)));
    return new Map(found.flatMap(({ program }, index) => (points[index] ? [[program, points[index]] as const] : [])));
  },
  byHand,
  refuseUnfit,
  check: checkBeside,
  logFile,
};

/** Those in whose name it is, or that are in it: compose puts a project before a service, and a number behind it. */
async function alikeTo(host: Host, name: string): Promise<string[]> {
  const all = await engine(host, 'list containers', (abortSignal) =>
    host.docker.listContainers({ all: true, abortSignal }),
  );
  const names = all.map(({ Names }) => (Names[0] ?? '').slice(1));
  return names.filter((one) => one.includes(name) || name.includes(one)).sort();
}

async function statusNow(host: Host, name: string, withinMs = answerMs): Promise<ProgramStatus> {
  const found = await inspect(host, name, withinMs);
  const state = stateOf(found);
  if (!found || found.State.Pid === 0) return { program: name, state, pid: null, uptimeS: null };
  const startedMs = Date.parse(found.State.StartedAt);
  return {
    program: name,
    state,
    pid: found.State.Pid,
    uptimeS: Math.max(0, (Date.now() - startedMs) / 1_000),
    since: Math.floor(startedMs / 1_000),
  };
}

/** In the words of supervisord. */
function stateOf(found: Inspected | null): string {
  if (!found) return 'UNKNOWN';
  const { Status } = found.State as { Status: string };
  switch (Status) {
    case 'running':
      return 'RUNNING';
    case 'restarting':
      return 'BACKOFF';
    case 'paused':
      return 'PAUSED';
    default:
      return 'STOPPED';
  }
}

/** How a program ends that is told to by a signal, and does not take it as a failure. */
const { SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM } = constants.signals;
const endedBySignal = [SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGTERM].map((signal) => 128 + signal);

/** By a failure of its own, after it was started since then. Docker does not tell whether one that has ended was told to. */
function hasFailedSince(atMs: number, { StartedAt, ExitCode, OOMKilled }: Inspected['State']): boolean {
  const failed = OOMKilled || (ExitCode !== 0 && !endedBySignal.includes(ExitCode));
  return failed && Date.parse(StartedAt) >= atMs;
}

async function stoppedOnPurpose(host: Host, name: string, movedAt = Infinity): Promise<string | null> {
  const found = await inspect(host, name);
  const state = stateOf(found);
  if (state === 'PAUSED') return 'paused';
  if (!found || state !== 'STOPPED' || hasFailedSince(movedAt, found.State)) return null;
  const { Status, FinishedAt, ExitCode } = found.State;
  const endedMs = Date.parse(FinishedAt);
  return endedMs > 0 ? `${Status} since ${utc(endedMs)} (exit code ${ExitCode})` : Status;
}

function stopMs(found: Inspected | null): number {
  const { StopTimeout = stopGraceS } = (found?.Config ?? {}) as { StopTimeout?: number };
  return StopTimeout * 1_000;
}

async function stop(host: Host, name: string, withinMs: number): Promise<ProgramStatus> {
  const found = await inspect(host, name);
  const container = host.docker.getContainer(name);
  // Docker stops nothing that is paused.
  if (found?.State.Paused) await engine(host, `unpause ${name}`, (abortSignal) => container.unpause({ abortSignal }));
  await nullOn(
    [304],
    engine(
      host,
      `stop ${name}`,
      (abortSignal) => container.stop({ abortSignal }),
      Math.max(withinMs, stopMs(found) + answerMs),
    ),
  );
  const status = await statusNow(host, name);
  if (status.state !== 'STOPPED')
    throw new Error(`Docker on ${host.machine} was told to stop ${name}, and it is ${status.state}: see who starts it`);
  return status;
}

async function start(host: Host, name: string, withinMs: number): Promise<Started> {
  const began = performance.now();
  const byOthers = (await tell(host, name, 'start')) === null;
  const { value, done } = await until(
    withinMs - (performance.now() - began),
    () => statusNow(host, name),
    ({ state, uptimeS }) =>
      ['STOPPED', 'UNKNOWN'].includes(state) || (state === 'RUNNING' && (uptimeS ?? 0) >= steadyS),
  );
  if (!done || value.state !== 'RUNNING')
    throw new Error(
      `${name} on ${host.machine} was told to start and is ${value.state} after ${Math.round(performance.now() - began)} ms: look at its log ("docker logs ${name}")`,
    );
  return { ...value, byOthers };
}

async function lifeOf(host: Host, name: string): Promise<string> {
  return (await inspect(host, name))?.State.StartedAt ?? '';
}

/** Of one that still is in that life nobody can tell whether it is being stopped: a restart waits for that, and ends with a start. */
async function tellToStart(host: Host, name: string, waits: boolean, life: string): Promise<ToldToStart> {
  const found = await inspect(host, name);
  if (!found) return 'unknown';
  const runs = stateOf(found) !== 'STOPPED';
  if (runs && life && found.State.StartedAt !== life) return 'runs';
  if (runs && !waits) return 'stopping';
  await tell(host, name, runs ? 'restart' : 'start', stopMs(found) + answerMs);
  return 'told';
}

/** null: it runs already. */
async function tell(host: Host, name: string, verb: 'start' | 'restart', withinMs = answerMs): Promise<unknown> {
  const container = host.docker.getContainer(name);
  return nullOn(
    [304],
    engine(
      host,
      `${verb} ${name}`,
      async (abortSignal) => {
        await container[verb]({ abortSignal });
        return 'told';
      },
      withinMs,
    ),
  );
}

function byHand(host: Host, name: string): ReturnType<Runner['byHand']> {
  const command = (...words: string[]) => ['docker', '-H', `unix://${socketOf(host)}`, ...words, name];
  return {
    stop: command('stop'),
    start: command('start'),
    status: command('inspect', '--format', '{{.State.Status}} {{.State.Pid}}'),
    up: 'running, one process for a second',
  };
}
