// Where things of a plan are reached: URLs by machine name, as the seed writes them (http://PC2:9100).
import {
  serviceOf,
  servicesOf,
  type Agent,
  type CentralHub,
  type EdgeHub,
  type NatsServer,
  type Plan,
  type Pushgateway,
  type Service,
} from './plan.ts';

export function hubUrl(hub: CentralHub | EdgeHub): string {
  return `http://${hub.machine}:${hub.kind === 'central-hub' ? hub.port : hub.port.host}`;
}

export function gatewayUrl(gateway: Pushgateway): string {
  return `http://${gateway.machine}:${gateway.port.host}`;
}

export function natsUrl(server: NatsServer): string {
  return `nats://${server.machine}:${server.ports.client.host}`;
}

export function monitorUrl(server: NatsServer): string {
  return `http://${server.machine}:${server.ports.monitor.host}`;
}

/** Where a service says that all is well with it and with what it needs. */
export function healthUrl(service: Service): string {
  switch (service.kind) {
    case 'nats':
      return `${monitorUrl(service)}/healthz`;
    case 'pushgateway':
      return `${gatewayUrl(service)}/-/ready`;
    default:
      return `${hubUrl(service)}/-/ready`;
  }
}

/** Where it answers as long as it runs itself: a NATS server without its cluster is alive, and not well. */
export function aliveUrl(service: Service): string {
  return service.kind === 'nats' ? `${monitorUrl(service)}/varz` : healthUrl(service);
}

export function agentUrl(agent: Agent, path = agent.health): string {
  return `http://${agent.machine}:${agent.port}${path}`;
}

/** Machine name → address, for extra hosts of containers: Docker ignores the host's own /etc/hosts. */
export function hostsOf(plan: Plan): Record<string, string> {
  return Object.fromEntries(plan.machines.map((machine) => [machine.name, machine.address]));
}

/** Both hubs by their names in the plan. */
export function hubsOf(plan: Plan): Record<string, CentralHub | EdgeHub> {
  const [central, edge] = [serviceOf(plan, 'central-hub'), serviceOf(plan, 'edge-hub')];
  return { [central.name]: central, [edge.name]: edge };
}

/** Directory of a service's configuration files: the one whose mount its command points into. */
export function configDirectory(service: EdgeHub | NatsServer): { path: string; owner: string; mount: string } {
  // Exactly: "/etc/prometheus/x.yml" also contains "/prometheus/x.yml", which is another mount.
  const named = (path: string) => service.command.some((part) => part === path || part.endsWith(`=${path}`));
  const found = service.directories.find((directory) => named(`${directory.mount}/${service.configFile}`));
  if (!found) throw new Error(`The command of ${service.name} names no ${service.configFile} in one of its mounts`);
  return found;
}

/** Ports of the week's services on a machine: what a partition blocks, never Temporal or ssh. */
export function servicePorts(plan: Plan): number[] {
  const ports = [
    ...servicesOf(plan, 'nats').flatMap(({ ports: { client, monitor, cluster } }) => [client, monitor, cluster]),
    ...servicesOf(plan, 'pushgateway').map((gateway) => gateway.port),
    serviceOf(plan, 'edge-hub').port,
  ];
  return [
    ...new Set([...ports.flatMap((port) => [port.host, port.container]), serviceOf(plan, 'central-hub').port]),
  ].sort((a, b) => a - b);
}
