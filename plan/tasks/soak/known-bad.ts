// Samples that the verdicts of the last day must not pass.
import * as verdicts from './verdicts.ts';
import type { Rejections } from '../shared/rejections.ts';

export function knownBad(): Rejections<typeof verdicts> {
  return {
    programsRun: verdicts.programsRun([{ agent: 'agent', program: 'agent', state: 'FATAL', pid: null, uptimeS: null }]),
  };
}
