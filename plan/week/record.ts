// Records: what each step and check of the week leaves behind under its id.

export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** Small facts that people can check: numbers, digests, one log line. */
export type Evidence = Record<string, string | number | boolean | null | string[] | number[]>;

/** What a judge says of a measurement. No data is never a pass. */
export interface Evaluation {
  verdict: Verdict;
  /** One line. */
  summary: string;
  evidence: Evidence;
}

export interface StepRecord extends Evaluation {
  id: string;
  machine: string;
  /** Unix milliseconds. */
  startedAt: number;
  endedAt: number;
  attempts: number;
  /** How often the same was found; once where it is left out. */
  times?: number;
  /** Set when people let the week go on without a pass; it blocks a GO. */
  waived?: { by: string; reason: string; at: number };
}

/** All records of a week travel as one payload, of which Temporal takes 2 MB and warns far earlier. */
const allRecordsBytes = 640_000;
const maxRecordBytes = 512;

/** How long a record may be in a week of so many rows. */
export function recordBytes(rows: number): number {
  return Math.min(maxRecordBytes, Math.floor(allRecordsBytes / rows));
}

/** Of a failover: what KPIs are made of, and never dropped. */
const figures = ['slowestMs', 'failovers', 'lost'];

/** Keeps a record within so many bytes of JSON: evidence goes first, longest value first, then the summary is cut. */
export function fitted(record: StepRecord, atMost = maxRecordBytes): StepRecord {
  const evidence = { ...record.evidence };
  const size = (text: string) => bytesOf(JSON.stringify({ ...record, summary: text, evidence }));
  let summary = record.summary.replaceAll('\n', ' ');
  const droppable = () => Object.entries(evidence).filter(([key]) => !figures.includes(key));
  while (size(summary) > atMost && droppable().length > 0) {
    const [longest] = droppable().sort(([, a], [, b]) => JSON.stringify(b).length - JSON.stringify(a).length)[0] ?? [
      '',
    ];
    delete evidence[longest];
  }
  if (size(summary) > atMost) {
    while (summary.length > 40 && size(`${summary}…`) > atMost) summary = [...summary].slice(0, -1).join('');
    summary = `${summary}…`;
  }
  return { ...record, summary, evidence };
}

/** As UTF-8. */
function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

export function worst(verdicts: Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  if (verdicts.includes('inconclusive')) return 'inconclusive';
  return 'pass';
}
