// What each task was for and what came of it, as tables: for the document and the page.
import { humanDuration } from '../schema/duration.ts';
import { taskOf } from '../tasks/index.ts';
import { estimateText } from '../tasks/purposes.ts';
import type { Table } from './contents.ts';
import type { Report } from './report.ts';

/** Reports of earlier builds say nothing of it. */
type Told = Partial<Pick<Report, 'tasks'>>;

export function taskTable({ tasks = [] }: Told): Table {
  return {
    heading: ['task', 'objective', 'priority', 'stands on', 'estimate', 'took'],
    rows: tasks.map(({ task, objective, priority, dependencies, estimate, tookMs, done }) => [
      taskOf(task).called,
      objective,
      priority,
      dependencies.join(', ') || '–',
      estimateText({ from: estimate.fromMs, to: estimate.toMs }),
      tookMs === null ? '–' : `${humanDuration(tookMs)}${done ? '' : ' so far'}`,
    ]),
  };
}

export function riskTable({ tasks = [] }: Told): Table {
  return {
    heading: ['risk', 'of', 'came of it', 'found'],
    rows: tasks.flatMap(({ task, risks }) =>
      risks.map(({ risk, outcome, over, found }) => [
        risk,
        task,
        outcome === 'happened' ? `happened${over ? ', is over' : ''}` : outcome,
        found,
      ]),
    ),
  };
}

/** As what each of its rows is shown. */
export function riskClasses({ tasks = [] }: Told): ('pass' | 'fail' | 'inconclusive' | 'open')[] {
  const shown = { mitigated: 'pass', open: 'open' } as const;
  return tasks.flatMap(({ risks }) =>
    risks.map(({ outcome, over }) => (outcome === 'happened' ? (over ? 'inconclusive' : 'fail') : shown[outcome])),
  );
}
