// Where a NATS server is reached: by its clients, and by those who look at it.
import type { NatsServer } from '../messaging/schema.ts';

export function natsUrl({ machine, ports }: NatsServer): string {
  return `nats://${machine}:${ports.client.host}`;
}

export function monitorUrl({ machine, ports }: NatsServer): string {
  return `http://${machine}:${ports.monitor.host}`;
}
