// How much of a machine containers and programs have used up to a moment: processor, memory, network.
import type { Point } from '../../plan/evidence/impact-readings.ts';
import type { ProgramStatus } from '../../plan/machine-api/agents.ts';
import type { Host } from '../context/host.ts';
import { readContainer } from '../docker/used.ts';
import { runnerOf } from '../programs/runners.ts';

/** Processor time and memory of containers and programs now, each by its name. */
export async function pointsNow(
  host: Host,
  containers: string[],
  programs: ProgramStatus[],
): Promise<Map<string, Point>> {
  const [ofContainers, ofPrograms] = await Promise.all([
    points(containers, (name) => readContainer(host, name)),
    readPrograms(host, programs),
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

/** Of each by who runs it, under the names that the plan has for them. */
export async function readPrograms(host: Host, started: ProgramStatus[]): Promise<Map<string, Point>> {
  const asked = started.map((status) => ({ status, ...runnerOf(status.program) }));
  const found = await Promise.all(
    [...new Set(asked.map(({ runner }) => runner))].map(async (one) => {
      const its = asked.filter(({ runner }) => runner === one);
      const used = await one.used(
        host,
        its.map(({ status, name }) => ({ ...status, program: name })),
      );
      return its.flatMap(({ status: { program }, name }) => {
        const point = used.get(name);
        return point ? [[program, point] as const] : [];
      });
    }),
  );
  return new Map(found.flat());
}
