// Linux' own figures under /proc (proc(5)) and /sys/class/net, parsed. Pure, but for the listing of processes and the speed of links.
import { readdir, readFile, stat } from 'node:fs/promises';
import { endianness } from 'node:os';
import { spelt } from '../../plan/addresses.ts';

/** USER_HZ, which is 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** When a process was started, in Unix milliseconds, by the clock of now. Throws when there is no such process. */
export async function startedAt(pid: number): Promise<number> {
  const now = Date.now();
  const [process, uptime] = [await readFile(`/proc/${pid}/stat`, 'utf8'), await readFile('/proc/uptime', 'utf8')];
  // Behind the name, which may have spaces and brackets, it is the twentieth field: ticks since the boot.
  const ticks = Number(process.slice(process.lastIndexOf(')') + 2).split(' ')[19]);
  return now - (Number(uptime.split(' ')[0]) - ticks / ticksPerSecond) * 1_000;
}

/** Listening sockets, from /proc/net/tcp and /proc/net/tcp6. */
export function listeners(...tables: string[]): { address: string; port: number; inode: string }[] {
  return tables
    .join('\n')
    .split('\n')
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address, port] = local.split(':');
      if (state !== '0A' || !address || !port || !inode) return [];
      return [{ address: addressOf(address), port: Number.parseInt(port, 16), inode }];
    });
}

/** The kernel writes words of four bytes, each as a number of the machine's own. One of IPv4 may stand as one of IPv6. */
function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  const text = bytes.toString('hex').replace(/^0{20}ffff/, '');
  return text.length === 8
    ? [...Buffer.from(text, 'hex')].join('.')
    : spelt(text.match(/.{4}/g)!.join(':')).slice(1, -1);
}

/** Busy and total time of all cores together, from /proc/stat. */
export function cpuTimes(stat: string): { busy: number; total: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  const busy = user + nice + system + irq + softIrq + steal;
  return { busy, total: busy + idle + ioWait };
}

/** Bytes of memory in all and in use, from /proc/meminfo. What the kernel can give back at once is not in use. */
export function memory(meminfo: string): { total: number; used: number } {
  const bytes = (key: string) => Number(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
  return { total: bytes('MemTotal'), used: bytes('MemTotal') - bytes('MemAvailable') };
}

/** Bytes received and sent by the machine, from /proc/net/dev. Docker's own links are left out: they would count its traffic twice. */
export function traffic(dev: string): { received: number; sent: number } {
  const sum = { received: 0, sent: 0 };
  for (const line of dev.split('\n')) {
    const [, link, counters] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (!link || !counters || /^(lo$|veth|docker|br-)/.test(link)) continue;
    const values = counters.trim().split(/\s+/).map(Number);
    sum.received += values[0] ?? 0;
    sum.sent += values[8] ?? 0;
  }
  return sum;
}

/** Bits per second that the fastest link with a device of its own can carry; where none tells, it is taken for a gigabit. */
export async function linkSpeed(directory = '/sys/class/net'): Promise<number> {
  const links = await readdir(directory).catch((): string[] => []);
  const megabits = await Promise.all(
    links.map((link) =>
      stat(`${directory}/${link}/device`)
        .then(() => readFile(`${directory}/${link}/speed`, 'utf8'))
        .then(Number)
        .catch(() => -1),
    ),
  );
  const fastest = Math.max(-1, ...megabits);
  return (fastest > 0 ? fastest : 1_000) * 1e6;
}

/** Group and processor time in milliseconds (ended children included), from /proc/PID/stat. The name in brackets may hold anything. */
export function processTimes(stat: string): { group: number; cpuMs: number } {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { group: fields[2] ?? 0, cpuMs: ((user + system + childUser + childSystem) / ticksPerSecond) * 1000 };
}

/** Bytes in memory, from /proc/PID/status; a zombie has none. */
export function residentBytes(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Whether the process may change the owner of files, from /proc/self/status. */
export function mayChown(status: string): boolean {
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return (BigInt(`0x${effective}`) & 1n) === 1n;
}

export async function processIds(): Promise<number[]> {
  return (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
}

/** A file of a process that may end at any time: then null. */
export async function processFile(pid: number, file: string): Promise<string | null> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => null);
}
