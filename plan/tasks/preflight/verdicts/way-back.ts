// Whether every undo has what it needs.
import type { OnRecord } from '../../../evidence/frozen.ts';
import type { Right } from '../../../machine-api/host.ts';
import type { Evaluation } from '../../../week/record.ts';
import { rightsAreThere } from './rights.ts';

/** What every undo needs is there. That no level 3 is on record is said early: only the gate wants one. */
export function wayBackIsReady({
  found,
  levelThree,
  noProof,
}: {
  found: { machine: string; rights: Right[] }[];
  levelThree: OnRecord;
  /** Why it does not count. */
  noProof?: string | undefined;
}): Evaluation {
  const { verdict, summary, evidence } = rightsAreThere(found);
  const onRecord =
    'none' in levelThree
      ? `${levelThree.none}, and the gate wants one`
      : noProof
        ? `${noProof}, and the gate wants another`
        : `level 3 of run ${levelThree.run} took back ${levelThree.tookBack.length} changes`;
  return { verdict, summary: `${summary}; ${onRecord}`, evidence };
}
