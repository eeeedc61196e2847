// Which of the plan's machines this host is.
import { networkInterfaces } from 'node:os';
import type { Machine, Plan } from '../plan/schema/plan.ts';
import { exitCodes, Failure } from './failure.ts';
import { machineNamed } from './plan-file.ts';

/** By name when one is given, else by the addresses of this host. Throws Failure when that does not tell. */
export function thisMachine(plan: Plan, name: string | undefined): Machine {
  if (name) return machineNamed(plan, name);
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  const found = plan.machines.find((machine) => addresses.includes(machine.address));
  if (found) return found;
  throw new Failure(
    `This host has none of the plan's addresses (${plan.machines.map((machine) => `${machine.name} ${machine.address}`).join(', ')}). Name the machine with --machine NAME.`,
    exitCodes.usage,
  );
}
