// Which of the plan's machines this host is.
import { networkInterfaces } from 'node:os';
import { spelt } from '../plan/addresses.ts';
import type { Machine, Plan } from '../plan/schema/plan.ts';
import { exitCodes, Failure } from './failure.ts';
import { machineNamed } from './plan-file.ts';

/** The one with an address of this host. */
export function machineOfThisHost(plan: Plan): Machine | undefined {
  const here = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => spelt(address)));
  return plan.machines.find(({ address }) => here.includes(spelt(address)));
}

/** By name when one is given, else by the addresses of this host. Throws Failure when that does not tell. */
export function thisMachine(plan: Plan, name: string | undefined): Machine {
  if (name) return machineNamed(plan, name);
  const found = machineOfThisHost(plan);
  if (found) return found;
  throw new Failure(
    `This host has none of the plan's addresses (${plan.machines.map((machine) => `${machine.name} ${machine.address}`).join(', ')}). Name the machine with --machine NAME.`,
    exitCodes.usage,
  );
}
