// Samples that the verdicts of the last day must not pass.
import * as verdicts from './verdicts.ts';
import type { Judges } from '../shared/judges.ts';

export function knownBad(): Judges<typeof verdicts> {
  return {
    programsRun: verdicts.programsRun([{ agent: 'agent', program: 'agent', state: 'FATAL', pid: null, uptimeS: null }]),
  };
}
