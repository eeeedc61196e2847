// The lab's memory: where everything lies and which processes it started.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isAlive, thisProcess, type ProcessRecord } from './process.ts';

/** Everything that `lab down` removes lies under this directory. */
export const labDirectory = '/var/lib/hubshift-lab';
export const labPlanFile = join(labDirectory, 'plan.yaml');
export const hostsFile = join(labDirectory, 'hosts');
/** Downloads and builds, kept by `lab down`. */
export const cacheDirectory = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hubshift');
/** The checkout, whether this file runs from lab/ or from dist/lab/. */
export const projectDirectory = findProject(import.meta.dirname);
/** Reports of the lab's weeks: they stay when the lab goes. */
export const reportsDirectory = join(projectDirectory, 'reports');

const stateFile = join(labDirectory, 'state.json');
const lockFile = `${labDirectory}.lock`;

export interface LabState {
  /** The plan that the lab was brought up for, as it was given. */
  planFile: string;
  /** Digest of the part of the plan that the lab is built from. */
  builtFrom: string;
  /** The machines' names, in the order of the plan. */
  machines: string[];
  /** Directories outside the lab's own that its Docker daemons make; they were not there before. */
  strays: string[];
  /** By name: temporal, forward, control, dockerd:ID, supervisord:ID, worker:ID. */
  processes: Record<string, ProcessRecord>;
}

/** Undefined when there is no lab. */
export function readState(): LabState | undefined {
  return existsSync(stateFile) ? (JSON.parse(readFileSync(stateFile, 'utf8')) as LabState) : undefined;
}

export function writeState(state: LabState): void {
  mkdirSync(labDirectory, { recursive: true });
  writeFileSync(`${stateFile}.new`, JSON.stringify(state, null, 2));
  renameSync(`${stateFile}.new`, stateFile);
}

/** The recorded process of this name, if it still lives. */
export function liveProcess(name: string): ProcessRecord | undefined {
  const found = readState()?.processes[name];
  return found && isAlive(found) ? found : undefined;
}

export function rememberProcess(name: string, started: ProcessRecord): void {
  const state = readState();
  if (!state) throw new Error(`There is no lab to record ${name} in: run "hubshift lab up" first`);
  writeState({ ...state, processes: { ...state.processes, [name]: started } });
}

export function forgetProcess(name: string): void {
  const state = readState();
  if (!state) return;
  const { [name]: _gone, ...processes } = state.processes;
  writeState({ ...state, processes });
}

/** Runs one lab command at a time on this host; a lock whose holder has died is taken over. */
export async function withLabLock<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(lockFile), { recursive: true });
  if (existsSync(lockFile)) {
    const holder = JSON.parse(readFileSync(lockFile, 'utf8') || 'null') as ProcessRecord | null;
    if (holder && isAlive(holder))
      throw new Error(`Another lab command is at work (pid ${holder.pid}): wait for it to end`);
    rmSync(lockFile, { force: true });
  }
  writeFileSync(lockFile, JSON.stringify(thisProcess()), { flag: 'wx' });
  try {
    return await work();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function findProject(from: string): string {
  for (let at = from; at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
  }
  throw new Error(`No package.json above ${from}: the lab must run from a checkout of the project`);
}
