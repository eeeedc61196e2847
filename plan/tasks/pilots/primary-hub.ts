// The hub that pilots use first.
import { serviceOf, type Plan } from '../../schema/plan.ts';
import type { EdgeHub } from '../edgehub/schema.ts';

/** While it is away pilots are on their fallback, as they should be. */
export function primaryHub(plan: Plan): EdgeHub {
  return serviceOf(plan, 'edge-hub');
}
