// Renders the configuration of one NATS server of the cluster, with routes to cluster ports: 2C.config.WHICH.
import { promDuration } from '../../schema/duration.ts';
import { type Plan, servicesOf } from '../../schema/plan.ts';
import type { NatsServer } from './schema.ts';
import { accounts, encryption, included, tls } from './secured.ts';
import { unlimited } from './store.ts';

/**
 * The whole configuration file. Routes go by machine name, which containers know from their extra hosts. What is
 * advertised goes by address, because clients elsewhere may know no such name.
 */
export function natsConfig(plan: Plan, server: NatsServer): string {
  const { ports } = server;
  const address = addressOf(plan, server.machine);
  const others = servicesOf(plan, 'nats').filter((other) => other.name !== server.name);
  const { syncInterval } = plan.messaging;
  const sizes = { ...unlimited, ...server.jetstream };
  return `# ${server.name} on ${server.machine}, one of the cluster ${plan.messaging.cluster}.
${included(plan, server)}server_name: ${quoted(server.name)}
listen: "0.0.0.0:${ports.client.container}"
http: "0.0.0.0:${ports.monitor.container}"
client_advertise: "${address}:${ports.client.host}"
${tls(plan)}
log_file: ${quoted(server.logFile)}
log_size_limit: 100MB
logfile_max_num: 5

max_connections: 1000
max_payload: 1MB
write_deadline: "10s"
# A peer or client that answers no ping for half a minute is gone.
ping_interval: "10s"
ping_max: 2

jetstream {
  store_dir: ${quoted(server.store)}
  # "always": what is acknowledged is on the disk, and outlives a power cut.
  sync_interval: ${quoted(syncInterval === 'always' ? syncInterval : promDuration(syncInterval))}
  max_memory_store: ${sizes.maxMemoryStore}
  max_file_store: ${sizes.maxFileStore}
${encryption(plan)}}

cluster {
  name: ${quoted(plan.messaging.cluster)}
  listen: "0.0.0.0:${ports.cluster.container}"
  # The port that the machine publishes. A route to a client port never makes a cluster.
  cluster_advertise: "${address}:${ports.cluster.host}"
  routes: [
${others.map((other) => `    "nats-route://${other.machine}:${other.ports.cluster.host}"`).join('\n')}
  ]
${tls(plan, '  ')}}
${accounts(plan)}`;
}

function addressOf(plan: Plan, name: string): string {
  const machine = plan.machines.find((candidate) => candidate.name === name);
  if (!machine) throw new Error(`The plan ${plan.name} has no machine ${name}`);
  return machine.address.includes(':') ? `[${machine.address}]` : machine.address;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
