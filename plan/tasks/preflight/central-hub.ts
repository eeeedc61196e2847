// The hub that is there before the week.
import { serviceOf, servicesOf, type Plan } from '../../schema/plan.ts';
import type { CentralHub } from './schema.ts';

/** Undefined in the plan of the machines that are there, where its own is not. */
export function centralHubThere(plan: Plan): CentralHub | undefined {
  return servicesOf(plan, 'central-hub')[0];
}

export function centralHub(plan: Plan): CentralHub {
  return serviceOf(plan, 'central-hub');
}
