// Task 2C: a NATS JetStream cluster across the machines.
import { machineId } from '../../names.ts';
import { adopts, servicesOf } from '../../schema/plan.ts';
import type { Task } from '../contract.ts';
import { configDirectory } from '../shared/config-directory.ts';
import { monitorUrl, natsTarget } from '../shared/nats.ts';
import type { Desired } from '../desired.ts';
import { clusterOf } from './cluster.ts';
import { natsConfig } from './config.ts';
import { readsOf } from './secured.ts';
import { kpis } from './kpis.ts';
import { fallbacks, usualServices } from './fallbacks.ts';
import { knownBad } from './known-bad.ts';
import { purpose } from './purpose.ts';
import { contradictions, references } from './references.ts';
import { rows, undoRows } from './rows.ts';

export const messaging = {
  called: 'Task 2C',
  purpose,
  standsOn: ['preflight'],
  services: {
    nats: {
      ports: ({ ports: { client, monitor, cluster } }) => [client, monitor, cluster],
      openPort: ({ ports }) => ports.monitor,
      healthTarget: (server) => `${monitorUrl(server)}/healthz`,
      // Without its cluster a server is alive, and not well.
      aliveTarget: (server) => `${monitorUrl(server)}/varz`,
      oldest: () => ({ version: '2.10', lacks: 'sync_interval, by which what is acknowledged is on the disk' }),
      files: (plan, server) => [[`${configDirectory(server).path}/${server.configFile}`, natsConfig(plan, server)]],
      reads: readsOf,
    },
  },
  usualServices,
  fallbacks,
  references,
  contradictions,
  rows,
  undoRows,
  desired: (plan) =>
    servicesOf(plan, 'nats')
      .slice(0, 1)
      .flatMap((server) =>
        plan.messaging.streams.map((stream): Desired => ({
          what: 'stream',
          machine: server.machine,
          target: stream.name,
          server: natsTarget(plan, server),
          replicas: stream.replicas,
          adopt: adopts(plan, stream.name),
        })),
      ),
  // To every other machine with a server.
  messages: (plan, machine, run) => {
    const subject = (of: string) => `hubshift.measure.${run}.${machineId(of)}`;
    const servers = servicesOf(plan, 'nats');
    const own = servers.find((server) => server.machine === machine);
    const others = own
      ? [...new Set(servers.map((server) => server.machine))].filter((other) => other !== machine)
      : [];
    return {
      server: own ? natsTarget(plan, own) : '',
      answers: subject(machine),
      to: Object.fromEntries(others.map((other) => [other, subject(other)])),
      run,
    };
  },
  clusters: (plan) => [clusterOf(plan)],
  kpis,
  knownBad,
  report: { heading: 'NATS JetStream', place: 3 },
} satisfies Task;
