// How much of a machine containers and programs have used up to a moment: processor, memory, network.
import type Docker from 'dockerode';
import type { Point } from '../../plan/evidence/impact-readings.ts';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import type { Host } from '../context/host.ts';
import { engine, nullOn } from '../docker/engine.ts';
import { processFile, processIds, processTimes, residentBytes } from '../host/proc.ts';

/** Processor time and memory of containers and programs now, each by its name. */
export async function pointsNow(
  host: Host,
  containers: string[],
  programs: ProgramStatus[],
): Promise<Map<string, Point>> {
  const [ofContainers, ofPrograms] = await Promise.all([
    points(containers, (name) => readContainer(host, name)),
    readPrograms(programs),
  ]);
  return new Map([...ofContainers, ...ofPrograms]);
}

export async function points(
  names: string[],
  readOne: (name: string) => Promise<Point | null>,
): Promise<Map<string, Point>> {
  const found = await Promise.all(names.map(async (name) => [name, await readOne(name)] as const));
  return new Map(found.filter((entry): entry is [string, Point] => entry[1] !== null));
}

/** One container's answer of Docker's statistics, on cgroup v1 and v2. Page cache that can be dropped is not in use. */
export function containerPoint(stats: Docker.ContainerStats): Point {
  const { usage: used = 0, stats: parts = {} } = (stats.memory_stats ?? {}) as {
    usage?: number;
    stats?: Record<string, number>;
  };
  const links =
    stats.networks && Object.values(stats.networks as Record<string, { rx_bytes: number; tx_bytes: number }>);
  return {
    atMs: Date.parse(stats.read),
    cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1e6,
    memoryBytes: used - (parts.inactive_file ?? parts.total_inactive_file ?? 0),
    networkBytes: links?.reduce((sum, { rx_bytes, tx_bytes }) => sum + rx_bytes + tx_bytes, 0),
  };
}

export async function readContainer(host: Host, name: string): Promise<Point | null> {
  const container = host.docker.getContainer(name);
  const stats = await nullOn(
    [404, 409],
    engine(host, `give statistics of ${name}`, () => container.stats({ stream: false, 'one-shot': true })),
  );
  // A container that is stopped answers with zeros.
  return stats?.cpu_stats.cpu_usage.total_usage ? containerPoint(stats) : null;
}

/** Programs with all of their processes: supervisord starts each as the leader of a group of its own. */
export async function readPrograms(started: ProgramStatus[]): Promise<Map<string, Point>> {
  const stats = (
    await Promise.all((await processIds()).map(async (pid) => ({ pid, stat: await processFile(pid, 'stat') })))
  ).flatMap(({ pid, stat }) => (stat ? [{ pid, ...processTimes(stat) }] : []));
  const found = new Map<string, Point>();
  for (const { program, pid: leader } of started) {
    const processes = stats.filter(({ group }) => group === leader);
    if (!processes.some(({ pid }) => pid === leader)) continue;
    const resident = await Promise.all(
      processes.map(async ({ pid }) => residentBytes((await processFile(pid, 'status')) ?? '')),
    );
    const cpuMs = processes.reduce((sum, process) => sum + process.cpuMs, 0);
    found.set(program, {
      atMs: performance.now(),
      cpuMs,
      memoryBytes: resident.reduce((sum, bytes) => sum + bytes, 0),
    });
  }
  return found;
}
