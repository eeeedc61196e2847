// An attempt that failed before it came to a record: it stays with those of the past. Pure.
import { stepsOf } from '../tasks/steps.ts';
import { fitted, recordBytes, type StepRecord } from './record.ts';
import type { WeekState } from './state.ts';

type Failed = Pick<StepRecord, 'id' | 'machine' | 'summary' | 'evidence' | 'startedAt' | 'endedAt'>;

export function keepFailed({ plan, history, records }: WeekState, failed: Failed): void {
  const record = { ...failed, verdict: 'fail' as const, attempts: records[failed.id]?.attempts ?? 1 };
  history.push(fitted(record, recordBytes(stepsOf(plan).length)));
}
