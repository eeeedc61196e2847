// The hub that is there before the week.
import { serviceOf, type Plan } from '../../schema/plan.ts';
import type { CentralHub } from './schema.ts';

export function centralHub(plan: Plan): CentralHub {
  return serviceOf(plan, 'central-hub');
}
