// What the week makes, as specifications: containers and streams.
import type { ContainerSpec, StreamSpec } from '../../machine-api/index.ts';
import type { EdgeHub, NatsServer, Plan, Pushgateway, Stream } from '../../schema/plan.ts';
import { hostsOf } from '../../schema/endpoints.ts';

/** `image` is what the tag was resolved to at the start. */
export function containerSpec(plan: Plan, service: EdgeHub | Pushgateway | NatsServer, image: string): ContainerSpec {
  return {
    name: service.name,
    image,
    restart: service.restart,
    ports: service.kind === 'nats' ? Object.values(service.ports) : [service.port],
    binds: service.directories.map((directory) => ({ host: directory.path, container: directory.mount })),
    command: service.command,
    extraHosts: hostsOf(plan),
    stopGraceMs: service.stopGrace,
  };
}

export function streamSpec(stream: Stream): StreamSpec {
  return {
    name: stream.name,
    subjects: stream.subjects,
    maxAgeMs: stream.maxAge,
    replicas: stream.replicas,
    duplicateWindowMs: stream.duplicateWindow,
  };
}
