// Who gives an order, and to which week.
import { hostname, userInfo } from 'node:os';
import { planId } from '../../plan/names.ts';
import type { Aim } from '../../plan/week/aim.ts';
import type { Speaker } from '../../workflows/orders/messages.ts';
import type { PlanFile } from '../plan-file.ts';

/** The name is a claim, the rest is what this process knows. */
export function speaker(name: string = userInfo().username): Speaker {
  return { by: name, from: `${userInfo().username}@${hostname()}` };
}

/** The week that began with this very text of the plan, or the run that was named. */
export interface Addressee extends Aim {
  plan: string;
}

export function addressee({ plan, digest }: Pick<PlanFile, 'plan' | 'digest'>, run?: string): Addressee {
  return { plan: planId(plan), ...(run ? { run } : { planDigest: digest }) };
}
