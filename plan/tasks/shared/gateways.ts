// Where a Pushgateway is reached.
import type { Pushgateway } from '../pushgateways/schema.ts';

export function gatewayUrl({ machine, port }: Pushgateway): string {
  return `http://${machine}:${port.host}`;
}
