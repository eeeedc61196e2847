// What the lab looks like now, asked of its parts rather than remembered.
import { isConnected } from './network.ts';
import { answers } from './docker.ts';
import { labMachines } from './layout.ts';
import type { ProcessRecord } from './process.ts';
import { liveProcess, readState } from './state.ts';
import { supervisorAnswers } from './supervisor.ts';
import { existingServer, machinesAddress, ownAddress, temporalAnswers, temporalDatabase, webUi } from './temporal.ts';
import { control, processKey, workerLog } from './workers.ts';

/** The output of `hubshift lab status --json`. A pid is null when the process does not run. */
export interface LabStatus {
  /** Everything runs and answers. */
  ready: boolean;
  /** What does not, in words. */
  missing: string[];
  /** The plan the lab was brought up for; null when there is no lab. */
  planFile: string | null;
  machines: {
    name: string;
    address: string;
    namespace: string;
    dockerSocket: string;
    supervisorConfig: string;
    root: string;
    state: string;
    dockerdPid: number | null;
    supervisordPid: number | null;
    worker: { pid: number | null; log: string };
  }[];
  control: { pid: number | null; log: string } | null;
  /** `machinesAddress` is how the lab machines reach it. `webUi` and `database` are null for a server that is not the lab's. */
  temporal: {
    address: string;
    machinesAddress: string;
    webUi: string | null;
    pid: number | null;
    database: string | null;
  };
}

export async function labStatus(): Promise<LabStatus> {
  const state = readState();
  const machines = labMachines(state?.machines ?? []);
  const existing = existingServer();
  const temporal = existing
    ? { address: existing, machinesAddress, webUi: null, pid: null, database: null }
    : { address: ownAddress, machinesAddress, webUi, pid: pidOf(liveProcess('temporal')), database: temporalDatabase };
  const found = machines.map((machine) => ({
    name: machine.name,
    address: machine.address,
    namespace: machine.id,
    dockerSocket: machine.dockerSocket,
    supervisorConfig: machine.supervisorConfig,
    root: machine.root,
    state: machine.state,
    dockerdPid: pidOf(liveProcess(`dockerd:${machine.id}`)),
    supervisordPid: pidOf(liveProcess(`supervisord:${machine.id}`)),
    worker: { pid: pidOf(liveProcess(processKey(machine.name))), log: workerLog(machine.name) },
  }));
  const parts: [part: string, well: boolean | Promise<boolean>][] = [
    [`Temporal on ${temporal.address}`, temporalAnswers()],
    [`Temporal on ${machinesAddress}`, temporalAnswers(machinesAddress)],
    ['the control worker', isRunning(control)],
    ...machines.flatMap((machine): [string, boolean | Promise<boolean>][] => [
      [`the network of ${machine.name}`, isConnected(machine)],
      [`Docker of ${machine.name}`, answers(machine)],
      [`supervisord of ${machine.name}`, supervisorAnswers(machine)],
      [`the worker of ${machine.name}`, isRunning(processKey(machine.name))],
    ]),
  ];
  const missing = state
    ? (await Promise.all(parts.map(async ([part, well]) => ((await well) ? [] : [part])))).flat()
    : ['the lab'];
  return {
    ready: missing.length === 0,
    missing,
    planFile: state?.planFile ?? null,
    machines: found,
    control: state ? { pid: pidOf(liveProcess(control)), log: workerLog(control) } : null,
    temporal,
  };
}

function isRunning(name: string): boolean {
  return liveProcess(name) !== undefined;
}

function pidOf(found: ProcessRecord | undefined): number | null {
  return found?.pid ?? null;
}
