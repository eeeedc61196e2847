// Takes the lab away: every process, mount, namespace, link, container and file that it made. Also after a crash half-way.
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { machineId } from '../plan/names.ts';
import { dockerDown } from './docker.ts';
import { checkHost } from './install.ts';
import { labMachines } from './layout.ts';
import { networkDown } from './network.ts';
import { killTree, markedProcesses } from './process.ts';
import { seconds, timed, type Report } from './report.ts';
import { cacheDirectory, labDirectory, readState, reportsDirectory, withLabLock } from './state.ts';
import { supervisorDown } from './supervisor.ts';
import { stopForward, stopTemporal } from './temporal.ts';
import { control, killWorker } from './workers.ts';

const cgroups = '/sys/fs/cgroup';

/** Removes the lab and names what it keeps. Without a lab it only says so. */
export async function labDown({ report }: { report: Report }): Promise<void> {
  await checkHost([]);
  await withLabLock(async () => {
    const began = Date.now();
    if (!existsSync(labDirectory)) report('there is no lab');
    else await takeDown(report);
    report(
      `lab down after ${seconds(Date.now() - began)}. Kept: installed packages; ${cacheDirectory} (programs and images); ${reportsDirectory} (reports)`,
    );
  });
}

/** What Docker makes outside the directories it is told to use; removed if it was not there before. */
export function strayCandidates(): string[] {
  const controllers = existsSync(cgroups)
    ? readdirSync(cgroups).map((controller) => join(cgroups, controller, 'docker'))
    : [];
  return ['/etc/docker', '/run/docker', '/run/containerd', join(cgroups, 'docker'), ...controllers];
}

async function takeDown(report: Report): Promise<void> {
  const step = timed(report);
  const state = readState();
  const names = state?.machines ?? leftDirectories();
  const machines = labMachines(names);
  if (state) {
    await step('workers', async () => {
      await Promise.all([control, ...names].map((name) => killWorker(name, 'SIGTERM')));
    });
    await step('supervisors and agents', async () => {
      await Promise.all(machines.map(supervisorDown));
    });
    await step('containers and Docker daemons', async () => {
      await Promise.all(machines.map(dockerDown));
    });
    await step('Temporal', async () => {
      await stopForward();
      await stopTemporal();
    });
  }
  // Whatever is left of a crash, even where the record of it is lost.
  await killTree(markedProcesses());
  await step('network', async (say) => {
    for (const removed of await networkDown(names.map(machineId))) say(`removed ${removed}`);
  });
  await step('mounts and files', async () => {
    await unmountAll();
    rmSync(labDirectory, { recursive: true, force: true });
    for (const path of state?.strays ?? []) removeStray(path);
  });
}

/** Everything mounted below the lab's directory, the innermost first. */
async function unmountAll(): Promise<void> {
  const mounts = mountsBelow(readFileSync('/proc/self/mountinfo', 'utf8'), labDirectory);
  for (const mount of mounts) await execa('umount', ['--no-mtab', '--lazy', mount], { timeout: 10_000 });
}

/** Mount points below a directory in a mountinfo text, in the order in which they can be unmounted. */
export function mountsBelow(mountinfo: string, directory: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, (_, octal: string) =>
        String.fromCharCode(parseInt(octal, 8)),
      ),
    )
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .reverse();
}

function removeStray(path: string): void {
  if (path.startsWith(cgroups)) removeCgroup(path);
  else rmSync(path, { recursive: true, force: true });
}

/** A cgroup goes by rmdir, children first, and only when no process is in it any more. */
function removeCgroup(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  try {
    rmdirSync(path);
  } catch (error) {
    if (!['EBUSY', 'ENOTEMPTY', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** The machines of a lab whose state file is gone. */
function leftDirectories(): string[] {
  const directory = join(labDirectory, 'machines');
  return existsSync(directory) ? readdirSync(directory) : [];
}
