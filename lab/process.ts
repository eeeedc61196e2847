// Processes that outlive the command that started them: started, recognised and ended by pid and start time.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A pid alone may be somebody else's by now; with boot and start time it can't be. */
export interface ProcessRecord {
  pid: number;
  startTicks: string;
  boot: string;
}

interface Stat {
  state: string;
  parent: number;
  startTicks: string;
}

/** In the environment of whatever the lab starts, so that it is known even when the record of it is lost. */
const mark = 'HUBSHIFT_LAB=1';

/**
 * Starts a program in a session of its own with its output appended to `log`. Plain spawn, because nothing awaits it.
 * Throws when the program can't be executed at all.
 */
export async function startDetached(
  program: string,
  args: string[],
  options: { log: string; env?: NodeJS.ProcessEnv },
): Promise<ProcessRecord> {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, 'a');
  try {
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...plainEnvironment(), ...options.env, HUBSHIFT_LAB: '1' },
      cwd: '/',
    });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    const pid = child.pid as number;
    return { pid, startTicks: readStat(pid)?.startTicks ?? 'gone', boot: bootId() };
  } finally {
    closeSync(log);
  }
}

/** What programs need to run and to reach Temporal. Everything else in an operator's environment may be a secret, and is not theirs. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const needed =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|XDG_\w+|NODE_\w+|TEMPORAL_\w+|(HTTP|HTTPS|NO)_PROXY)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => needed.test(name)));
}

export function thisProcess(): ProcessRecord {
  return { pid: process.pid, startTicks: readStat(process.pid)?.startTicks ?? '', boot: bootId() };
}

/** A zombie counts as dead. */
export function isAlive(record: ProcessRecord): boolean {
  const stat = readStat(record.pid);
  return stat !== undefined && stat.state !== 'Z' && stat.startTicks === record.startTicks && record.boot === bootId();
}

/** Sends the signal, waits up to `graceMs` for the end, then kills. A process that is gone is fine. */
export async function endProcess(
  record: ProcessRecord,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = 10_000,
): Promise<void> {
  if (!isAlive(record)) return;
  signalProcess(record.pid, signal);
  if (await waitUntil(() => !isAlive(record), graceMs)) return;
  signalProcess(record.pid, 'SIGKILL');
  if (!(await waitUntil(() => !isAlive(record), 5_000)))
    throw new Error(
      `Process ${record.pid} (${processName(record.pid)}) does not end, not even by SIGKILL: look at "ps -o stat,wchan ${record.pid}"`,
    );
}

/** Kills these processes and all of their descendants. */
export async function killTree(roots: number[]): Promise<void> {
  const doomed = withDescendants(roots).flatMap((pid) => {
    const stat = readStat(pid);
    return stat ? [{ pid, startTicks: stat.startTicks, boot: bootId() }] : [];
  });
  for (const { pid } of doomed) signalProcess(pid, 'SIGKILL');
  await waitUntil(() => doomed.every((record) => !isAlive(record)), 10_000);
}

/** Processes that the lab started, and their children, by their environment. */
export function markedProcesses(): number[] {
  return processesWith(mark).filter((pid) => pid !== process.pid);
}

/** Processes with this `NAME=value` in the environment that they were started with. */
export function processesWith(variable: string): number[] {
  return allPids().filter((pid) => readProc(pid, 'environ')?.split('\0').includes(variable));
}

/** Polls a cheap condition; true as soon as it holds, false when the time is over. */
export async function waitUntil(
  holds: () => boolean | Promise<boolean>,
  limitMs: number,
  everyMs = 50,
): Promise<boolean> {
  for (const end = Date.now() + limitMs; ;) {
    if (await holds()) return true;
    if (Date.now() >= end) return false;
    await sleep(everyMs);
  }
}

/** "gone" for a pid that nobody has, or only a zombie. */
export function processName(pid: number): string {
  if ((readStat(pid)?.state ?? 'Z') === 'Z') return 'gone';
  return readProc(pid, 'comm')?.trim() ?? 'gone';
}

/** The fields of /proc/PID/stat that tell one process from another; the name in brackets may hold anything. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', parent: Number(fields[1]), startTicks: fields[19] ?? '' };
}

function withDescendants(roots: number[]): number[] {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const stat = readStat(pid);
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), pid]);
  }
  const found = new Set(roots);
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  return [...found];
}

function readStat(pid: number): Stat | undefined {
  const text = readProc(pid, 'stat');
  return text ? parseStat(text) : undefined;
}

/** Undefined when the process is gone. */
function readProc(pid: number, file: 'stat' | 'comm' | 'environ'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
