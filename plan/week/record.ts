// Records: what each step and check of the week leaves behind under its id.

import { bytesOf } from './bytes.ts';
import { characters } from './cut-text.ts';

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
  /** How often the same was found, and when first; once where they are left out. The text and the other times are those of the newest. */
  times?: number;
  firstAt?: number;
  /** Of a row that a rollback left: the digest of all that was found (finding.ts), also of what is cut here. */
  finding?: string;
  /** Set when people let the week go on without a pass; it blocks a GO. */
  waived?: Waived;
  /** Of an attempt that was accepted with a newer one of its row, whose `waived` says by whom and why. */
  accepted?: true;
}

/** A step is skipped, a finding accepted. Earlier builds made no difference. */
export interface Waived {
  by: string;
  reason: string;
  at: number;
  as?: 'skipped' | 'accepted';
}

/** Beside what was found, which stays: never a pass. */
export function waivedText({ by, reason, as }: Waived): string {
  return `${as ?? 'waived'} by ${by}: ${reason}`;
}

/** All records of a week travel as one payload, of which Temporal takes 2 MB and warns far earlier. */
const allRecordsBytes = 560_000;
const maxRecordBytes = 512;

/** Of a preflight by itself, whose few records nobody carries on: people begin a week over all that it found. */
export const wholeRecordBytes = 64 * 1024;

/** How long a record may be in a week of so many rows. */
export function recordBytes(rows: number): number {
  return Math.min(maxRecordBytes, Math.floor(allRecordsBytes / rows));
}

/** Of a failover: what KPIs are made of, and never dropped. */
const figures = ['slowestMs', 'failovers', 'lost'];

/** What is left of a line at least, in characters. */
const shortestSummary = 20;

/** How long a record of a row may be that is cut as far as it can be, its figures aside. */
export function shortestRecord(id: string, machine: string): number {
  const [summary, at] = [`${'x'.repeat(shortestSummary)}…`, 1e12];
  return bytesOf({
    id,
    machine,
    verdict: 'inconclusive',
    summary,
    evidence: {},
    startedAt: at,
    endedAt: at,
    attempts: 99,
  });
}

/** Keeps a record within so many bytes of JSON: evidence goes first, longest value first, then the summary is cut. */
export function fitted(record: StepRecord, atMost = maxRecordBytes): StepRecord {
  const evidence = { ...record.evidence };
  const size = (text: string) => bytesOf({ ...record, summary: text, evidence });
  let summary = record.summary.replaceAll('\n', ' ');
  const droppable = () => Object.entries(evidence).filter(([key]) => !figures.includes(key));
  while (size(summary) > atMost && droppable().length > 0) {
    const [longest] = droppable().sort(([, a], [, b]) => JSON.stringify(b).length - JSON.stringify(a).length)[0] ?? [
      '',
    ];
    delete evidence[longest];
  }
  if (size(summary) > atMost) {
    const kept = characters(summary);
    const least = shortestSummary;
    for (let over = size(`${summary}…`) - atMost, length = summary.length; over > 0 && length > least;) {
      const last = kept.pop()!;
      over -= bytesOf(last) - bytesOf('');
      length -= last.length;
    }
    summary = `${kept.join('')}…`;
  }
  return { ...record, summary, evidence };
}

export function worst(verdicts: Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  if (verdicts.includes('inconclusive')) return 'inconclusive';
  return 'pass';
}
