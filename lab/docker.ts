// A Docker daemon for each lab machine, and a short-lived one on the host for pulling images.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import type { LabMachine } from './layout.ts';
import { endProcess, isAlive, processName, startDetached, waitUntil, type ProcessRecord } from './process.ts';
import { forgetProcess, liveProcess, rememberProcess } from './state.ts';

export function dockerOf(machine: { dockerSocket: string }): Docker {
  return new Docker({ socketPath: machine.dockerSocket, timeout: 30_000 });
}

/** Starts the machine's daemon if it does not run, and waits until it answers. */
export async function dockerUp(machine: LabMachine): Promise<void> {
  const name = `dockerd:${machine.id}`;
  const running = liveProcess(name);
  if (running && (await answers(machine))) return;
  // Not "ip netns exec": it remounts /sys, and the daemon then misses its device cgroup.
  const log = join(machine.directory, 'dockerd.log');
  const started =
    running ??
    (await startDaemon(
      machine.directory,
      machine.dockerSocket,
      log,
      ['--bip', machine.dockerBridge],
      [`--net=/var/run/netns/${machine.id}`],
    ));
  rememberProcess(name, started);
  await untilReady(machine, started, log);
}

/** Removes every container, then ends the daemon. */
export async function dockerDown(machine: LabMachine): Promise<void> {
  const name = `dockerd:${machine.id}`;
  const running = liveProcess(name);
  if (!running) return;
  if (await answers(machine)) {
    const docker = dockerOf(machine);
    const containers = await docker.listContainers({ all: true });
    await Promise.allSettled(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  }
  await endProcess(running, 'SIGTERM', 20_000);
  forgetProcess(name);
}

/** Runs a daemon on the host's own network for as long as the work takes; its data is removed. */
export async function withHostDocker<T>(directory: string, work: (docker: Docker) => Promise<T>): Promise<T> {
  const socket = join(directory, 'docker.sock');
  const log = join(directory, 'dockerd.log');
  const started = await startDaemon(directory, socket, log, ['--bridge', 'none', '--iptables=false'], []);
  try {
    await untilReady({ name: 'this host', dockerSocket: socket }, started, log);
    return await work(dockerOf({ dockerSocket: socket }));
  } finally {
    await endProcess(started, 'SIGTERM', 20_000);
    rmSync(directory, { recursive: true, force: true });
  }
}

export async function answers(machine: { dockerSocket: string }): Promise<boolean> {
  if (!existsSync(machine.dockerSocket)) return false;
  return new Docker({ socketPath: machine.dockerSocket, timeout: 5_000 }).ping().then(
    () => true,
    () => false,
  );
}

async function startDaemon(
  directory: string,
  socket: string,
  log: string,
  options: string[],
  namespace: string[],
): Promise<ProcessRecord> {
  mkdirSync(directory, { recursive: true });
  const pidFile = join(directory, 'docker.pid');
  // Pid files of dead daemons mislead a new one when the pid is in use again. A containerd that lives is taken over.
  rmSync(pidFile, { force: true });
  const containerdFile = join(directory, 'run/containerd/containerd.pid');
  if (existsSync(containerdFile) && processName(Number(readFileSync(containerdFile, 'utf8'))) !== 'containerd')
    rmSync(containerdFile);
  const daemon = [
    '--data-root',
    join(directory, 'docker'),
    '--exec-root',
    join(directory, 'run'),
    '--pidfile',
    pidFile,
    '--host',
    `unix://${socket}`,
    '--log-level',
    'warn',
    ...options,
  ];
  return startDetached('nsenter', [...namespace, 'dockerd', ...daemon], { log });
}

async function untilReady(
  machine: { name: string; dockerSocket: string },
  started: ProcessRecord,
  log: string,
): Promise<void> {
  await waitUntil(async () => !isAlive(started) || (await answers(machine)), 60_000, 100);
  if (isAlive(started) && (await answers(machine))) return;
  const last = readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n');
  throw new Error(
    `The Docker daemon of ${machine.name} ${isAlive(started) ? 'does not answer after 60 s' : 'ended'}. Its log ${log} ends with:\n${last}`,
  );
}
