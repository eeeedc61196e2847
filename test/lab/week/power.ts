// A power cut of a lab machine: every process of it is killed at once, and what lives in memory only is gone; and its boot.
import { readdirSync, readlinkSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { loadPlan } from '../../../client/plan-file.ts';
import { mountsBelow } from '../../../lab/clean.ts';
import { dockerUp } from '../../../lab/docker.ts';
import { startWorker } from '../../../lab/lab.ts';
import { labMachines, type LabMachine } from '../../../lab/layout.ts';
import { agentsOn } from '../../../lab/phase1.ts';
import { killTree } from '../../../lab/process.ts';
import { supervisorUp } from '../../../lab/supervisor.ts';

/** Worker, daemons, containers, supervisord and agents of a machine, by its name; back after `downMs`. */
export async function powerCut(name: string, downMs: number): Promise<void> {
  const { plan } = loadPlan({});
  const machine = labMachines(plan.machines.map((one) => one.name)).find((one) => one.name === name)!;
  await killTree(processesIn(machine));
  const off = setTimeout(downMs);
  await forget(machine);
  await off;
  await dockerUp(machine);
  await supervisorUp(machine, agentsOn(plan, machine));
  await startWorker(name);
}

/** By its network, which all but the containers share: these are children of one that does. */
function processesIn({ id }: LabMachine): number[] {
  const network = `net:[${statSync(`/var/run/netns/${id}`).ino}]`;
  const isIn = (pid: string) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/net`) === network;
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && isIn(entry))
    .map(Number);
}

/** Docker's mounts and what it has in /run. */
async function forget({ directory }: LabMachine): Promise<void> {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const own = [join(directory, 'docker'), join(directory, 'run')];
  for (const mount of own.flatMap((below) => mountsBelow(mounts, below)))
    if (!own.includes(mount)) await execa('umount', ['--no-mtab', '--lazy', mount], { timeout: 10_000, reject: false });
  rmSync(join(directory, 'run'), { recursive: true, force: true });
}
