// What the plan must hold for the cluster: voters for its topology, and servers for the replicas.
import { humanSize, promDuration } from '../../schema/duration.ts';
import type { Plan } from '../../schema/plan.ts';
import { unique, type Refuse } from '../../schema/refuse.ts';
import { refuseUnnamed } from '../shared/config-directory.ts';
import { directoryOf } from '../shared/mounts.ts';
import { refuseOtherwise } from './flags.ts';
import { refuseAccess } from './refuse-access.ts';
import type { NatsServer } from './schema.ts';
import { mountOf, unlimitedBytes } from './store.ts';
import { refuseStreams } from './subjects.ts';

export function references(plan: Plan, refuse: Refuse): void {
  const { services, messaging } = plan;
  const { topology, streams } = messaging;
  refuseAccess(plan, refuse);
  unique(
    streams.map(({ name }) => name),
    (index) => refuse(['messaging', 'streams', index, 'name'], 'a name that no other stream has'),
  );
  const voters = services.filter(({ kind }) => kind === 'nats').length;
  if (topology === 'pair' && voters !== 2)
    refuse(['messaging', 'topology'], `two services of kind nats for a pair; found ${voters}`);
  if (topology === 'arbiter' && (voters < 3 || voters % 2 === 0))
    refuse(
      ['messaging', 'topology'],
      `an odd number of nats services, three or more, with an arbiter; found ${voters}`,
    );
  streams.forEach(({ replicas }, index) => {
    if (replicas > voters)
      refuse(['messaging', 'streams', index, 'replicas'], `at most ${voters}, the number of nats services`);
  });
  storesHold({ services, streams }, refuse);
  services.forEach((service, index) => {
    const { resources, jetstream } = service.kind === 'nats' ? service : {};
    if (resources?.memory !== undefined && (jetstream?.maxMemoryStore ?? 0) >= resources.memory)
      refuse(
        ['services', index, 'jetstream', 'maxMemoryStore'],
        `less than resources.memory, ${humanSize(resources.memory)}, which the whole server has`,
      );
  });
}

export function contradictions(plan: Plan, refuse: Refuse): void {
  const { services, messaging, faults } = plan;
  refuseStreams(plan, refuse);
  services.forEach((service, index) => {
    if (service.kind !== 'nats') return;
    refuseUnnamed(service, index, refuse);
    refuseOtherwise(service, index, plan, refuse);
    if (!directoryOf(service, service.logFile))
      refuse(['services', index, 'logFile'], 'a path in the mount of one of its directories');
    if (!mountOf(service))
      refuse(
        ['services', index, 'store'],
        'a path in the mount of one of its directories (what is kept elsewhere goes with the container)',
      );
  });
  messaging.streams.forEach(({ subjects, publishes, duplicateWindow }, index) => {
    const at = ['messaging', 'streams', index];
    publishes.forEach((published, place) => {
      if (!subjects.some((subject) => takes(subject.split('.'), published.split('.'))))
        refuse([...at, 'publishes', place], `a subject that the stream takes: ${subjects.join(', ')}`);
    });
    if (duplicateWindow < faults.limit)
      refuse(
        [...at, 'duplicateWindow'],
        `at least faults.limit, ${promDuration(faults.limit)}: what is sent again after a fault would be stored twice`,
      );
  });
}

/** A server reserves what a stream may store. Each replica goes to another server, those with most room first, as the cluster places them. */
function storesHold(
  { services, streams }: { services: Plan['services']; streams: Plan['messaging']['streams'] },
  refuse: Refuse,
) {
  const servers = services.filter((service): service is NatsServer => service.kind === 'nats');
  const room = servers.map(({ name, jetstream }) => ({
    name,
    bytes: jetstream?.maxFileStore ?? unlimitedBytes.maxFileStore,
  }));
  streams.forEach(({ replicas, maxBytes = 0 }, index) => {
    const chosen = room.sort((a, b) => b.bytes - a.bytes).slice(0, replicas);
    const full = chosen.find(({ bytes }) => bytes < maxBytes);
    if (full)
      refuse(
        ['messaging', 'streams', index, 'maxBytes'],
        `at most ${humanSize(full.bytes)} for each of ${replicas} replicas, which is what the streams before it leave of ${full.name}'s jetstream.maxFileStore`,
      );
    for (const one of chosen) one.bytes -= maxBytes;
  });
}

/** `*` is one part, `>` all that are left, at least one. A part that is published is no wildcard. */
function takes(wanted: string[], parts: string[]): boolean {
  const [first, ...others] = wanted;
  const [part, ...left] = parts;
  if (first === undefined || part === undefined) return first === part;
  if (part === '*' || part === '>') return false;
  return first === '>' || ((first === '*' || first === part) && takes(others, left));
}
