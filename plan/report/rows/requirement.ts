// One row of a report.
import type { TaskName } from '../../tasks/names.ts';
import type { Row, StepInfo, ToldAs } from '../../tasks/row.ts';
import type { Evidence, StepRecord, Verdict, Waived } from '../../week/record.ts';

/** One row of the plan: a step, a check, what an undo or an emergency must leave behind, a KPI, a criterion of the gate, a part of the report. `open`, with nulls, when it was not done. */
export interface Requirement {
  id: string;
  kind: StepInfo['kind'] | 'emergency' | 'kpi' | 'gate' | 'comms' | 'report';
  task: TaskName | 'emergency' | 'kpi' | 'gate' | 'comms' | 'report';
  text: string;
  verdict: Verdict | 'open';
  machine: string | null;
  summary: string | null;
  evidence: Evidence;
  startedAt: number | null;
  endedAt: number | null;
  attempts: number;
  waived: Waived | null;
  /** The pilot whose own row it is. */
  agent?: string;
  /** The trial in which it times a failover. */
  trial?: string;
  /** Where the report tells it beside its own table. */
  toldAs?: ToldAs;
  /** What had been found of an open row before it was undone. */
  before?: Found;
}

/** What is known of a row that was done. */
export interface Found {
  verdict: Verdict;
  machine: string;
  summary: string;
  evidence: Evidence;
  startedAt: number;
  endedAt: number;
  attempts: number;
  waived: Requirement['waived'];
}

export function requirement(
  row: Pick<Requirement, 'id' | 'kind' | 'task' | 'text'> & Partial<Omit<Row, 'kind'>>,
  record: StepRecord | undefined,
  before?: StepRecord,
): Requirement {
  const { id, kind, task, text, ofAgent, prepares, timesFailover: trial, toldAs } = row;
  const agent = ofAgent ?? prepares;
  return {
    id,
    kind,
    task,
    text,
    ...(record ? foundIn(record) : notDone),
    ...(agent && { agent }),
    ...(trial && { trial }),
    ...(toldAs && { toldAs }),
    ...(!record && before && { before: foundIn(before) }),
  };
}

const notDone = {
  verdict: 'open',
  machine: null,
  summary: null,
  evidence: {},
  startedAt: null,
  endedAt: null,
  attempts: 0,
  waived: null,
} as const;

function foundIn({ verdict, machine, summary, evidence, startedAt, endedAt, attempts, waived }: StepRecord): Found {
  return { verdict, machine, summary, evidence, startedAt, endedAt, attempts, waived: waived ?? null };
}

/** With what was found before it was undone, where it was. */
export function asFound(row: Requirement): Requirement {
  return row.before ? { ...row, ...row.before } : row;
}
