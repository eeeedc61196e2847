// Which servers a test is about, and their machines.
import { patched } from '@temporalio/workflow';
import { type Plan, servicesOf } from '../../../plan/schema/plan.ts';
import { directions, pairs } from '../../../plan/tasks/messaging/rows.ts';
import type { NatsServer } from '../../../plan/tasks/messaging/schema.ts';
import { type Sides, sides } from '../../../plan/tasks/messaging/sides.ts';

export function machinesOf(servers: NatsServer[]): string {
  return [...new Set(servers.map((server) => server.machine))].join(', ');
}

/** Every ordered pair; in a history of before, each server with the next alone. Of two that is the same. */
export function pairsOf(servers: NatsServer[]): [from: NatsServer, to: NatsServer][] {
  return servers.length > 2 && patched('every-pair-of-servers') ? pairs(servers) : directions(servers);
}

/** In a history of before, the last of the list was lost, and the first stayed. Most plans have them so anyway. */
export function sidesOf(plan: Plan): Sides {
  const servers = servicesOf(plan, 'nats');
  const [now, before] = [sides(plan), { stay: servers[0]!, goes: servers.at(-1)! }];
  const same = now.stay === before.stay && now.goes === before.goes;
  return same || !patched('server-beside-edgehub-goes') ? before : now;
}
