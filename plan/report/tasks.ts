// What each task was for, beside what came of it: its estimate and the time it took, its risks and what was found.
import { common, type Ranges, union } from '../evidence/sequence-sets.ts';
import type { TaskPurpose } from '../schema/purpose.ts';
import type { TaskName } from '../tasks/names.ts';
import { purposesOf } from '../tasks/purposes.ts';
import { stepsOf } from '../tasks/steps.ts';
import { type Known, type RiskFound, risksFound } from './risks.ts';
import { asFound } from './rows/requirement.ts';

/** A task as planned and as done. */
export interface TaskTold extends Pick<TaskPurpose, 'objective' | 'priority'> {
  task: TaskName;
  estimate: { fromMs: number; toMs: number };
  /** The tasks that it stands on. */
  dependencies: TaskName[];
  /** How long something of it was done or watched, all attempts together, without what is interrupted; null when nothing was. */
  tookMs: number | null;
  /** How long rows of it that had begun waited: the week was held, or mended something, or they are done again in a later window. */
  interruptedMs: number;
  /** All of it has been done, whatever came of it. */
  done: boolean;
  risks: RiskFound[];
}

export function tasksTold(known: Known): TaskTold[] {
  const { plan, interruptions } = known.state;
  return purposesOf(plan).map((purpose) => {
    const { task, objective, priority, estimate, dependencies } = purpose;
    const rows = known.requirements.filter((row) => row.task === task && row.kind !== 'undo').map(asFound);
    const ids = new Set(stepsOf(plan).flatMap((row) => (row.task === task ? [row.id] : [])));
    const times = [...rows, ...known.past.filter(({ id }) => ids.has(id))].flatMap(({ startedAt, endedAt }) =>
      startedAt === null || endedAt === null ? [] : [[startedAt, endedAt] as [number, number]],
    );
    const begun = union(times);
    const interruptedMs = lengthOf(common(begun, interruptions?.times ?? []));
    return {
      task,
      objective,
      priority,
      estimate: { fromMs: estimate.from, toMs: estimate.to },
      dependencies,
      tookMs: times.length === 0 ? null : lengthOf(begun) - interruptedMs,
      interruptedMs,
      done: rows.every(({ verdict }) => verdict !== 'open'),
      risks: risksFound(purpose, known),
    };
  });
}

function lengthOf(times: Ranges): number {
  return times.reduce((sum, [from, to]) => sum + to - from, 0);
}
