// What was found in a row, as a short digest: a person accepts that, and nothing else that reads the same. Pure.
import { digestOf } from './digest.ts';
import type { Evaluation, Evidence, StepRecord } from './record.ts';

/** With all of it, where the line names only some. */
export interface Found extends Evaluation {
  whole?: string;
}

/** Of what names things: figures may be others the next time, and it is the same. */
export function findingOf({ verdict, summary, whole = summary, evidence }: Found): string {
  return digestOf({ verdict, whole, names: namesIn(evidence) }).slice(0, 16);
}

/** A record may be cut: where all of it was found, the digest of that is beside it. */
export function findingIn(record: StepRecord | undefined): string {
  return record ? (record.finding ?? findingOf(record)) : 'nothing';
}

/** Its lists of names. */
export function namesIn(evidence: Evidence): Evidence {
  const lists = Object.entries(evidence).filter(
    ([, value]) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  );
  return Object.fromEntries(lists);
}
