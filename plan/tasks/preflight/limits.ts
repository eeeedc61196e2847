// What a plan's limits add up to on each machine.
import type { RightsAsk } from '../../machine-api/host.ts';
import { isMade, type Plan, servicesOf } from '../../schema/plan.ts';
import { storageDirectory } from '../edgehub/storage.ts';
import { storeOf } from '../messaging/store.ts';

/** The sums of what the containers of a machine may use. 0: none of them is limited. */
export interface Wanted {
  machine: string;
  cpus: number;
  memoryBytes: number;
  stores: { service: string; path: string; bytes: number }[];
}

/** What must be free for EdgeHub's samples before anything is made, as once it is there. */
export function roomOn(plan: Plan, machine: string): Pick<RightsAsk, 'room'> {
  const edge = servicesOf(plan, 'edge-hub').find((hub) => hub.machine === machine);
  const samples = edge && (storageDirectory(edge) ?? edge.directories[0]);
  return samples ? { room: [{ path: samples.path, atLeast: edge.freeSpaceFloor }] } : {};
}

/** Of the machines for which the plan limits anything. */
export function limitsWanted(plan: Plan): Wanted[] {
  const made = plan.services.filter(isMade);
  return plan.machines
    .map(({ name: machine }): Wanted => {
      const here = made.filter((service) => service.machine === machine);
      const sum = (of: (service: (typeof here)[number]) => number | undefined) =>
        here.reduce((total, service) => total + (of(service) ?? 0), 0);
      return {
        machine,
        cpus: Number(sum(({ resources }) => resources?.cpus).toFixed(2)),
        memoryBytes: sum(({ resources }) => resources?.memory),
        stores: servicesOf(plan, 'nats').flatMap((server) => {
          const store = server.machine === machine ? storeOf(server) : undefined;
          return store ? [{ service: server.name, ...store }] : [];
        }),
      };
    })
    .filter(({ cpus, memoryBytes, stores }) => cpus > 0 || memoryBytes > 0 || stores.length > 0);
}
