// Telling one process from another: a pid alone may be somebody else's by now, with boot and start time it can't be.
import { readFileSync } from 'node:fs';

export interface ProcessId {
  pid: number;
  startTicks: string;
  boot: string;
}

/** Throws when there is no such process. */
export function processId(pid: number): ProcessId {
  return { pid, startTicks: stat(pid).startTicks, boot: bootId() };
}

/** A zombie counts as dead. */
export function isAlive(process: ProcessId): boolean {
  try {
    const { state, startTicks } = stat(process.pid);
    return state !== 'Z' && startTicks === process.startTicks && process.boot === bootId();
  } catch {
    return false;
  }
}

/** Kills exactly this process; one that is gone is fine. */
export function kill(target: ProcessId): void {
  if (!isAlive(target)) return;
  try {
    signal(target.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** To one process: for kill(2), 0 and what is negative are groups of them. What a file or a program tells may be anything. */
export function signal(pid: number, name: NodeJS.Signals): void {
  if (!Number.isInteger(pid) || pid < 2) throw new Error(`${pid} is no process that may be sent ${name}`);
  process.kill(pid, name);
}

/** proc(5): the name in brackets may hold anything, so fields are counted from its end. */
function stat(pid: number): { state: string; startTicks: string } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
}

/** Another one after each boot of the machine. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
