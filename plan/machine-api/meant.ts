// Which machine something is asked of: two plans may have one of the same name at one Temporal. Pure.
import { spelt } from '../addresses.ts';
import { machineId } from '../names.ts';

/** As a plan has it. */
export interface MeantMachine {
  machine: string;
  /** Left out where nobody knows it. */
  address?: string | undefined;
  site?: string | undefined;
}

/** As much of a plan as tells its machines from those of another. */
export interface MachinesOf {
  site?: string | undefined;
  machines: { name: string; address: string }[];
}

/** A machine of a plan, by its name. */
export function meant({ site, machines }: MachinesOf, machine: string): MeantMachine {
  return { machine, address: machines.find(({ name }) => name === machine)?.address, site };
}

/** Why a machine does not do what is meant for another one; undefined where it is meant, or where a week of before does not say. */
export function whyNotMeant(own: MeantMachine, asked: MeantMachine | undefined): string | undefined {
  if (!asked) return undefined;
  const isIt =
    machineId(asked.machine) === machineId(own.machine) &&
    asked.site === own.site &&
    (asked.address === undefined || own.address === undefined || spelt(asked.address) === spelt(own.address));
  return isIt
    ? undefined
    : `this worker is that of ${described(own)}, and ${described(asked)} is meant: give it the plan of that week, and restart it; or, where two plans have a machine of this name at one Temporal, give each a "site" of its own`;
}

function described({ machine, address, site }: MeantMachine): string {
  return [machine, address && `at ${address}`, site && `of site ${site}`].filter(Boolean).join(' ');
}
