// The machines of the NATS servers, for a record.
import type { NatsServer } from '../../../plan/tasks/messaging/schema.ts';

export function machinesOf(servers: NatsServer[]): string {
  return [...new Set(servers.map((server) => server.machine))].join(', ');
}
