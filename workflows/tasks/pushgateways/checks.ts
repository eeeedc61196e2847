// What checks of task 2B and its checkpoint have in common.
import type { MachineActivities } from '../../../plan/machine-api/index.ts';
import type { Pushgateway } from '../../../plan/tasks/pushgateways/schema.ts';
import { gatewayTarget } from '../../../plan/tasks/shared/gateways.ts';

export async function pushTest(m: MachineActivities, gateway: Pushgateway) {
  const group = { gateway: gatewayTarget(gateway), ...gateway.test };
  return { probe: await m.pushMetric(group), read: await m.readPushed(group) };
}
