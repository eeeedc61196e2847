// What the control worker's reports have on record of a level 3 of the week's plan.
import { isCancellation } from '@temporalio/workflow';
import type { LevelThree } from '../plan/gate.ts';
import { reports } from './activities.ts';
import type { Week } from './week.ts';

/** Reports that can't be read are as good as none: people are told what is wanted. */
export async function levelThreeOnRecord({ state: { footprint } }: Week): Promise<LevelThree | null> {
  try {
    return await reports.findLevelThree({ footprint });
  } catch (error) {
    if (isCancellation(error)) throw error;
    return null;
  }
}
