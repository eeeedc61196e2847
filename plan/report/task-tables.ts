// What each task was for and what came of it, as tables: for the document and the page.
import { humanDuration } from '../schema/duration.ts';
import { taskOf } from '../tasks/index.ts';
import type { TaskName } from '../tasks/names.ts';
import { estimateText } from '../tasks/purposes.ts';
import type { Table } from './contents.ts';
import type { Report } from './report.ts';
import type { RiskFound } from './risks.ts';

/** Reports of earlier builds say nothing of it. */
type Told = Partial<Pick<Report, 'tasks'>>;

export function taskTable({ tasks = [] }: Told): Table {
  return {
    heading: ['task', 'objective', 'priority', 'stands on', 'estimate', 'took'],
    rows: tasks.map(({ task, objective, priority, dependencies, estimate, tookMs, interruptedMs = 0, done }) => [
      taskOf(task).called,
      objective,
      priority,
      dependencies.join(', ') || '–',
      estimateText({ from: estimate.fromMs, to: estimate.toMs }),
      tookMs === null
        ? '–'
        : `${humanDuration(tookMs)}${done ? '' : ' so far'}${interruptedMs > 0 ? `, interrupted for ${humanDuration(interruptedMs)}` : ''}`,
    ]),
  };
}

export function riskTable(told: Told): Table {
  return {
    heading: ['risk', 'of', 'came of it', 'found'],
    rows: risksOf(told).map(({ risk, task, outcome, over, found }) => [
      risk,
      task,
      outcome === 'happened' ? `happened${over ? ', is over' : ''}` : outcome,
      found,
    ]),
  };
}

/** As what each of its rows is shown. */
export function riskClasses(told: Told): Class[] {
  return risksOf(told).map(classOf);
}

type Class = 'fail' | 'inconclusive' | 'open' | 'pass';
const worstFirst: Class[] = ['fail', 'inconclusive', 'open', 'pass'];

/** What has happened stands first, what is mitigated last. */
function risksOf({ tasks = [] }: Told): (RiskFound & { task: TaskName })[] {
  const place = (risk: RiskFound) => worstFirst.indexOf(classOf(risk));
  return tasks
    .flatMap(({ task, risks }) => risks.map((risk) => ({ ...risk, task })))
    .sort((a, b) => place(a) - place(b));
}

function classOf({ outcome, over }: RiskFound): Class {
  if (outcome === 'happened') return over ? 'inconclusive' : 'fail';
  return outcome === 'mitigated' ? 'pass' : 'open';
}
