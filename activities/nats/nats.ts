// NATS with JetStream: connections, cluster, streams and messages of the plan's servers, as activities.
import type { NatsActivities } from '../../plan/machine-api/nats.ts';
import type { Host } from '../context/host.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { aloneActivities } from './alone.ts';
import { natsCluster } from './cluster.ts';
import { coreActivities } from './core.ts';
import { publishActivities } from './publish.ts';
import { readActivities } from './read.ts';
import { streamActivities } from './streams.ts';

export function natsActivities(host: Host, ledger: Ledger): NatsActivities {
  return {
    natsCluster: (ask) => natsCluster(host, ask),
    ...coreActivities(host),
    ...aloneActivities(host),
    ...streamActivities(host, ledger),
    ...publishActivities(host),
    ...readActivities(host),
  };
}
