// How much of a machine a container has used up to a moment, as Docker counts it.
import type Docker from 'dockerode';
import type { Point } from '../../plan/evidence/impact-readings.ts';
import type { Host } from '../context/host.ts';
import { engine, nullOn } from './engine.ts';

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
