// Injects and lifts faults. Each lifts itself at its limit, with worker, orchestrator and operator gone.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../../plan/week/undo.ts';
import type { At } from '../context/host.ts';
import { readIfThere, sha256 } from '../files/disk.ts';
import type { ProcessId } from '../host/process.ts';
import { block, blocked, unblock } from './partition.ts';
import { begin, disturb, disturbed, restore } from './container.ts';

/** What stays on the disk while a fault lasts. */
interface FaultRecord {
  fault: Fault;
  /** Unix milliseconds of the injection. */
  at: number;
  /** Waits to lift it; a partition needs none, the kernel does. */
  lifter?: ProcessId;
}

/** Injects it, or finds it injected. Gives the time of the injection. */
export async function inject(here: At, fault: Fault, limitMs: number): Promise<{ at: number }> {
  const known = await recordOf(here, fault);
  if (fault.kind === 'partition') {
    if (known && (await blocked(here, idOf(fault)))) return { at: known.at };
    await block(here, idOf(fault), fault, limitMs);
    return record(here, { fault, at: Date.now() });
  }
  const lifter = await begin(here, fault, limitMs, known?.lifter);
  const { at } = await record(here, lifter === known?.lifter ? known : { fault, at: Date.now(), lifter });
  await disturb(here, fault);
  return { at };
}

/** Lifts it now; `removed` containers are not started again. `lifted` is false when nothing was left of it; `dropped` counts a partition's packets. */
export async function lift(
  here: At,
  fault: Fault,
  removed: string[] = [],
): Promise<{ lifted: boolean; dropped: number }> {
  const known = await recordOf(here, fault);
  const found =
    fault.kind === 'partition'
      ? await unblock(here, idOf(fault))
      : { lifted: await restore(here, fault, known?.lifter, removed), dropped: 0 };
  await rm(recordFile(here, fault), { force: true });
  return found;
}

/** Whether anything is left of it. */
export async function isActive(here: At, fault: Fault): Promise<boolean> {
  return fault.kind === 'partition' ? blocked(here, idOf(fault)) : disturbed(here, fault);
}

async function record(here: At, known: FaultRecord): Promise<{ at: number }> {
  await mkdir(join(here.state, 'faults'), { recursive: true, mode: 0o700 });
  await writeFile(recordFile(here, known.fault), JSON.stringify(known));
  return { at: known.at };
}

async function recordOf(here: At, fault: Fault): Promise<FaultRecord | null> {
  const text = await readIfThere(recordFile(here, fault));
  return text && (JSON.parse(text.toString()) as FaultRecord);
}

function recordFile(here: At, fault: Fault): string {
  return join(here.state, 'faults', `${idOf(fault)}.json`);
}

function idOf(fault: Fault): string {
  return sha256(JSON.stringify(fault)).slice(0, 8);
}
