// Programs of a machine by the names that a plan gives them, whoever runs them.
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import type { Host } from '../context/host.ts';
import { changedAt } from '../files/paths.ts';
import { startedAt } from '../host/proc.ts';
import type { Started, ToldToStart } from './runner.ts';
import { runnerOf } from './runners.ts';

/** Who runs programs says how they are within this time, or not at all. */
const answerMs = 10_000;
/** A process start is known in steps of a hundredth of a second, and so is the time of a file on some kernels. */
const clockStepMs = 20;

/** RUNNING, UNKNOWN, or as its runner says it. Throws when that one does not answer. */
export async function programStatus(host: Host, program: string): Promise<ProgramStatus> {
  const [status] = await programStatuses(host, [program]);
  return status!;
}

/** The same for many. */
export function programStatuses(host: Host, programs: string[], withinMs = answerMs): Promise<ProgramStatus[]> {
  return Promise.all(eachStatus(host, programs, withinMs));
}

/** The same, where one runner that does not answer says nothing of the programs of another. */
export function eachStatus(host: Host, programs: string[], withinMs = answerMs): Promise<ProgramStatus>[] {
  const asked = programs.map(runnerOf);
  const answers = new Map(
    [...new Set(asked.map(({ runner }) => runner))].map((runner) => {
      const names = asked.flatMap((one) => (one.runner === runner ? [one.name] : []));
      return [runner, runner.status(host, names, withinMs)];
    }),
  );
  return asked.map(({ runner, name }, index) => {
    const status = answers.get(runner)!.then((all) => {
      const found = all.find((one) => one.program === name)!;
      return { ...found, program: programs[index]! };
    });
    // Whoever waits for it hears of it; nobody may have come to that yet.
    status.catch(() => undefined);
    return status;
  });
}

/** When the process of a program was started, in Unix milliseconds; null when it is not RUNNING. */
export async function runningSince(host: Host, program: string): Promise<number | null> {
  const { state, pid, since = 0 } = await programStatus(host, program);
  if (state !== 'RUNNING') return null;
  // Its runner tells whole seconds, by the clock of then; the kernel tells where in that second.
  const exactMs = await startedAt(pid ?? 0).catch(() => 0);
  return Math.min(Math.max(exactMs, since * 1_000), since * 1_000 + 999);
}

/** Whether a program runs and has been started since this file is what it is: then it runs what is on the disk. Whoever only touched the file since has it started again. */
export async function runsWhatIs(host: Host, program: string, file: string): Promise<boolean> {
  const [since, changedMs] = [await runningSince(host, program), await changedAt(file, host.files)];
  return since !== null && changedMs !== null && since + clockStepMs >= changedMs;
}

/** That somebody told a program to stop, for people; null where it runs, or has ended by itself, as far as its runner knows. */
export function stoppedOnPurpose(host: Host, program: string, movedAt?: number): Promise<string | null> {
  const { runner, name } = runnerOf(program);
  return runner.stoppedOnPurpose(host, name, movedAt);
}

export function stopProgram(host: Host, program: string, withinMs: number): Promise<ProgramStatus> {
  const { runner, name } = runnerOf(program);
  return runner.stop(host, name, withinMs);
}

export function startProgram(host: Host, program: string, withinMs: number): Promise<Started> {
  const { runner, name } = runnerOf(program);
  return runner.start(host, name, withinMs);
}

/** Empty where its runner tells itself what it is stopping. */
export async function lifeOf(host: Host, program: string): Promise<string> {
  const { runner, name } = runnerOf(program);
  return (await runner.lifeOf?.(host, name)) ?? '';
}

export function tellToStart(host: Host, program: string, waits: boolean, life: string): Promise<ToldToStart> {
  const { runner, name } = runnerOf(program);
  return runner.tellToStart(host, name, waits, life);
}
