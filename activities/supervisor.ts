// Programs under a machine's supervisord, by supervisorctl.
import { execa } from 'execa';
import type { ProgramStatus } from '../plan/machine-api.ts';
import { cancelled, pause, until, within, type At } from './at.ts';

/** supervisorctl itself answers within this time, or not at all. */
const answerMs = 10_000;

/** What supervisord says of a program: RUNNING, STARTING, BACKOFF, STOPPING, STOPPED, EXITED, FATAL, or UNKNOWN when it does not know it. Throws when supervisord does not answer. */
export async function programStatus(here: At, program: string): Promise<ProgramStatus> {
  const said = await supervisorctl(here, answerMs, 'status', program);
  const status = parseStatus(said, program);
  if (status) return status;
  if (said.includes('no such process')) return { program, state: 'UNKNOWN', pid: null, uptimeS: null };
  throw new Error(`supervisorctl on ${here.machine} was asked for the status of ${program} and said "${said}": is supervisord running with ${here.supervisorConfig}, and may this user use its socket?`);
}

/** The same for many, by one call: supervisorctl is a slow process to start. */
export async function programStatuses(here: At, programs: string[]): Promise<ProgramStatus[]> {
  const said = programs.length === 0 ? '' : await supervisorctl(here, answerMs, 'status', ...programs);
  return programs.map((program) => parseStatus(said, program) ?? { program, state: 'UNKNOWN', pid: null, uptimeS: null });
}

/** Stops a program and waits for its end; one that is stopped already is fine. */
export async function stopProgram(here: At, program: string, withinMs: number): Promise<ProgramStatus> {
  const said = await supervisorctl(here, withinMs, 'stop', program);
  // It says so when the process has ended; each further question costs a process of its own.
  if (/: stopped$/m.test(said)) return { program, state: 'STOPPED', pid: null, uptimeS: null };
  const { value, done, waitedMs } = await until(withinMs, () => programStatus(here, program), ({ state }) => ['STOPPED', 'EXITED', 'FATAL'].includes(state));
  if (!done) throw new Error(`${program} on ${here.machine} was told to stop ("${said}") and is ${value.state} after ${waitedMs} ms: look at its stopwaitsecs and its log`);
  return value;
}

/** Starts a program where nobody asks for its process: supervisord says "started" once it has lived for its startsecs. Throws as startProgram does. */
export async function startAgain(here: At, program: string, withinMs: number): Promise<void> {
  const said = await supervisorctl(here, withinMs, 'start', program);
  if (!/: started$/m.test(said)) await startProgram(here, program, withinMs);
}

/**
 * Starts a program and waits until it is RUNNING, which supervisord says once it has lived for its startsecs; one that runs already is fine.
 * Throws when it gives up (FATAL), does not stay up, or the time is over.
 */
export async function startProgram(here: At, program: string, withinMs: number): Promise<ProgramStatus> {
  const started = performance.now();
  const said = await supervisorctl(here, withinMs, 'start', program);
  const leftMs = withinMs - (performance.now() - started);
  const { value, done } = await until(leftMs, () => programStatus(here, program), ({ state }) => ['RUNNING', 'FATAL', 'UNKNOWN'].includes(state));
  if (!done || value.state !== 'RUNNING') throw new Error(`${program} on ${here.machine} was told to start ("${said}") and is ${value.state} after ${Math.round(performance.now() - started)} ms: look at its log ("supervisorctl tail ${program} stderr")`);
  // With startsecs=0 even a program that ends at once is RUNNING for a moment.
  if ((value.uptimeS ?? 0) >= 1) return value;
  await pause(300);
  const again = await programStatus(here, program);
  if (again.state !== 'RUNNING' || again.pid !== value.pid) throw new Error(`${program} on ${here.machine} started as process ${value.pid} and is ${again.state} as process ${again.pid ?? 'none'} now: look at its log ("supervisorctl tail ${program} stderr")`);
  return again;
}

/** One line of "supervisorctl status": "name  RUNNING   pid 12, uptime 1 day, 2:03:04". Null when the program is not there. */
export function parseStatus(text: string, program: string): ProgramStatus | null {
  const line = text.split('\n').find((candidate) => candidate.split(/\s+/)[0] === program);
  const [, state] = /^\S+\s+(STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN)\b/.exec(line ?? '') ?? [];
  if (!state) return null;
  const [, pid, days, hours, minutes, seconds] = /pid (\d+), uptime (?:(\d+) days?, )?(\d+):(\d+):(\d+)/.exec(line ?? '') ?? [];
  const uptimeS = pid ? ((Number(days ?? 0) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds) : null;
  return { program, state, pid: pid ? Number(pid) : null, uptimeS };
}

/** What it printed. It exits above zero for programs that don't run, so the exit code says nothing. */
async function supervisorctl(here: At, limitMs: number, ...action: string[]): Promise<string> {
  const limit = within(limitMs);
  const { all, isCanceled, failed, exitCode, shortMessage } = await execa('supervisorctl', ['-c', here.supervisorConfig, ...action], { all: true, reject: false, cancelSignal: limit, stdin: 'ignore' });
  cancelled().throwIfAborted();
  if (isCanceled) throw new Error(`supervisorctl ${action.join(' ')} on ${here.machine} did not answer within ${limitMs / 1000} s: is supervisord running with ${here.supervisorConfig}?`);
  if (failed && exitCode === undefined) throw new Error(`supervisorctl can't be run on ${here.machine}: ${shortMessage}. Install supervisor`);
  return all;
}
