// NATS as a plan leaves it out: a server on each machine, and the three streams of the week.
import { machineId } from '../../names.ts';
import { derived, isRaw, listOf, usual, type Fallbacks, type Raw, type Written } from '../../schema/fallback.ts';
import { baseOf, directoriesIn, eachOfKind, idOf, lastPart, saidIn, textOf } from '../shared/fallbacks.ts';

const ownPorts = { client: 4222, monitor: 8222, cluster: 6222 };

export function usualServices({ machines }: Written): Raw[] {
  // A cluster of more than two is of an odd number.
  const servers = machines.length > 2 && machines.length % 2 === 0 ? machines.slice(0, -1) : machines;
  return servers.map((machine) => ({ kind: 'nats', machine }));
}

export function fallbacks(written: Written): Fallbacks {
  return {
    ...eachOfKind(written, 'nats', (server, index) => serverOf(written, server, index)),
    ...messagingOf(written),
  };
}

function serverOf(written: Written, server: Raw, index: number): Fallbacks {
  const name = textOf(server, 'name', `nats-${idOf(server)}`);
  const base = textOf(server, 'base', baseOf(written, server, 'nats', name));
  const said = lastPart(saidIn(server, '-c', '--config', '-config'));
  const configFile = textOf(server, 'configFile', said ?? `${name}.conf`);
  return {
    name: derived('machine', name),
    image: usual('nats:latest'),
    // Each server has host ports of its own, so that a client's address tells which one is meant.
    ports: Object.fromEntries(
      Object.entries(ownPorts).map(([key, port]) => [
        key,
        { host: derived('its place among the servers', port + index), container: usual(port) },
      ]),
    ),
    base: derived('machine', base),
    directories: directoriesIn(base, '0:0', { config: '/etc/nats', data: '/data', logs: '/var/log' }),
    configFile: derived(said ? 'command' : 'name', configFile),
    command: derived('configFile', ['-c', `/etc/nats/${configFile}`]),
    logFile: usual('/var/log/nats.log'),
    store: usual('/data'),
  };
}

function messagingOf({ plan, machines, services }: Written): { messaging: Fallbacks } {
  const servers = services.filter(({ kind }) => kind === 'nats').length;
  const given = isRaw(plan['messaging']) ? plan['messaging']['streams'] : undefined;
  const ids = machines.map(machineId);
  return {
    messaging: {
      topology: derived('the number of nats services', servers > 2 ? 'arbiter' : 'pair'),
      streams:
        given === undefined
          ? derived(
              'machines and the hubs',
              usualStreams(ids, services).map((stream) => ({ ...stream, replicas: copies(servers) })),
            )
          : listOf(given).map((stream) => ({
              replicas: derived('the number of nats services', copies(servers)),
              publishes: derived('subjects', subjectsOf(stream, ids)),
              consumers: derived('name', [`${textOf(stream, 'name')}-monitor`]),
            })),
    },
  };
}

/** As many as there are servers, and no more than three: a further copy costs more than it saves. */
function copies(servers: number): number {
  return Math.max(1, Math.min(3, servers));
}

/** A wildcard stands for each machine. */
function subjectsOf({ subjects }: Raw, ids: string[]): string[] {
  const all = Array.isArray(subjects) ? subjects.map(String) : [];
  return all.flatMap((subject) => (/[*>]/.test(subject) ? ids.map((id) => subject.replaceAll(/[*>]/g, id)) : subject));
}

function usualStreams(ids: string[], services: Raw[]): Raw[] {
  const hubs = services.filter(({ kind }) => kind === 'central-hub' || kind === 'edge-hub').map(({ name }) => name);
  return [
    {
      name: 'observability-metrics',
      // The id of a machine may have dots, and is several parts then.
      subjects: [ids.join('').includes('.') ? 'observability.metrics.>' : 'observability.metrics.*'],
      publishes: ids.map((id) => `observability.metrics.${id}`),
      consumers: hubs.map((hub) => `observability-metrics-${hub}`),
    },
    {
      name: 'observability-health',
      subjects: ['observability.health.*'],
      publishes: ['observability.health.cluster'],
      consumers: ['observability-health-monitor'],
    },
    {
      name: 'observability-alerts',
      subjects: ['observability.alerts.*'],
      maxAge: '168h',
      publishes: ['observability.alerts.urgent', 'observability.alerts.warning'],
      consumers: ['observability-alerts-monitor'],
    },
  ];
}
