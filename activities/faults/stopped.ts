// A stopped container as a fault: a process of its own, outside of the worker's cgroup, starts it again at the limit.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fault } from '../../plan/undo.ts';
import type { At } from '../at.ts';
import { seconds } from '../container-spec.ts';
import { inspect } from '../docker.ts';
import { answerMs, engine, socketOf, unless } from '../engine.ts';
import { isAlive, kill, processId, type ProcessId } from '../process.ts';

/** Makes sure that a lifter waits: before the stop, so that no crash leaves the container stopped. Gives `known` when that one lives. */
export async function begin(here: At, container: string, limitMs: number, known?: ProcessId): Promise<ProcessId> {
  return known && isAlive(known) ? known : startLifter(socketOf(here), container, limitMs);
}

export async function stop(here: At, { container, stopGraceMs }: Extract<Fault, { kind: 'container-stop' }>): Promise<void> {
  const stopping = engine(here, `stop ${container}`, (abortSignal) => here.docker.getContainer(container).stop({ t: seconds(stopGraceMs), abortSignal }), stopGraceMs + answerMs);
  // 304: it is stopped already.
  await unless([304], stopping);
}

/** Ends the lifter and starts the container; false when there was neither to do. */
export async function restart(here: At, container: string, lifter: ProcessId | undefined, removed: string[]): Promise<boolean> {
  const waiting = lifter !== undefined && isAlive(lifter);
  if (lifter) kill(lifter);
  if (removed.includes(container) || !(await stopped(here, container))) return waiting;
  await unless([304, 404], engine(here, `start ${container}`, (abortSignal) => here.docker.getContainer(container).start({ abortSignal })));
  return true;
}

export async function stopped(here: At, container: string): Promise<boolean> {
  const found = await inspect(here, container);
  return found !== null && !found.State.Running;
}

async function startLifter(socket: string, container: string, limitMs: number): Promise<ProcessId> {
  const here = fileURLToPath(import.meta.url);
  // From sources, in development, Node needs help with TypeScript.
  const node = [process.execPath, ...(here.endsWith('.ts') ? ['--import', 'tsx'] : [])];
  const lifter = [...node, here.replace(/stopped(\.[jt]s)$/, 'lifter$1'), socket, container, String(limitMs)];
  const systemd = existsSync('/run/systemd/system');
  // A scope runs the program in its place, under the same pid and in a cgroup of its own.
  const [program = '', ...args] = systemd ? ['systemd-run', '--scope', '--collect', '--quiet', ...lifter] : lifter;
  const child = spawn(program, args, { detached: true, stdio: 'ignore', cwd: dirname(here), env: { PATH: process.env['PATH'] } });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  const started = processId(child.pid as number);
  if (!systemd) await leaveCgroup(started.pid);
  return started;
}

/**
 * Moves a process to the root of the hierarchies by which service managers end what belongs to a service; limits, such as
 * memory in cgroup v1, stay as they are. Where we may not, it shares the worker's fate.
 */
async function leaveCgroup(pid: number): Promise<void> {
  const root = '/sys/fs/cgroup';
  const hierarchies = existsSync(join(root, 'cgroup.procs')) ? [root] : ['unified', 'systemd', 'freezer', 'pids'].map((name) => join(root, name));
  await Promise.allSettled(hierarchies.map((hierarchy) => writeFile(join(hierarchy, 'cgroup.procs'), String(pid), { flag: 'r+' })));
}
