// Where the week publishes what it makes on a machine, and what people should know of who reaches it.
import { isLoopback } from '../addresses.ts';
import { listensAt, unsaid } from '../schema/listen.ts';
import { isMade, type Plan } from '../schema/plan.ts';
import { openPortOf } from './services.ts';

/** Undefined: on every interface, or nothing is made there. */
export function publishedAt(plan: Plan, machine: string): string[] | undefined {
  return makesOnIt(plan, machine) ? listensAt(plan, machine) : undefined;
}

const named = 4;

/** Docker forwards what comes for a published port before the host's own firewall (its INPUT) sees it. */
export function publishingWarnings(plan: Plan): string[] {
  const everywhere = unsaid(plan).filter((machine) => makesOnIt(plan, machine));
  const open = plan.services.flatMap((service) => {
    const port = openPortOf(service);
    return port && !listensAt(plan, service.machine)?.every(isLoopback)
      ? [`${service.machine}:${port.host} (${service.name})`]
      : [];
  });
  return [
    ...(everywhere.length > 0
      ? [
          `what the week makes on ${few(everywhere)} is published on every interface, past the host's own firewall; "listen: address" in the plan keeps it to the machine's address`,
        ]
      : []),
    ...(open.length > 0
      ? [
          `no login is wanted at ${few(open)}: whoever reaches it reads what goes on there, past the host's own firewall`,
        ]
      : []),
  ];
}

function makesOnIt({ services }: Plan, machine: string): boolean {
  return services.some((service) => isMade(service) && service.machine === machine);
}

function few(all: string[]): string {
  return `${all.slice(0, named).join(', ')}${all.length > named ? ` and ${all.length - named} more` : ''}`;
}
