// Whether this build can go on from a state that another one wrote: what it makes of a state first, tried on it. Pure.
import { reportOf } from '../report/report.ts';
import { stepsOf } from '../tasks/steps.ts';
import { detailsOf } from './details.ts';
import { metricsView } from './metrics-view.ts';
import { glance, snapshot } from './snapshot.ts';
import type { WeekState } from './state.ts';

/** Why it can not; undefined when it can. What a task does with its own facts is seen only when it runs. */
export function whyNotReadable(state: WeekState, now: number): string | undefined {
  try {
    stepsOf(state.plan);
    const seen = snapshot(state, now);
    glance(seen);
    detailsOf(seen);
    metricsView(state, seen);
    reportOf(state, now);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
