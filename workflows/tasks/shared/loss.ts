// What counts as lost.
import { patched } from '@temporalio/workflow';
import type { LossOf } from '../../../plan/evidence/sequence-sets.ts';

/** In a history of before, what nobody had acknowledged could not be lost. */
export function lossOf(): LossOf {
  return patched('loss-is-attempted') ? 'attempted' : 'acknowledged';
}
