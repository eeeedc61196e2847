// A stopped, killed or paused container as a fault: a process of its own, outside of the worker's cgroup, lets it run again at the limit.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ContainerFault } from '../../plan/week/undo.ts';
import { cancelled, within } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { seconds } from '../docker/container-spec.ts';
import { inspect } from '../docker/container.ts';
import { answerMs, engine, socketOf, nullOn } from '../docker/engine.ts';
import { isAlive, kill, processId, type ProcessId } from '../host/process.ts';

/** Of Node, and of Docker's first answer. */
const readyMs = 10_000;

/** Makes sure that a lifter waits: before the fault, so that no crash leaves it in force. Gives `known` when that one lives. */
export async function begin(host: Host, fault: ContainerFault, limitMs: number, known?: ProcessId): Promise<ProcessId> {
  return known && isAlive(known) ? known : startLifter(socketOf(host), fault, limitMs);
}

export async function disturb(host: Host, fault: ContainerFault): Promise<void> {
  const container = host.docker.getContainer(fault.container);
  if (await disturbed(host, fault)) return;
  switch (fault.kind) {
    case 'container-stop':
      return engine(
        host,
        `stop ${fault.container}`,
        (abortSignal) => container.stop({ t: seconds(fault.stopGraceMs), abortSignal }),
        fault.stopGraceMs + answerMs,
      );
    case 'container-kill':
      return engine(host, `kill ${fault.container}`, (abortSignal) =>
        container.kill({ signal: 'SIGKILL', abortSignal }),
      );
    case 'container-pause':
      return engine(host, `pause ${fault.container}`, (abortSignal) => container.pause({ abortSignal }));
  }
}

/** Ends the lifter and lets the container run; false when there was neither to do. */
export async function restore(
  host: Host,
  fault: ContainerFault,
  lifter: ProcessId | undefined,
  removed: string[],
): Promise<boolean> {
  const waiting = lifter !== undefined && isAlive(lifter);
  if (lifter) kill(lifter);
  const { container: name } = fault;
  if (removed.includes(name) || !(await disturbed(host, fault))) return waiting;
  const action = liftOf(fault);
  await nullOn(
    [304, 404],
    engine(host, `${action} ${name}`, (abortSignal) => host.docker.getContainer(name)[action]({ abortSignal })),
  );
  return true;
}

export async function disturbed(host: Host, fault: ContainerFault): Promise<boolean> {
  const state = (await inspect(host, fault.container))?.State;
  return state !== undefined && (fault.kind === 'container-pause' ? state.Paused : !state.Running);
}

function liftOf({ kind }: ContainerFault): 'start' | 'unpause' {
  return kind === 'container-pause' ? 'unpause' : 'start';
}

async function startLifter(socket: string, fault: ContainerFault, limitMs: number): Promise<ProcessId> {
  const self = fileURLToPath(import.meta.url);
  // From sources, in development, Node needs help with TypeScript.
  const node = [process.execPath, ...(self.endsWith('.ts') ? ['--import', 'tsx'] : [])];
  const lifter = [
    ...node,
    self.replace(/container(\.[jt]s)$/, 'lifter$1'),
    socket,
    fault.container,
    liftOf(fault),
    String(limitMs),
  ];
  const systemd = existsSync('/run/systemd/system');
  // A scope runs the program in its place, under the same pid and in a cgroup of its own.
  const [program = '', ...args] = systemd ? ['systemd-run', '--scope', '--collect', '--quiet', ...lifter] : lifter;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: dirname(self),
    env: { PATH: process.env['PATH'] },
  });
  const why = await whyNotReady(child);
  if (why) {
    child.kill('SIGKILL');
    cancelled().throwIfAborted();
    throw new Error(`Nothing was disturbed: what lifts the fault of ${fault.container} does not run (${why})`);
  }
  child.unref();
  const started = processId(child.pid as number);
  if (!systemd) await leaveCgroup(started.pid);
  return started;
}

/** Until it says that it waits. A program that was started may still have failed: gone code, no systemd, no right to Docker's socket. */
async function whyNotReady(child: ChildProcessByStdio<null, Readable, Readable>): Promise<string | undefined> {
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => (told += bytes.toString()));
  try {
    return await new Promise<string | undefined>((resolve) => {
      child.stdout.once('data', () => resolve(undefined));
      child.once('error', ({ message }) => resolve(message));
      child.once('close', (code, signal) =>
        resolve(
          `it ended with ${code ?? signal}: ${told.split('\n').find((line) => line.includes('Error')) ?? told.trim()}`,
        ),
      );
      within(readyMs).addEventListener('abort', () => resolve(`it is not ready within ${readyMs / 1000} s`));
    });
  } finally {
    // Nothing ties it to us any more.
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/**
 * Moves a process to the root of the hierarchies by which service managers end what belongs to a service; limits, such as
 * memory in cgroup v1, stay as they are. Where we may not, it shares the worker's fate.
 */
async function leaveCgroup(pid: number): Promise<void> {
  const root = '/sys/fs/cgroup';
  const hierarchies = existsSync(join(root, 'cgroup.procs'))
    ? [root]
    : ['unified', 'systemd', 'freezer', 'pids'].map((name) => join(root, name));
  await Promise.allSettled(
    hierarchies.map((hierarchy) => writeFile(join(hierarchy, 'cgroup.procs'), String(pid), { flag: 'r+' })),
  );
}
