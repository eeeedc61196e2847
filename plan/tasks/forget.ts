// Takes out what a step left in the state beside its record, so that it can be done again.
import { keepFailed } from '../week/attempt.ts';
import type { WeekState } from '../week/state.ts';
import type { StepInfo } from './row.ts';
import { factsOf } from './steps.ts';

/** `keepsFound`: what a watch of a log has found stays found, though it is not over and has no record; not so in a history of before. */
export function forgetStep(
  state: WeekState,
  row: Pick<StepInfo, 'id' | 'watches' | 'keeps' | 'ofAgent'>,
  now: number,
  keepsFound: boolean,
): void {
  const window = state.windows[row.id];
  const errors = window?.log?.matches ?? 0;
  if (keepsFound && window && errors > 0)
    keepFailed(state, {
      id: row.id,
      machine: state.plan.agents.find(({ name }) => name === row.ofAgent)?.machine ?? '',
      summary: `${errors} error lines: ${window.firstIssue ?? ''}`,
      evidence: { errors },
      startedAt: window.startedAt,
      endedAt: now,
    });
  delete state.windows[row.id];
  for (const fact of factsOf(row)) delete state.facts[fact];
}
