// How a week stands for its metrics: what people see, and what is worked out only when it is asked for. Pure.
import { kpisNow } from '../evidence/gate.ts';
import type { Judgement, Verdict } from './record.ts';
import type { Snapshot, WeekState } from './state.ts';
import { stepsOf } from '../tasks/index.ts';

export interface Standing extends Snapshot {
  /** As they stand now. */
  kpis: Record<string, Judgement>;
  /** How many rows of each task have which verdict: every step and check, and what an undo left behind. */
  verdicts: Record<string, Record<Verdict | 'open', number>>;
}

export function standing(state: WeekState, seen: Snapshot): Standing {
  const verdicts: Standing['verdicts'] = {};
  const tasks = new Map<string, string>(stepsOf(state.plan).map(({ id, task }) => [id, task]));
  for (const id of new Set([...tasks.keys(), ...Object.keys(state.records)])) {
    const task = tasks.get(id) ?? id.split('.', 1)[0]!;
    verdicts[task] ??= { pass: 0, fail: 0, inconclusive: 0, open: 0 };
    verdicts[task][state.records[id]?.verdict ?? 'open'] += 1;
  }
  return { ...seen, kpis: kpisNow(state), verdicts };
}
