// How a week stands for its metrics: what people see, and what is worked out only when it is asked for. Pure.
import { kpisNow } from '../evidence/gate.ts';
import { stepsOf, tasksIn, undoRows } from '../tasks/steps.ts';
import type { Level } from './incident.ts';
import type { Evaluation, Verdict } from './record.ts';
import type { Snapshot } from './snapshot.ts';
import type { WeekState } from './state.ts';

export interface MetricsView extends Snapshot {
  /** As they stand now. */
  kpis: Record<string, Evaluation>;
  /** How many rows of each task have which verdict: every step and check, and what an undo left behind. */
  verdicts: Record<string, Record<Verdict | 'open', number>>;
  /** Incidents that were mended and are in a file by now, by level. */
  olderIncidents?: Partial<Record<Level, number>>;
}

export function metricsView(state: WeekState, seen: Snapshot): MetricsView {
  const verdicts: MetricsView['verdicts'] = {};
  const steps = stepsOf(state.plan);
  const tasks = new Map<string, string>([...steps, ...undoRows(tasksIn(state.plan))].map(({ id, task }) => [id, task]));
  for (const id of new Set([...steps.map((step) => step.id), ...Object.keys(state.records)])) {
    // Beside rows only the opening and keeping of ledgers leaves records.
    const task = tasks.get(id) ?? 'ledger';
    verdicts[task] ??= { pass: 0, fail: 0, inconclusive: 0, open: 0 };
    verdicts[task][state.records[id]?.verdict ?? 'open'] += 1;
  }
  return { ...seen, kpis: kpisNow(state), verdicts, olderIncidents: state.older?.levels };
}
