// The lab's workers: one on each machine, in its network and with its names, and the control worker on the host.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { controlQueueOf, machineId, machineQueue } from '../plan/names.ts';
import { controlLog, entering, labMachines, type LabMachine } from './layout.ts';
import { endProcess, startDetached, waitUntil, type ProcessRecord } from './process.ts';
import {
  forgetProcess,
  labPlanFile,
  liveProcess,
  projectDirectory,
  readState,
  rememberProcess,
  reportsDirectory,
} from './state.ts';
import { isPolled, machinesAddress, existingServer, ownAddress } from './temporal.ts';

export const control = 'control';

/** Starts the worker of a machine, by its name, or the control worker; one that runs is left alone. */
export async function startWorker(name: string): Promise<ProcessRecord> {
  const key = processKey(name);
  const running = liveProcess(key);
  if (running) return running;
  const started = name === control ? await startControl() : await startMachine(machineNamed(name));
  rememberProcess(key, started);
  return started;
}

/** Ends a worker and waits for its end. SIGKILL is for tests. */
export async function killWorker(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const running = liveProcess(processKey(name));
  if (running) await endProcess(running, signal, 15_000);
  forgetProcess(processKey(name));
}

/** Waits until the server hears from every worker. `since` is when they were started, in ms since 1970. */
export async function awaitWorkers(names: string[], since: number): Promise<void> {
  const { site } = parse(readFileSync(labPlanFile, 'utf8')) as { site?: string };
  for (const name of names) {
    const queue = name === control ? controlQueueOf(site) : machineQueue(name, site);
    const key = processKey(name);
    await waitUntil(
      async () => !liveProcess(key) || (await isPolled(queue, name === control ? 'workflow' : 'activity', since)),
      30_000,
      250,
    );
    if (!liveProcess(key)) throw new Error(`The worker ${name} ended: look at ${workerLog(name)}`);
    if (!(await isPolled(queue, name === control ? 'workflow' : 'activity', since)))
      throw new Error(
        `Temporal has not heard from the worker ${name} on ${queue} after 30 s: look at ${workerLog(name)}`,
      );
  }
}

export function workerLog(name: string): string {
  return name === control ? controlLog : machineNamed(name).workerLog;
}

export function processKey(name: string): string {
  return name === control ? control : `worker:${machineId(name)}`;
}

async function startMachine(machine: LabMachine): Promise<ProcessRecord> {
  const [program, args] = entering(machine, process.execPath, commandLine('--machine', machine.name));
  return startDetached(program, args, { log: machine.workerLog, env: { TEMPORAL_ADDRESS: machinesAddress } });
}

async function startControl(): Promise<ProcessRecord> {
  // It alone tells people, and has the secrets for that.
  return startDetached(process.execPath, commandLine('--control'), {
    log: controlLog,
    env: controlEnvironment(process.env),
  });
}

/** What is set to nothing is not set. */
export function controlEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...environment,
    HUBSHIFT_REPORTS: environment.HUBSHIFT_REPORTS || reportsDirectory,
    TEMPORAL_ADDRESS: existingServer() ?? ownAddress,
  };
}

/** The one place that knows how a worker is called. */
function commandLine(...which: string[]): string[] {
  return [join(projectDirectory, 'dist/client/hubshift.js'), 'worker', ...which, '--plan', labPlanFile];
}

function machineNamed(name: string): LabMachine {
  const machines = labMachines(readState()?.machines ?? []);
  const found = machines.find((machine) => machine.name === name);
  if (!found)
    throw new Error(
      `The lab has no machine ${name}; it has ${machines.map((machine) => machine.name).join(', ') || 'none: it is down'}`,
    );
  return found;
}
