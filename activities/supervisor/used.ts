// How much of a machine programs under supervisord have used up to a moment.
import type { Point } from '../../plan/evidence/impact-readings.ts';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import type { Host } from '../context/host.ts';
import { processFile, processIds, processTimes, residentBytes } from '../host/proc.ts';

/** With all of their processes: supervisord starts each program as the leader of a group of its own. */
export async function used(_host: Host, started: ProgramStatus[]): Promise<Map<string, Point>> {
  const found = new Map<string, Point>();
  if (started.length === 0) return found;
  const stats = (
    await Promise.all((await processIds()).map(async (pid) => ({ pid, stat: await processFile(pid, 'stat') })))
  ).flatMap(({ pid, stat }) => (stat ? [{ pid, ...processTimes(stat) }] : []));
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
