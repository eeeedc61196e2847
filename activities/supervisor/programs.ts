// Programs under a machine's supervisord.
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import { pause } from '../context/cancellation.ts';
import { until } from '../context/polling.ts';
import type { Host } from '../context/host.ts';
import { call, Fault } from './rpc.ts';

/** supervisord says how a program is within this time, or not at all. */
const answerMs = 10_000;

/** What supervisord tells of a process; `start` and `now` in seconds. */
interface Info {
  group: string;
  name: string;
  statename: string;
  pid: number;
  start: number;
  now: number;
}

/** What supervisord says of a program: RUNNING, STARTING, BACKOFF, STOPPING, STOPPED, EXITED, FATAL, or UNKNOWN when it does not know it. Throws when supervisord does not answer. */
export async function programStatus(host: Host, program: string): Promise<ProgramStatus> {
  const info = await refused(call(host, answerMs, 'getProcessInfo', program), 'BAD_NAME');
  return statusOf(program, info === 'BAD_NAME' ? undefined : (info as unknown as Info));
}

/** The same for many, by one call. */
export async function programStatuses(host: Host, programs: string[]): Promise<ProgramStatus[]> {
  const infos = programs.length === 0 ? [] : ((await call(host, answerMs, 'getAllProcessInfo')) as unknown as Info[]);
  return programs.map((program) =>
    statusOf(
      program,
      infos.find(({ group, name }) => program === `${group}:${name}` || (program === name && group === name)),
    ),
  );
}

/** Stops a program and waits for its end; one that is stopped already is fine. */
export async function stopProgram(host: Host, program: string, withinMs: number): Promise<ProgramStatus> {
  const said = await refused(call(host, withinMs, 'stopProcess', program, true), 'NOT_RUNNING');
  const { value, done, waitedMs } = await until(
    withinMs,
    () => programStatus(host, program),
    ({ state }) => ['STOPPED', 'EXITED', 'FATAL'].includes(state),
  );
  if (!done)
    throw new Error(
      `${program} on ${host.machine} was told to stop ("${said}") and is ${value.state} after ${waitedMs} ms: look at its stopwaitsecs and its log`,
    );
  return value;
}

/**
 * Starts a program and waits until it is RUNNING, which supervisord says once it has lived for its startsecs; one that runs already is fine.
 * Throws when it gives up (FATAL), does not stay up, or the time is over.
 */
export async function startProgram(host: Host, program: string, withinMs: number): Promise<ProgramStatus> {
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
  // With startsecs=0 even a program that ends at once is RUNNING for a moment.
  if ((value.uptimeS ?? 0) >= 1) return value;
  await pause(300);
  const again = await programStatus(host, program);
  if (again.state !== 'RUNNING' || again.pid !== value.pid)
    throw new Error(
      `${program} on ${host.machine} started as process ${value.pid} and is ${again.state} as process ${again.pid ?? 'none'} now: look at its log ("supervisorctl tail ${program} stderr")`,
    );
  return again;
}

function statusOf(program: string, info: Info | undefined): ProgramStatus {
  if (!info) return { program, state: 'UNKNOWN', pid: null, uptimeS: null };
  const running = info.pid > 0;
  return {
    program,
    state: info.statename,
    pid: running ? info.pid : null,
    uptimeS: running ? Math.max(0, info.now - info.start) : null,
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
