// Whether a level 3 on record is a proof of the way back for a week of now. Pure.
import { humanDuration, utc } from '../schema/duration.ts';
import { levelThreeMaxAgeAt } from '../schema/gate.ts';
import type { Plan } from '../schema/plan.ts';
import type { LevelThree } from './frozen.ts';

/** `at`: when it is looked at, in Unix milliseconds. What it took back is another question. */
export function whyNoProof(levelThree: LevelThree, { gate }: Pick<Plan, 'gate'>, at: number): string | undefined {
  const { run, at: endedAt, ofOtherBuild } = levelThree;
  const atMost = levelThreeMaxAgeAt(gate);
  if (ofOtherBuild) return `the level 3 of run ${run} was done by another build of hubshift`;
  if (endedAt < at - atMost)
    return `the level 3 of run ${run} is of ${utc(endedAt)}, older than ${humanDuration(atMost)}`;
  return undefined;
}
