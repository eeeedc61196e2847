// What a long week remembers no more itself: the oldest of what is done, written to a file beside its report. Pure.
import { disturbedBy, type StepInfo } from '../tasks/row.ts';
import { samenessOf } from '../evidence/findings.ts';
import { union } from '../evidence/sequence-sets.ts';
import { endedWell, type Incident, nothingDone } from './incident.ts';
import { takenAtMost } from './order.ts';
import type { StepRecord } from './record.ts';
import type { Decided, Older, WeekState } from './state.ts';
import type { Undone } from './undo.ts';

/** So many of each travel with the week. */
export const kept = { history: 200, undone: 150, incidents: 15, decisions: 10 };

type OnMachine = Undone & { machine: string };

/** What goes to the file, the oldest first. */
export interface Shed {
  history: StepRecord[];
  undone: OnMachine[];
  incidents: Incident[];
  decisions: Decided[];
}

/** All incidents of the week. */
export function incidentsSoFar({ incidents, older }: Pick<WeekState, 'incidents' | 'older'>): number {
  return incidents.length + (older?.incidents ?? 0);
}

/** All that was no pass and is past. */
export function findingsSoFar({ history, older }: Pick<WeekState, 'history' | 'older'>): number {
  return history.reduce((sum, { verdict, times = 1 }) => sum + (verdict === 'pass' ? 0 : times), older?.findings ?? 0);
}

type Remembered = Pick<WeekState, 'history' | 'undone' | 'incidents' | 'decisions'>;

/** What is the same of records that repeat each other. */
export type Sameness = (record: StepRecord) => unknown[];

/** Two that fail by different kinds are no repeats, nor are one that a person accepted and one that nobody did: merged, one would be lost. */
export function sameness(rows: readonly StepInfo[], ofBefore = false): Sameness {
  return ofBefore ? ({ id, verdict }) => [id, verdict] : samenessOf(rows);
}

/** Null while all of it may stay. What the gate and the report judge by stays: what was not mended, and the newest that speaks for its row. */
export function tooMuch({ history, undone, incidents, decisions }: Remembered, same: Sameness): Shed | null {
  const mended = (one: Incident) => one.level !== 3 && endedWell(one) && one.withinLimit;
  // The newest of a level speaks for its row, and one in which nothing was mended only where nothing else does.
  const isRepeated = repeated(incidents, (one) => [one.level, nothingDone(one)]);
  const noGo = decisions.findLast(({ decision }) => decision === 'no-go');
  const shed = {
    history: leavingHistory(history, same),
    undone: leaving(
      undone,
      kept.undone,
      ({ result }) => result === 'undone' || result === 'already',
      repeated(undone, ({ machine, step, kind, target }) => [machine, step, kind, target]),
      ({ result }) => result === 'left',
    ),
    incidents: leaving(incidents, kept.incidents, (one) => mended(one) && isRepeated(one)),
    decisions: leaving(decisions, kept.decisions, (one) => one !== noGo),
  };
  return Object.values(shed).some(({ length }) => length > 0) ? shed : null;
}

function leavingHistory(history: StepRecord[], same: Sameness): StepRecord[] {
  const isPass = ({ verdict }: StepRecord) => verdict === 'pass';
  const over = leaving(history, kept.history, isPass, repeated(history, same), () => true);
  // Who waived it and why makes a record long.
  const waived = rest(history, over).filter((one) => one.waived);
  return [...over, ...waived.slice(0, Math.max(0, waived.length - takenAtMost.waived))];
}

/** So many that no more than `atMost` stay: those that may go first before those that may go next, of each the oldest first. */
function leaving<T>(all: T[], atMost: number, ...mayGo: ((one: T) => boolean)[]): T[] {
  const order = new Set(mayGo.flatMap((may) => all.filter(may)));
  return [...order].slice(0, Math.max(0, all.length - atMost));
}

/** Whether the same came again later. */
function repeated<T>(all: T[], what: (one: T) => unknown[]): (one: T) => boolean {
  const newest = new Set(new Map(all.map((one) => [JSON.stringify(what(one)), one])).values());
  return (one) => !newest.has(one);
}

/** The week without what was written to the file. `rows` are those of its plan. */
export function without(
  state: Remembered & Pick<WeekState, 'older'>,
  shed: Shed,
  file: string,
  rows: readonly StepInfo[],
  same: Sameness,
): void {
  const before = state.older;
  const isSame = (one: StepRecord, other: StepRecord) => JSON.stringify(same(one)) === JSON.stringify(same(other));
  const history = rest(state.history, shed.history);
  const findings = shed.history.filter(({ verdict }) => verdict !== 'pass');
  // Those that are here again say themselves how often they were.
  const gone = findings.filter((one) => !history.some((other) => isSame(one, other)));
  state.older = {
    file,
    history: (before?.history ?? 0) + shed.history.length,
    findings: (before?.findings ?? 0) + gone.reduce((sum, { times = 1 }) => sum + times, 0),
    incidents: (before?.incidents ?? 0) + shed.incidents.length,
    levels: counted(before?.levels ?? {}, shed.incidents, 'level'),
    decisions: (before?.decisions ?? 0) + shed.decisions.length,
    undone: counted(before?.undone ?? {}, shed.undone, 'result'),
    disturbed: disturbedIn(before?.disturbed ?? {}, shed.history, rows),
  };
  const isRepeated = repeated(history, same);
  const repeatsOf = (one: StepRecord) => findings.filter((other) => isSame(one, other));
  state.history = history.map((one) => (isRepeated(one) ? one : merged(one, repeatsOf(one))));
  state.undone = rest(state.undone, shed.undone);
  state.incidents = rest(state.incidents, shed.incidents);
  state.decisions = rest(state.decisions, shed.decisions);
}

/** The newest of a finding, with how often and since when it was: its own times stay, which is when it disturbed what it did. */
function merged(record: StepRecord, repeats: StepRecord[]): StepRecord {
  if (repeats.length === 0) return record;
  const waived = record.waived ?? repeats.findLast((one) => one.waived)?.waived;
  return {
    ...record,
    times: [record, ...repeats].reduce((sum, { times = 1 }) => sum + times, 0),
    firstAt: Math.min(...[record, ...repeats].map(({ firstAt, startedAt }) => firstAt ?? startedAt)),
    ...(waived && { waived }),
  };
}

function rest<T>(all: T[], gone: T[]): T[] {
  return all.filter((one) => !gone.includes(one));
}

function counted<Key extends string, Value extends string | number>(
  before: Partial<Record<Value, number>>,
  gone: Record<Key, Value>[],
  key: Key,
): Partial<Record<Value, number>> {
  const counts = { ...before };
  for (const { [key]: value } of gone) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function disturbedIn(before: Older['disturbed'], gone: StepRecord[], rows: readonly StepInfo[]): Older['disturbed'] {
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const disturbed = { ...before };
  for (const { id, startedAt, endedAt } of gone)
    for (const target of disturbedBy(rowOf.get(id) ?? {}))
      disturbed[target] = union(disturbed[target] ?? [], [[startedAt, endedAt]]);
  return disturbed;
}
