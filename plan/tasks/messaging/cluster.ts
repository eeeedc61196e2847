// The NATS servers as the one cluster that they are, measured all along.
import { servicesOf, type Plan } from '../../schema/plan.ts';
import type { Cluster } from '../contract.ts';
import { monitorUrl, natsTarget } from '../shared/nats.ts';

/** Up for a server that can take part in a majority, has a meta leader, and takes a write. */
export function clusterOf(plan: Plan): Cluster {
  const servers = servicesOf(plan, 'nats');
  const streams = plan.messaging.streams.map(({ name }) => name);
  return {
    // Names of services have no blanks.
    target: `cluster ${plan.messaging.cluster}`,
    members: servers.map(({ name }) => name),
    asks: Object.fromEntries(
      servers.map((server) => [
        server.machine,
        {
          server: natsTarget(plan, server),
          monitor: monitorUrl(server),
          // With itself they are a majority: of a pair both.
          routes: Math.floor(servers.length / 2),
          streams,
        },
      ]),
    ),
  };
}
