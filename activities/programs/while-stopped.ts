// A program is stopped only to be started again, with whatever is on the disk then. What was stopped is written down before, for whoever comes after us.
import { refusal } from '../context/refusal.ts';
import { join } from 'node:path';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import { uncancelled } from '../context/cancellation.ts';
import type { Host } from '../context/host.ts';
import { beforeSignals } from '../context/signals.ts';
import { makeDirectories, putFile, readIfThere, removeFile } from '../files/disk.ts';
import { nullIfMissing } from '../files/errors.ts';
import { ownerAlone } from '../files/in-place.ts';
import { lifeOf, programStatus, startProgram, stoppedOnPurpose, stopProgram, tellToStart } from './programs.ts';
import { runnerOf } from './runners.ts';

/** Whoever starts a program each time that we stop it does so on purpose. */
const startsAtMost = 3;

const notesIn = (host: Host): string => join(host.state, 'stopped');
const noteOf = (host: Host, program: string): string => join(notesIn(host), encodeURIComponent(program));

/**
 * Stops a program, does `work` and starts it, to the end whatever is cancelled or signalled. Throws what failed: the program was started all the
 * same, or the error says that it was not. Only the holder of the machine's lock may.
 */
export async function whileStopped(
  host: Host,
  program: string,
  startWithinMs: number,
  work: () => Promise<void>,
): Promise<ProgramStatus> {
  return uncancelled(() => beforeSignals(() => stopAndStart(host, program, startWithinMs, work)));
}

async function stopAndStart(
  host: Host,
  program: string,
  startWithinMs: number,
  work: () => Promise<void>,
): Promise<ProgramStatus> {
  const note = noteOf(host, program);
  await makeDirectories(notesIn(host), 0o700, host.files);
  await writeNote(host, program);
  const failure = await stopProgram(host, program, startWithinMs)
    .then(work)
    .then(() => null, asError);
  const start = failure ? startProgram : startAnew;
  const started = await start(host, program, startWithinMs).catch(asError);
  // Whoever comes after us tells it again.
  if (!(started instanceof Error) || !(await mayBeStopped(host, program))) await removeFile(note, host.files);
  if (failure && started instanceof Error) {
    failure.message += `; and then: ${started.message}`;
    throw failure;
  }
  if (failure) throw failure;
  if (started instanceof Error) throw new NotStarted(started.message);
  return started;
}

/** What somebody else has stopped, or taken out, we do not start, nor what would not be with the file that we put there: throws, saying which. Whoever has stopped it for us left a note; what fails since `movedAt`, when the week began to move it, may do so by its new file. */
export async function mustBeOursToStart(host: Host, program: string, config: string, movedAt?: number): Promise<void> {
  const { runner, name } = runnerOf(program);
  await runner.refuseUnfit?.(host, name, config);
  const mend = 'or roll back and take it out of the plan';
  const unknown = await whyUnknown(host, program);
  if (unknown) throw refusal('ProgramUnknown', `${unknown}: add it again, ${mend}`);
  const stopped = await stoppedOnPurpose(host, program, movedAt);
  if (stopped && !(await wasStoppedByUs(host, program)))
    throw refusal(
      'ProgramStopped',
      `${program} on ${host.machine} is ${stopped}, and it was somebody else who stopped it: start it, ${mend}`,
    );
}

/** Whoever has stopped it for us left a note. */
export async function wasStoppedByUs(host: Host, program: string): Promise<boolean> {
  return (await namesOf(host)).includes(encodeURIComponent(program));
}

/** Somebody took the program away from who runs it: nothing of it runs, and nothing can be started. null where it is there. */
export async function whyUnknown(host: Host, program: string): Promise<string | null> {
  const { state } = await programStatus(host, program);
  return state === 'UNKNOWN' ? `${unknown(host, program)} any more` : null;
}

export function unknown(host: Host, program: string): string {
  const { runner, name } = runnerOf(program);
  return runner.unknown(host, name);
}

/** With the life that is to be ended: what runs in another one was started again. */
async function writeNote(host: Host, program: string): Promise<void> {
  const life = await lifeOf(host, program);
  await putFile(noteOf(host, program), Buffer.from(life), ownerAlone(), { files: host.files });
}

/** Not so where its runner tried to start it, or does not know it, unless that is to take it up anew. */
async function mayBeStopped(host: Host, program: string): Promise<boolean> {
  try {
    const { state } = await programStatus(host, program);
    const { runner, name } = runnerOf(program);
    if (state === 'UNKNOWN') return (await runner.isTakenOut?.(host, name)) ?? false;
    return ['STOPPED', 'STOPPING'].includes(state);
  } catch {
    return true;
  }
}

/** Whom others started while we worked may not know of the work: it is stopped once more. */
async function startAnew(host: Host, program: string, withinMs: number): Promise<ProgramStatus> {
  for (let times = 0; times < startsAtMost; times += 1) {
    const { byOthers, ...status } = await startProgram(host, program, withinMs);
    if (!byOthers) return status;
    await writeNote(host, program);
    await stopProgram(host, program, withinMs);
  }
  await startProgram(host, program, withinMs);
  throw new Error(
    `${program} on ${host.machine} was started by somebody else each of ${startsAtMost} times that it was stopped, so it may run with what was there before: see who does, then try again`,
  );
}

/** The program was stopped and the work was done, and it did not start. */
export class NotStarted extends Error {
  override name = 'NotStarted';
}

/** Whether something was stopped here and not started again, as far as is known. */
export async function hasStopped(host: Host): Promise<boolean> {
  return (await namesOf(host)).length > 0;
}

/**
 * Has started what a worker that was killed has stopped; says so. What is being stopped still is left to a call that `waits` for
 * its end. Only the holder of the machine's lock may.
 */
export async function startStopped(host: Host, waits: boolean): Promise<string[]> {
  const told: string[] = [];
  for (const name of await namesOf(host)) {
    const program = decodeURIComponent(name);
    try {
      const life = (await readIfThere(join(notesIn(host), name), host.files))?.toString() ?? '';
      const found = await tellToStart(host, program, waits, life);
      if (found === 'stopping') continue;
      await removeFile(join(notesIn(host), name), host.files);
      if (found === 'runs') continue;
      told.push(
        found === 'told'
          ? `${program} was stopped and not started again: it was told to start`
          : `${program} was stopped and not started again: ${unknown(host, program)} any more`,
      );
    } catch (error) {
      told.push(`${program} was stopped and not started again: it can't be started: ${asError(error).message}`);
    }
  }
  return told;
}

async function namesOf(host: Host): Promise<string[]> {
  const names = (await host.files.readdir(notesIn(host)).catch(nullIfMissing)) ?? [];
  return names.filter((name) => !name.startsWith('.'));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
