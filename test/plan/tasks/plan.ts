// The project's own plan, for tests of what is rendered from it.
import { readFileSync } from 'node:fs';
import type { Plan } from '../../../plan/schema/plan.ts';
import { readPlan } from '../../../plan/schema/read.ts';

const text = readFileSync(new URL('../../../plan/week1.yaml', import.meta.url), 'utf8');

/** plan/week1.yaml, read anew, so that a test may change it. */
export function weekPlan(): Plan {
  return readPlan(text, 'plan/week1.yaml');
}
