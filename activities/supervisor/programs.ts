// Programs under a machine's supervisord.
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import { utc } from '../../plan/schema/duration.ts';
import { pause } from '../context/cancellation.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { changedAt } from '../files/paths.ts';
import { startedAt } from '../host/proc.ts';
import { call, Fault } from './rpc.ts';

/** supervisord says how a program is within this time, or not at all. */
const answerMs = 10_000;
/** What is only told is told within this time. */
const tellMs = 2_000;
/** On top of the time that supervisord gives a program for its end before it kills it. */
const killMs = 5_000;
/** As long a stop is waited for where supervisord does not tell that time: it says STOPPING all the while. */
const unknownStopMs = 5 * 60_000;
/** A process start is known in steps of a hundredth of a second, and so is the time of a file on some kernels. */
const clockStepMs = 20;

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

/** What supervisord says of a program: RUNNING, STARTING, BACKOFF, STOPPING, STOPPED, EXITED, FATAL, or UNKNOWN when it does not know it. Throws when supervisord does not answer. */
export async function programStatus(host: Host, program: string): Promise<ProgramStatus> {
  const info = await refused(call(host, answerMs, 'getProcessInfo', program), 'BAD_NAME');
  return statusOf(program, info === 'BAD_NAME' ? undefined : (info as unknown as Info));
}

/** The same for many, by one call. */
export async function programStatuses(host: Host, programs: string[], limitMs = answerMs): Promise<ProgramStatus[]> {
  const infos = programs.length === 0 ? [] : ((await call(host, limitMs, 'getAllProcessInfo')) as unknown as Info[]);
  return programs.map((program) => statusOf(program, infos.find(isOf(program))));
}

const isOf =
  (program: string) =>
  ({ group, name }: { group: string; name: string }) =>
    program === `${group}:${name}` || (program === name && group === name);

/** Of a program that supervisord does not know: by which names it has programs that may be meant, in its group or with its name in another. */
export async function alikeTo(host: Host, program: string): Promise<string[]> {
  const infos = (await call(host, answerMs, 'getAllProcessInfo')) as unknown as Info[];
  const [group, name = group] = program.split(':');
  const alike = infos.filter((info) => info.group === group || info.name === name);
  return alike.map((info) => (info.group === info.name ? info.name : `${info.group}:${info.name}`)).sort();
}

/** The time that a program has for its end before supervisord kills it (stopwaitsecs); null when supervisord does not tell. */
export async function stopWaitMs(host: Host, program: string): Promise<number | null> {
  const all = await refused(call(host, answerMs, 'getAllConfigInfo'), 'UNKNOWN_METHOD');
  if (typeof all === 'string') return null;
  const config = (all as unknown as { group: string; name: string; stopwaitsecs?: number }[]).find(isOf(program));
  return config?.stopwaitsecs === undefined ? null : config.stopwaitsecs * 1_000;
}

/** When the process of a program was started, in Unix milliseconds; null when it is not RUNNING. */
export async function runningSince(host: Host, program: string): Promise<number | null> {
  const info = await refused(call(host, answerMs, 'getProcessInfo', program), 'BAD_NAME');
  if (typeof info === 'string') return null;
  const { statename, pid, start } = info as unknown as Info;
  if (statename !== 'RUNNING') return null;
  // supervisord tells whole seconds, by the clock of then; the kernel tells where in that second.
  const exactMs = await startedAt(pid).catch(() => 0);
  return Math.min(Math.max(exactMs, start * 1_000), start * 1_000 + 999);
}

/** That somebody told a program to stop, for people: "STOPPED since …"; null where it runs, or has ended by itself. */
export async function stoppedOnPurpose(host: Host, program: string): Promise<string | null> {
  const info = await refused(call(host, answerMs, 'getProcessInfo', program), 'BAD_NAME');
  if (typeof info === 'string') return null;
  const { statename, stop } = info as unknown as Info;
  if (!['STOPPED', 'STOPPING'].includes(statename)) return null;
  return statename === 'STOPPED' && stop > 0 ? `STOPPED since ${utc(stop * 1_000)}` : statename;
}

/** Whether a program runs and has been started since this file is what it is: then it runs what is on the disk. Whoever only touched the file since has it started again. */
export async function runsWhatIs(host: Host, program: string, file: string): Promise<boolean> {
  const [since, changedMs] = [await runningSince(host, program), await changedAt(file, host.files)];
  return since !== null && changedMs !== null && since + clockStepMs >= changedMs;
}

/** Stops a program and waits for its end, as long as supervisord itself does; one that is stopped already is fine. */
export async function stopProgram(host: Host, program: string, withinMs: number): Promise<ProgramStatus> {
  const limitMs = await stopLimitMs(host, program, withinMs);
  const said = await refused(call(host, limitMs, 'stopProcess', program, true), 'NOT_RUNNING');
  const { value, done, waitedMs } = await until(
    limitMs,
    () => programStatus(host, program),
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
  if ((await programStatus(host, program)).state !== 'STOPPING') return;
  await until(
    await stopLimitMs(host, program, 0),
    () => programStatus(host, program),
    ({ state }) => state !== 'STOPPING',
  );
}

/** Tells supervisord to start a program, and does not wait for it. One that is being stopped is not told, unless its end is waited for (`waits`). */
export async function tellToStart(
  host: Host,
  program: string,
  waits: boolean,
): Promise<'told' | 'stopping' | 'unknown'> {
  const info = await refused(call(host, tellMs, 'getProcessInfo', program), 'BAD_NAME');
  if (info === 'BAD_NAME') return 'unknown';
  if ((info as unknown as Info).statename === 'STOPPING') {
    if (!waits) return 'stopping';
    await stopEnds(host, program);
  }
  await refused(call(host, tellMs, 'startProcess', program, false), 'ALREADY_STARTED');
  return 'told';
}

export interface Started extends ProgramStatus {
  /** Somebody else had started it, and when is not known. */
  byOthers: boolean;
}

/**
 * Starts a program and waits until it is RUNNING, which supervisord says once it has lived for its startsecs; one that runs already is fine.
 * Throws when it gives up (FATAL), does not stay up, or the time is over.
 */
export async function startProgram(host: Host, program: string, withinMs: number): Promise<Started> {
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
    () => programStatus(host, program),
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
  const again = await programStatus(host, program);
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
