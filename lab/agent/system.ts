// System metrics of this machine: CPU, load, memory, disk.
import { statfs } from 'node:fs/promises';
import { cpus, freemem, loadavg, totalmem } from 'node:os';

export interface SystemMetrics {
  /** Of all cores, since the collection before; since boot the first time. */
  cpuPercent: number;
  load1: number;
  memoryUsedPercent: number;
  /** Of the root file system. */
  diskUsedPercent: number;
  /** ISO 8601, UTC. */
  collectedAt: string;
}

/** Each call of the returned function collects once. */
export function createSystemCollector(): () => Promise<SystemMetrics> {
  let before = { busy: 0, total: 0 };
  return async () => {
    const now = cpuTimes();
    const total = now.total - before.total;
    const cpuPercent = total > 0 ? (100 * (now.busy - before.busy)) / total : 0;
    before = now;
    const disk = await statfs('/');
    const diskUsed = disk.blocks - disk.bfree;
    return {
      cpuPercent: round(cpuPercent),
      load1: round(loadavg()[0]!),
      memoryUsedPercent: round(100 * (1 - freemem() / totalmem())),
      diskUsedPercent: round((100 * diskUsed) / (diskUsed + disk.bavail)),
      collectedAt: new Date().toISOString(),
    };
  };
}

function cpuTimes(): { busy: number; total: number } {
  const times = cpus().map((cpu) => cpu.times);
  const total = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { busy: total - times.reduce((sum, { idle }) => sum + idle, 0), total };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
