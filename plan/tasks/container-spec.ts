// A service that the week makes, as the specification of its container.
import type { ContainerLimits, ContainerSpec } from '../machine-api/containers.ts';
import { hostsOf } from '../schema/endpoints.ts';
import { listensAt } from '../schema/listen.ts';
import type { Made, Plan } from '../schema/plan.ts';
import { readOnlyBinds } from './read-only-binds.ts';
import { portsOf } from './services.ts';

/** `image` is what the tag was resolved to at the start. */
export function containerSpec(plan: Plan, service: Made, image: string): ContainerSpec {
  const limits = limitsOf(service);
  const listen = listensAt(plan, service.machine);
  return {
    name: service.name,
    image,
    restart: service.restart,
    ports: portsOf(service),
    binds: [
      ...service.directories.map((directory) => ({ host: directory.path, container: directory.mount })),
      ...readOnlyBinds(plan, service),
    ],
    command: service.command,
    extraHosts: hostsOf(plan),
    stopGraceMs: service.stopGrace,
    // A plan that says neither has the specification that it always had.
    ...(listen && { listen }),
    ...(limits && { limits }),
  };
}

function limitsOf({ resources, logs }: Made): ContainerLimits | undefined {
  const { cpus, memory } = resources ?? {};
  if (cpus === undefined && memory === undefined && !logs) return undefined;
  return {
    ...(cpus !== undefined && { cpus }),
    ...(memory !== undefined && { memoryBytes: memory }),
    ...(logs && { log: { maxBytes: logs.maxSize, maxFiles: logs.maxFiles } }),
  };
}
