// What the week's containers and programs have used by now, and what the machine has to give.
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Used } from '../../plan/evidence/costs.ts';
import type { Capacity } from '../../plan/evidence/impact-readings.ts';
import type { MeasureAsk } from '../../plan/machine-api/measure.ts';
import type { Host } from '../context/host.ts';
import { linkSpeed, memory, traffic } from '../host/proc.ts';
import { programStatuses } from '../programs/programs.ts';
import { pointsNow } from './points.ts';

export async function costNow(host: Host, { containers, programs, link }: MeasureAsk): Promise<Used> {
  try {
    const points = await pointsNow(host, containers, await programStatuses(host, Object.values(programs)));
    if (!link) return { points };
    const { received, sent } = traffic(await readFile('/proc/self/net/dev', 'utf8'));
    return { points, traffic: { atMs: performance.now(), bytes: received + sent } };
  } catch {
    return { points: new Map() };
  }
}

/** What there is of each. */
export async function capacity(): Promise<Capacity & { memoryBytes: number }> {
  const { total } = memory(await readFile('/proc/meminfo', 'utf8'));
  return { cores: cpus().length, memoryBytes: total, bitsPerS: await linkSpeed() };
}
