// Where a Pushgateway is reached.
import { targetOf, type HttpTarget } from '../../machine-api/target.ts';
import { urlAt } from '../../schema/endpoints.ts';
import type { Pushgateway } from '../pushgateways/schema.ts';

export function gatewayUrl(gateway: Pushgateway): string {
  return urlAt(gateway, gateway.port.host);
}

export function gatewayTarget(gateway: Pushgateway, path = ''): HttpTarget {
  return targetOf(gateway, `${gatewayUrl(gateway)}${path}`);
}
