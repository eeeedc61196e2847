// The gate of a plan: who decides, on evidence of which age, and which findings a person may accept for a GO.
import { z } from 'zod';
import { Duration } from './duration.ts';
import { percent } from './fields.ts';

/** What can have been found: an attempt that failed for another reason than those that follow, or a row that could not tell. */
export const findingKinds = ['attempt', 'unknown', 'component', 'agent', 'failover', 'rollback', 'data-loss'] as const;

export type FindingKind = (typeof findingKinds)[number];

/** Never what nobody knows, or a loss. */
const usuallyAcceptable: FindingKind[] = ['attempt', 'component', 'agent', 'failover', 'rollback'];
const usualAge = '30d';

export const Gate = z.strictObject({
  approvals: z.number().int().min(1).prefault(2),
  approvers: z.array(z.string().min(1)).min(1).optional().describe('who may decide; without it everybody'),
  confidenceAbovePercent: percent.prefault(90),
  deadline: Duration.prefault('48h'),
  evidenceMaxAge: Duration.prefault('24h').describe(
    'evidence that is older is looked at again before anybody may approve',
  ),
  remindEvery: Duration.prefault('12h').describe('how often people are told that the gate waits for them'),
  acceptable: z
    .array(z.enum(findingKinds))
    .default(usuallyAcceptable)
    .describe('findings that still allow a GO once a person has accepted them'),
  levelThreeMaxAge: Duration.prefault(usualAge).describe('how old the level 3 on record may be'),
});

type Settings = Partial<z.infer<typeof Gate>>;

/** Weeks that began under earlier builds have the usual ones. */
export function acceptableAt({ acceptable = usuallyAcceptable }: Settings): readonly FindingKind[] {
  return acceptable;
}

export function levelThreeMaxAgeAt({ levelThreeMaxAge = Duration.parse(usualAge) }: Settings): number {
  return levelThreeMaxAge;
}
