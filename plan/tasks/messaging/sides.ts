// Which server is lost in the tests of resilience, and which goes on. Pure.
import { type Plan, serviceOf, servicesOf } from '../../schema/plan.ts';
import type { NatsServer } from './schema.ts';

export interface Sides {
  stay: NatsServer;
  goes: NatsServer;
}

/** The ways that are cut when one is cut off: who keeps some of them may have the quorum on its side. */
export function waysTo(
  goes: NatsServer,
  ways: [from: NatsServer, to: NatsServer][],
): [from: NatsServer, to: NatsServer][] {
  return ways.filter(([from, to]) => [from, to].includes(goes) && from.machine !== to.machine);
}

/** The one on EdgeHub's machine is lost, for that machine is what the week is about; CentralHub's stays, or another elsewhere. */
export function sides(plan: Plan): Sides {
  const servers = servicesOf(plan, 'nats');
  const [edge, central] = [serviceOf(plan, 'edge-hub').machine, serviceOf(plan, 'central-hub').machine];
  const goes = servers.find(({ machine }) => machine === edge) ?? servers.at(-1)!;
  const others = servers.filter(({ machine }) => machine !== goes.machine);
  const [other = servers.find((server) => server !== goes)] = others;
  return { goes, stay: others.find(({ machine }) => machine === central) ?? other! };
}
