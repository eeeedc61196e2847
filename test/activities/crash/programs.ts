// In place of supervisord: one agent, which reads its configuration when it starts. Tests put it there with vi.mock.
import { setTimeout } from 'node:timers/promises';
import type { ProgramStatus } from '../../../plan/machine-api/agents.ts';
import type { Host } from '../../../activities/context/host.ts';
import { readIfThere } from '../../../activities/files/disk.ts';
import type { Started } from '../../../activities/programs/runner.ts';

export const config = '/code/agent.yaml';

/** What it read when it started; null while it is stopped. */
let runs: string | null = null;
let since = 0;
let tell: (runs: string | null) => void = () => undefined;

export const agent = {
  /** As with the machine, or the worker's death: it goes on with what it had read. */
  runs: () => runs,
  goesOn(as: string | null, told: typeof tell = () => undefined) {
    [runs, tell, since] = [as, told, 0];
  },
};

export async function programStatus(_host: Host, program: string): Promise<ProgramStatus> {
  return runs === null
    ? { program, state: 'STOPPED', pid: null, uptimeS: null }
    : { program, state: 'RUNNING', pid: 100, uptimeS: 10 };
}

export async function stoppedOnPurpose(): Promise<string | null> {
  return runs === null ? 'STOPPED' : null;
}

export async function runningSince(): Promise<number | null> {
  return runs === null ? null : since;
}

export async function runsWhatIs(host: Host, _program: string, file: string): Promise<boolean> {
  return runs !== null && runs === (await readIfThere(file, host.files))?.toString();
}

export async function lifeOf(): Promise<string> {
  return '';
}

export async function tellToStart(host: Host): Promise<string> {
  if (runs === null) await startProgram(host, 'agent');
  return 'told';
}

export async function stopProgram(host: Host, program: string): Promise<ProgramStatus> {
  tell((runs = null));
  return programStatus(host, program);
}

export async function startProgram(host: Host, program: string): Promise<Started> {
  tell((runs = (await readIfThere(host.path(config), host.files))?.toString() ?? null));
  // No agent starts in the millisecond in which something else happens.
  since = Date.now() + 1;
  await setTimeout(2);
  return { ...(await programStatus(host, program)), byOthers: false };
}
