// What the control worker's reports have on record of a level 3 of the week's plan.
import { isCancellation } from '@temporalio/workflow';
import type { OnRecord } from '../../plan/evidence/frozen.ts';
import { levelThreeMaxAgeAt } from '../../plan/schema/gate.ts';
import { failureText } from '../machine/failures.ts';
import { reports } from '../machine/proxy.ts';
import type { Week } from '../week.ts';

/** Reports that can't be read are as good as none, and said. */
export async function levelThreeOnRecord({ plan, state: { footprint } }: Week): Promise<OnRecord> {
  const sinceMs = Date.now() - levelThreeMaxAgeAt(plan.gate);
  try {
    return (await reports.findLevelThree({ footprint, sinceMs })) ?? { none: 'no level 3 of this plan is on record' };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { none: failureText(error) };
  }
}
