// NATS with JetStream: connections, cluster, streams and messages of the plan's servers, as activities.
import type { Nats } from '../plan/machine-api.ts';
import type { At } from './at.ts';
import type { Ledger } from './ledger.ts';
import { natsCluster } from './nats/cluster.ts';
import { coreActivities } from './nats/core.ts';
import { publishActivities } from './nats/publish.ts';
import { readActivities } from './nats/read.ts';
import { streamActivities } from './nats/streams.ts';

export function natsActivities(here: At, ledger: Ledger): Nats {
  return {
    natsCluster: (ask) => natsCluster(here, ask),
    ...coreActivities(here),
    ...streamActivities(here, ledger),
    ...publishActivities(here),
    ...readActivities(here),
  };
}
