// A container's limits: as the plan wants them, held against what Docker has of them.
import type { ContainerLimits } from '../../machine-api/containers.ts';
import { humanSize } from '../../schema/duration.ts';

/** A line for each that is not as wanted, such as one that Docker dropped. Null: its worker does not say what it is limited to. */
export function limitsDiffer(wanted: ContainerLimits = {}, has: ContainerLimits | undefined): string[] | null {
  if (Object.keys(wanted).length === 0) return [];
  if (!has) return null;
  const { log } = wanted;
  return [
    ...differs('CPUs', wanted.cpus, has.cpus, String),
    ...differs('memory', wanted.memoryBytes, has.memoryBytes, humanSize),
    ...differs('size of a log file', log?.maxBytes, has.log?.maxBytes, humanSize),
    ...differs('number of log files', log?.maxFiles, has.log?.maxFiles, String),
  ];
}

function differs(what: string, wanted: number | undefined, is: number | undefined, spell: (limit: number) => string) {
  if (wanted === undefined || wanted === is) return [];
  const found = is === undefined ? 'none' : spell(is);
  return [`limit of ${what}: ${spell(wanted)} in the plan, ${found} in Docker`];
}
