// Whether the names of all machines lead to them from everywhere.
import { isLoopback, leadThere } from '../../../addresses.ts';
import type { NameFound } from '../../../machine-api/host.ts';
import type { Machine } from '../../../schema/plan.ts';
import type { Evaluation } from '../../../week/record.ts';
import { inconclusive, unless } from '../../shared/verdict.ts';

/**
 * `exactly`: to the addresses of the plan, and to no other. A machine may know itself by a loopback address, if what is published there is so at
 * that one: `addressesOf` gives where, undefined for everywhere.
 */
export function namesResolve(
  machines: Pick<Machine, 'name' | 'address'>[],
  exactly = false,
  addressesOf: (machine: string) => string[] | undefined = () => undefined,
) {
  return (found: { machine: string; names: NameFound[] }[]): Evaluation => {
    const problems = found.flatMap(({ machine, names }) =>
      machines.flatMap((wanted) => {
        const name = names.find((other) => other.name === wanted.name);
        if (!name?.here)
          return [
            `${wanted.name} does not resolve on ${machine}; add "${wanted.address} ${wanted.name}" to its /etc/hosts`,
          ];
        const addresses = name.all ?? [name.here];
        const at = addressesOf(machine);
        const isItself = (one: string) => wanted.name === machine && isLoopback(one) && (!at || at.includes(one));
        if (exactly && !leadThere(addresses, wanted.address, isItself))
          return [
            `${wanted.name} is ${addresses.join(', ')} on ${machine}; the plan says ${wanted.address}${wanted.name === machine && at ? `, and listens at ${at.join(', ')}` : ''}: mend its /etc/hosts, or the plan`,
          ];
        if (!name.inContainer)
          return [`${wanted.name} does not resolve in a container on ${machine}: ${name.detail ?? ''}`];
        return [];
      }),
    );
    if (found.length === 0) return inconclusive('no machine was asked');
    return unless(
      problems,
      `${machines.length} names resolve on ${found.length} machines and inside their containers`,
      { names: machines.map((machine) => machine.name) },
    );
  };
}
