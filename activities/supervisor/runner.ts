// Programs under a machine's supervisord.
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import { utc } from '../../plan/schema/duration.ts';
import { pause } from '../context/cancellation.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import type { Runner, Started, ToldToStart } from '../programs/runner.ts';
import { isPending, takeUp } from './group.ts';
import { call, Fault } from './rpc.ts';
import { used } from './used.ts';

export const supervisor: Runner = {
  unknown: ({ machine }, name) => `supervisord on ${machine} knows no program ${name}`,
  alikeTo,
  status,
  stoppedOnPurpose,
  stopWait: 'stopwaitsecs',
  stopWaitMs,
  stop,
  start,
  // Taken away to be taken up anew, and its files still have it.
  isTakenOut: isPending,
  tellToStart,
  used,
  byHand,
};

/** supervisord says how a program is within this time, or not at all. */
const answerMs = 10_000;
/** What is only told is told within this time. */
const tellMs = 2_000;
/** On top of the time that supervisord gives a program for its end before it kills it. */
const killMs = 5_000;
/** As long a stop is waited for where supervisord does not tell that time: it says STOPPING all the while. */
const unknownStopMs = 5 * 60_000;

/** What supervisord tells of a process; `start`, `stop` (0: never) and `now` in seconds. */
interface Info {
  group: string;
  name: string;
  statename: string;
  pid: number;
  start: number;
  stop: number;
  now: number;
}

/** RUNNING, STARTING, BACKOFF, STOPPING, STOPPED, EXITED, FATAL, or UNKNOWN. */
async function status(host: Host, programs: string[], withinMs: number): Promise<ProgramStatus[]> {
  const [first, ...others] = programs;
  if (first === undefined) return [];
  if (others.length === 0) {
    const info = await refused(call(host, withinMs, 'getProcessInfo', first), 'BAD_NAME');
    return [statusOf(first, info === 'BAD_NAME' ? undefined : (info as unknown as Info))];
  }
  const infos = (await call(host, withinMs, 'getAllProcessInfo')) as unknown as Info[];
  return programs.map((program) => statusOf(program, infos.find(isOf(program))));
}

async function statusNow(host: Host, program: string): Promise<ProgramStatus> {
  const [found] = await status(host, [program], answerMs);
  return found!;
}

const isOf =
  (program: string) =>
  ({ group, name }: { group: string; name: string }) =>
    program === `${group}:${name}` || (program === name && group === name);

/** Programs in its group, or with its name in another. */
async function alikeTo(host: Host, program: string): Promise<string[]> {
  const infos = (await call(host, answerMs, 'getAllProcessInfo')) as unknown as Info[];
  const [group, name = group] = program.split(':');
  const alike = infos.filter((info) => info.group === group || info.name === name);
  return alike.map((info) => (info.group === info.name ? info.name : `${info.group}:${info.name}`)).sort();
}

async function stopWaitMs(host: Host, program: string): Promise<number | null> {
  const all = await refused(call(host, answerMs, 'getAllConfigInfo'), 'UNKNOWN_METHOD');
  if (typeof all === 'string') return null;
  const config = (all as unknown as { group: string; name: string; stopwaitsecs?: number }[]).find(isOf(program));
  return config?.stopwaitsecs === undefined ? null : config.stopwaitsecs * 1_000;
}

async function stoppedOnPurpose(host: Host, program: string): Promise<string | null> {
  const info = await refused(call(host, answerMs, 'getProcessInfo', program), 'BAD_NAME');
  if (typeof info === 'string') return null;
  const { statename, stop } = info as unknown as Info;
  if (!['STOPPED', 'STOPPING'].includes(statename)) return null;
  return statename === 'STOPPED' && stop > 0 ? `STOPPED since ${utc(stop * 1_000)}` : statename;
}

async function stop(host: Host, program: string, withinMs: number): Promise<ProgramStatus> {
  const limitMs = await stopLimitMs(host, program, withinMs);
  const said = await refused(call(host, limitMs, 'stopProcess', program, true), 'NOT_RUNNING');
  const { value, done, waitedMs } = await until(
    limitMs,
    () => statusNow(host, program),
    ({ state }) => ['STOPPED', 'EXITED', 'FATAL'].includes(state),
  );
  if (!done)
    throw new Error(
      `${program} on ${host.machine} was told to stop ("${said}") and is ${value.state} after ${waitedMs} ms: look at its stopwaitsecs and its log`,
    );
  return value;
}

/** How long a stop is waited for. */
async function stopLimitMs(host: Host, program: string, atLeastMs: number): Promise<number> {
  return Math.max(atLeastMs, ((await stopWaitMs(host, program)) ?? unknownStopMs) + killMs);
}

/** supervisord says yes to the start of what it is stopping, and does not start it: the stop is waited for. */
async function stopEnds(host: Host, program: string): Promise<void> {
  if ((await statusNow(host, program)).state !== 'STOPPING') return;
  await until(
    await stopLimitMs(host, program, 0),
    () => statusNow(host, program),
    ({ state }) => state !== 'STOPPING',
  );
}

async function tellToStart(host: Host, program: string, waits: boolean): Promise<ToldToStart> {
  let info = await refused(call(host, tellMs, 'getProcessInfo', program), 'BAD_NAME');
  // Where its files can't be read that is not known, and it is not given up.
  if (info === 'BAD_NAME' && (await isPending(host, program))) {
    await takeUp(host, program);
    info = await call(host, tellMs, 'getProcessInfo', program);
  }
  if (info === 'BAD_NAME') return 'unknown';
  if ((info as unknown as Info).statename === 'STOPPING') {
    if (!waits) return 'stopping';
    await stopEnds(host, program);
  }
  await refused(call(host, tellMs, 'startProcess', program, false), 'ALREADY_STARTED');
  return 'told';
}

/**
 * Waits until it is RUNNING, which supervisord says once it has lived for its startsecs. Throws when it gives up (FATAL), does not stay up, or
 * the time is over.
 */
async function start(host: Host, program: string, withinMs: number): Promise<Started> {
  await stopEnds(host, program);
  const started = performance.now();
  const said = await refused(
    call(host, withinMs, 'startProcess', program, true),
    'ALREADY_STARTED',
    'SPAWN_ERROR',
    'ABNORMAL_TERMINATION',
    'BAD_NAME',
  );
  const leftMs = withinMs - (performance.now() - started);
  const { value, done } = await until(
    leftMs,
    () => statusNow(host, program),
    ({ state }) => ['RUNNING', 'FATAL', 'UNKNOWN'].includes(state),
  );
  if (!done || value.state !== 'RUNNING')
    throw new Error(
      `${program} on ${host.machine} was told to start ("${said}") and is ${value.state} after ${Math.round(performance.now() - started)} ms: look at its log ("supervisorctl tail ${program} stderr")`,
    );
  const byOthers = said === 'ALREADY_STARTED';
  // With startsecs=0 even a program that ends at once is RUNNING for a moment.
  if ((value.uptimeS ?? 0) >= 1) return { ...value, byOthers };
  await pause(300);
  const again = await statusNow(host, program);
  if (again.state !== 'RUNNING' || again.pid !== value.pid)
    throw new Error(
      `${program} on ${host.machine} started as process ${value.pid} and is ${again.state} as process ${again.pid ?? 'none'} now: look at its log ("supervisorctl tail ${program} stderr")`,
    );
  return { ...again, byOthers };
}

function statusOf(program: string, info: Info | undefined): ProgramStatus {
  if (!info) return { program, state: 'UNKNOWN', pid: null, uptimeS: null };
  const running = info.pid > 0;
  return {
    program,
    state: info.statename,
    pid: running ? info.pid : null,
    uptimeS: running ? Math.max(0, info.now - info.start) : null,
    ...(running && { since: info.start }),
  };
}

/** Its answer, or the name of its refusal when that is one of these: what the program is afterwards tells more. */
async function refused<T>(answer: Promise<T>, ...faults: string[]): Promise<T | string> {
  try {
    return await answer;
  } catch (error) {
    const fault = error instanceof Fault && faults.find((name) => error.message.startsWith(name));
    if (!fault) throw error;
    return fault;
  }
}

function byHand({ supervisorConfig }: Host, program: string): ReturnType<Runner['byHand']> {
  const command = (verb: string) => ['supervisorctl', '-c', supervisorConfig, verb, program];
  return {
    stop: command('stop'),
    start: command('start'),
    status: command('status'),
    up: 'RUNNING, one process beyond its startsecs',
  };
}
