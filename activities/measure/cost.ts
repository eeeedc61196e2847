// What the week's containers and programs cost between two moments, in percent of the machine.
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { withValue, type Measured } from '../../plan/evidence/measured.ts';
import type { MeasureAsk } from '../../plan/machine-api/measure.ts';
import type { Host } from '../context/host.ts';
import { linkSpeed, memory } from '../host/proc.ts';
import { programStatuses } from '../supervisor/programs.ts';
import { pointsNow, type Point } from './points.ts';

export async function costNow(host: Host, { containers, programs }: MeasureAsk): Promise<Map<string, Point>> {
  try {
    return await pointsNow(host, containers, await programStatuses(host, Object.values(programs)));
  } catch {
    return new Map();
  }
}

export async function withCost(
  totals: Measured,
  containers: string[],
  before: Map<string, Point>,
  now: Map<string, Point>,
): Promise<Measured> {
  if (now.size === 0 || before.size === 0) return totals;
  const { total } = memory(await readFile('/proc/meminfo', 'utf8'));
  const bytes = [...now.values()].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  // A container that does not count its traffic makes that of the machine unknown.
  const counted = containers.every((name) => !now.has(name) || now.get(name)?.networkBytes !== undefined);
  return {
    ...totals,
    cpu: withValue(totals.cpu, (100 * perMs(before, now, ({ cpuMs }) => cpuMs)) / cpus().length),
    memory: withValue(totals.memory, (100 * bytes) / total),
    network: counted
      ? withValue(
          totals.network,
          (100 * 8_000 * perMs(before, now, ({ networkBytes }) => networkBytes)) / (await linkSpeed()),
        )
      : totals.network,
  };
}

/** Of all together. What was used across a restart is not known and not counted. */
export function perMs(
  before: Map<string, Point>,
  now: Map<string, Point>,
  counter: (point: Point) => number | undefined,
): number {
  const rates = [...now].flatMap(([name, point]) => {
    const earlier = before.get(name);
    const [from, to] = [earlier && counter(earlier), counter(point)];
    return earlier && from !== undefined && to !== undefined && point.atMs > earlier.atMs
      ? [Math.max(0, to - from) / (point.atMs - earlier.atMs)]
      : [];
  });
  return rates.reduce((sum, rate) => sum + rate, 0);
}
