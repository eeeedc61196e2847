// Whether a machine has what the plan lets its containers use.
import type { Capacity } from '../../../machine-api/containers.ts';
import { humanSize } from '../../../schema/duration.ts';
import type { Evaluation } from '../../../week/record.ts';
import { inconclusive, unless } from '../../shared/verdict.ts';
import type { Wanted } from '../limits.ts';

/** Null: nobody knows what the machine has. */
export function limitsFit(wanted: Wanted[]) {
  return (found: { machine: string; has: Capacity | null }[]): Evaluation => {
    const asked = wanted.map((one) => ({ ...one, has: found.find(({ machine }) => machine === one.machine)?.has }));
    const knows = ({ free }: Capacity, path: string) => free.some((one) => one.path === path);
    const unknown = asked
      .filter(({ stores, has }) => !has || stores.some(({ path }) => !knows(has, path)))
      .map(({ machine }) => machine);
    if (wanted.length === 0 || unknown.length > 0)
      return inconclusive(
        unknown.length > 0 ? `what ${unknown.join(', ')} has is not known` : 'the plan limits nothing',
      );
    return unless(
      asked.flatMap((one) => exceeded(one, one.has!)),
      asked.map((one) => `${one.machine}: ${fits(one, one.has!)}`).join('; '),
      Object.fromEntries(
        asked.map(({ machine, cpus, memoryBytes }) => [machine, `${cpus} CPUs, ${humanSize(memoryBytes)}`]),
      ),
    );
  };
}

function exceeded({ machine, cpus, memoryBytes, stores }: Wanted, has: Capacity): (string | false)[] {
  return [
    cpus > 0 && !has.limitsCpus && `the kernel of ${machine} does not let Docker limit CPUs`,
    memoryBytes > 0 && !has.limitsMemory && `the kernel of ${machine} does not let Docker limit memory`,
    cpus > has.cpus && `the containers of ${machine} are given ${cpus} CPUs; it has ${has.cpus}`,
    memoryBytes > has.memoryBytes &&
      `the containers of ${machine} are given ${humanSize(memoryBytes)} of memory; it has ${humanSize(has.memoryBytes)}`,
    ...disksOf(stores, has).map(
      ({ services, wants, bytes }) =>
        wants > bytes &&
        `${services.join(' and ')} on ${machine} may store ${humanSize(wants)}; ${humanSize(bytes)} is free there`,
    ),
  ];
}

function fits({ cpus, memoryBytes, stores }: Wanted, has: Capacity): string {
  return [
    ...(cpus > 0 ? [`${cpus} of ${has.cpus} CPUs`] : []),
    ...(memoryBytes > 0 ? [`${humanSize(memoryBytes)} of ${humanSize(has.memoryBytes)} of memory`] : []),
    ...disksOf(stores, has).map(({ wants, bytes }) => `${humanSize(wants)} of ${humanSize(bytes)} free to store`),
  ].join(', ');
}

/** Stores that share a disk share what is free there. */
function disksOf(stores: Wanted['stores'], { free }: Capacity) {
  const disks = new Map<string, { services: string[]; wants: number; bytes: number }>();
  for (const { service, path, bytes: wants } of stores) {
    const { disk, bytes } = free.find((one) => one.path === path)!;
    const known = disks.get(disk);
    disks.set(disk, {
      services: [...(known?.services ?? []), service],
      wants: (known?.wants ?? 0) + wants,
      bytes: Math.min(known?.bytes ?? Infinity, bytes),
    });
  }
  return [...disks.values()];
}
