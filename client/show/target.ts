// What a command is about to act on: which plan, which Temporal, which run.
import { Failure } from '../failure.ts';
import { planId } from '../../plan/names.ts';
import type { PlanFile } from '../plan-file.ts';
import { temporalSettings } from '../week/settings.ts';

/** `run` says how it stands, too. */
export function targetLines({ file, digest, plan }: PlanFile, run?: string): string[] {
  return [
    `plan      ${planId(plan)}, ${file} (digest ${digest.slice(0, 12)})`,
    `Temporal  ${temporalText()}`,
    ...(run ? [`run       ${run}`] : []),
  ];
}

/** An emergency goes on without it. */
function temporalText(): string {
  try {
    const { address, namespace = 'default' } = temporalSettings();
    return `${address}, namespace ${namespace}`;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
