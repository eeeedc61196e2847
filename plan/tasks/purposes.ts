// What each task of a plan is for: as the plan says it, else as the task does.
import { humanDuration } from '../schema/duration.ts';
import type { Plan } from '../schema/plan.ts';
import type { TaskPurpose } from '../schema/purpose.ts';
import { taskOf } from './index.ts';
import { taskNames, type TaskName } from './names.ts';
import { tasksIn } from './steps.ts';

export interface Purpose extends TaskPurpose {
  task: TaskName;
  dependencies: TaskName[];
}

/** Of those that the plan has something for, in their order. Plans of earlier builds say nothing of them. */
export function purposesOf(plan: Plan): Purpose[] {
  const there = tasksIn(plan);
  return there.map((task) => ({
    task,
    ...taskOf(task).purpose,
    ...plan.tasks?.[task],
    dependencies: dependenciesOf(task).filter((name) => there.includes(name)),
  }));
}

/** What it stands on. */
export function dependenciesOf(task: TaskName): TaskName[] {
  const { standsOn } = taskOf(task);
  return standsOn === 'all before' ? taskNames.slice(0, taskNames.indexOf(task)) : standsOn;
}

export function estimateText({ from, to }: TaskPurpose['estimate']): string {
  return from === to ? humanDuration(from) : `${humanDuration(from)} to ${humanDuration(to)}`;
}

/** One line. */
export function purposeText({
  priority,
  estimate,
  dependencies,
  objective,
}: Pick<Purpose, 'priority' | 'estimate' | 'dependencies' | 'objective'>): string {
  const on = dependencies.length > 0 ? `, on ${dependencies.join(', ')}` : '';
  return `${objective} (${priority}, ${estimateText(estimate)}${on})`;
}
