// Which server is lost in the tests of resilience, and which goes on. Pure.
import { type Plan, serviceOf, servicesOf } from '../../schema/plan.ts';
import type { NatsServer } from './schema.ts';

export interface Sides {
  stay: NatsServer;
  goes: NatsServer;
}

/** The one on EdgeHub's machine is lost, for that machine is what the week is about; CentralHub's stays, or another elsewhere. */
export function sides(plan: Plan): Sides {
  const servers = servicesOf(plan, 'nats');
  const [edge, central] = [serviceOf(plan, 'edge-hub').machine, serviceOf(plan, 'central-hub').machine];
  const goes = servers.find(({ machine }) => machine === edge) ?? servers.at(-1)!;
  const others = servers.filter(({ machine }) => machine !== goes.machine);
  return { goes, stay: others.find(({ machine }) => machine === central) ?? others[0] ?? servers[0]! };
}
