// Injects and lifts faults. Each lifts itself at its limit, with worker, orchestrator and operator gone.
import { join } from 'node:path';
import type { Fault } from '../../plan/week/undo.ts';
import type { Host } from '../context/host.ts';
import { makeDirectories, putFile, readIfThere, removeFile, setAside, sha256 } from '../files/disk.ts';
import { ownerAlone } from '../files/in-place.ts';
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
export async function inject(host: Host, fault: Fault, limitMs: number): Promise<{ at: number }> {
  const { known } = await recordOf(host, fault);
  if (fault.kind === 'partition') {
    if (known && (await blocked(host, idOf(fault)))) return { at: known.at };
    await block(host, idOf(fault), fault, limitMs);
    return record(host, { fault, at: Date.now() });
  }
  const lifter = await begin(host, fault, limitMs, known?.lifter);
  const { at } = await record(host, lifter === known?.lifter ? known : { fault, at: Date.now(), lifter });
  await disturb(host, fault);
  return { at };
}

/** Lifts it now; `removed` containers are not started again. `lifted` is false when nothing was left of it; `dropped` counts a partition's packets; `unreadable` names a record that was set aside. */
export async function lift(
  host: Host,
  fault: Fault,
  removed: string[] = [],
): Promise<{ lifted: boolean; dropped: number; unreadable?: string }> {
  const { known, ...unreadable } = await recordOf(host, fault);
  const found =
    fault.kind === 'partition'
      ? await unblock(host, idOf(fault))
      : { lifted: await restore(host, fault, known?.lifter, removed), dropped: 0 };
  await removeFile(recordFile(host, fault), host.files);
  return { ...found, ...unreadable };
}

/** Whether anything is left of it. */
export async function isActive(host: Host, fault: Fault): Promise<boolean> {
  return fault.kind === 'partition' ? blocked(host, idOf(fault)) : disturbed(host, fault);
}

async function record(host: Host, known: FaultRecord): Promise<{ at: number }> {
  await makeDirectories(join(host.state, 'faults'), 0o700, host.files);
  await putFile(recordFile(host, known.fault), Buffer.from(JSON.stringify(known)), ownerAlone(), { files: host.files });
  return { at: known.at };
}

/** One that can't be read is set aside: its fault is found by what it does, and a lifter that nobody knows ends by itself. */
async function recordOf(host: Host, fault: Fault): Promise<{ known: FaultRecord | null; unreadable?: string }> {
  const file = recordFile(host, fault);
  const text = await readIfThere(file, host.files);
  try {
    return { known: text && (JSON.parse(text.toString()) as FaultRecord) };
  } catch {
    return { known: null, unreadable: `the record ${file} can't be read, kept as ${await setAside(file, host.files)}` };
  }
}

export function recordFile(host: Host, fault: Fault): string {
  return join(host.state, 'faults', `${idOf(fault)}.json`);
}

function idOf(fault: Fault): string {
  return sha256(JSON.stringify(fault)).slice(0, 8);
}
