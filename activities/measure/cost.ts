// What the week's containers and programs cost between two moments, in percent of the machine.
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { withCosts, type Measured } from '../../plan/evidence/measured.ts';
import type { MeasureAsk } from '../../plan/machine-api/measure.ts';
import type { Host } from '../context/host.ts';
import { linkSpeed, memory, traffic } from '../host/proc.ts';
import { programStatuses } from '../supervisor/programs.ts';
import { pointsNow, type Point } from './points.ts';

/** How much was used up to a moment. */
export interface Used {
  points: Map<string, Point>;
  /** Bytes of the machine. */
  traffic?: { atMs: number; bytes: number };
}

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

export async function withCost(totals: Measured, containers: string[], before: Used, now: Used): Promise<Measured> {
  const [was, is] = [before.points, now.points];
  if (is.size === 0 || was.size === 0) return totals;
  const { total } = memory(await readFile('/proc/meminfo', 'utf8'));
  const bytes = [...is.values()].reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  const bytesPerMs = now.traffic ? ofMachine(before, now) : ofContainers(containers, was, is);
  return withCosts(
    totals,
    {
      cpu: (100 * perMs(was, is, ({ cpuMs }) => cpuMs)) / cpus().length,
      memory: (100 * bytes) / total,
      ...(bytesPerMs !== null && { network: (100 * 8_000 * bytesPerMs) / (await linkSpeed()) }),
    },
    Date.now(),
  );
}

function ofMachine({ traffic: was }: Used, { traffic: is }: Used): number | null {
  return was && is && is.atMs > was.atMs ? Math.max(0, is.bytes - was.bytes) / (is.atMs - was.atMs) : null;
}

/** A container that does not count its traffic makes that of all unknown. */
function ofContainers(containers: string[], was: Map<string, Point>, is: Map<string, Point>): number | null {
  const counted = containers.every((name) => !is.has(name) || is.get(name)?.networkBytes !== undefined);
  return counted ? perMs(was, is, ({ networkBytes }) => networkBytes) : null;
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
