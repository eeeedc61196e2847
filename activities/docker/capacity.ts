// What a machine has for containers: processors and memory as Docker sees them, and what is free for what they store.
import type { Capacity } from '../../plan/machine-api/containers.ts';
import type { Host } from '../context/host.ts';
import { freeAt } from '../files/free.ts';
import { engine } from './engine.ts';

interface Info {
  NCPU: number;
  MemTotal: number;
  CpuCfsQuota: boolean;
  MemoryLimit: boolean;
}

export async function capacity(host: Host, directories: string[]): Promise<Capacity> {
  const info = (await engine(host, 'say what it has', () => host.docker.info())) as Info;
  return {
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    limitsCpus: info.CpuCfsQuota,
    limitsMemory: info.MemoryLimit,
    free: await Promise.all(directories.map((path) => freeAt(host, path))),
  };
}
