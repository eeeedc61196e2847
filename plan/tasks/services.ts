// What the week asks of any service, whatever its kind: its ports, where it answers, its files. The kinds are the tasks'.
import type { HttpTarget } from '../machine-api/target.ts';
import type { Port } from '../schema/fields.ts';
import { isMade, type Made, type Plan, type Service } from '../schema/plan.ts';
import type { ServiceKind, ServiceKinds } from './contract.ts';
import { tasks } from './index.ts';
import type { TaskName } from './names.ts';
import type { Hub } from './shared/hubs.ts';
import type { Oldest } from './shared/versions.ts';

const kinds: ServiceKinds = Object.assign({}, ...tasks.map(({ services }) => services));

function kindOf<S extends Service>({ kind }: S): ServiceKind<S> {
  return kinds[kind] as unknown as ServiceKind<S>;
}

export function portsOf(service: Service): Port[] {
  return kindOf(service).ports(service);
}

/** Which port of it knows no login. */
export function openPortOf(service: Service): Port | undefined {
  return kindOf(service).openPort?.(service);
}

/** Where a service says that all is well with it and with what it needs. */
export function healthTarget(service: Service): HttpTarget {
  return kindOf(service).healthTarget(service);
}

/** Where it answers as long as it runs itself: a NATS server without its cluster is alive, and not well. */
export function aliveTarget(service: Service): HttpTarget {
  const { aliveTarget: alive, healthTarget: health } = kindOf(service);
  return (alive ?? health)(service);
}

/** The files that the week writes whole, by path, as they are at its end. */
export function filesOf(plan: Plan, service: Service): [path: string, content: string][] {
  return kindOf(service).files?.(plan, service) ?? [];
}

/** Files of the machine that its configuration names: each once. */
export function readsOf(plan: Plan, service: Service): string[] {
  return [...new Set(kindOf(service).reads?.(plan, service) ?? [])];
}

/** The oldest of its kind that knows what it is told, where that is known. */
export function oldestOf(plan: Plan, service: Service): Oldest | undefined {
  return kindOf(service).oldest?.(plan, service);
}

/** The task that makes services of this kind, or finds them. */
export function taskOfKind(kind: Service['kind']): TaskName {
  return tasks.find(({ services }) => services && kind in services)!.name;
}

export function isHub(service: Service): service is Hub {
  return kindOf(service).hub ?? false;
}

/** What the week makes and may restart, in the order of the tasks. */
export function componentsOf(plan: Plan): Made[] {
  const order = Object.keys(kinds);
  return plan.services.filter(isMade).sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

/** Every port of the week's services, published or inside: what a partition blocks, never Temporal or ssh. */
export function servicePorts(plan: Plan): number[] {
  const numbers = plan.services.flatMap((service) =>
    portsOf(service).flatMap(({ host, container }) => [host, container]),
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}
