// What a long week remembers no more itself: the oldest of what is done, written to a file beside its report. Pure.
import type { StepInfo } from '../tasks/row.ts';
import { union } from '../evidence/sequence-sets.ts';
import type { Incident } from './incident.ts';
import type { StepRecord } from './record.ts';
import type { Decided, Older, WeekState } from './state.ts';
import type { Undone } from './undo.ts';

/** So many of each travel with the week. A finding is never among what goes: repeats of it are one. */
export const kept = { history: 200, undone: 400, incidents: 50, decisions: 50 };

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

type Remembered = Pick<WeekState, 'history' | 'undone' | 'incidents' | 'decisions'>;

/** Null while all of it may stay. */
export function tooMuch(state: Remembered): Shed | null {
  const shed = {
    history: oldest(state.history, kept.history, ({ verdict }) => verdict === 'pass'),
    undone: oldest(state.undone, kept.undone, ({ result }) => result === 'undone' || result === 'already'),
    incidents: oldest(
      state.incidents,
      kept.incidents,
      ({ result, withinLimit }) => result === 'recovered' && withinLimit,
    ),
    decisions: oldest(state.decisions, kept.decisions, () => true),
  };
  return Object.values(shed).some(({ length }) => length > 0) ? shed : null;
}

/** So many of those that may go that no more than `atMost` stay. */
function oldest<T>(all: T[], atMost: number, mayGo: (one: T) => boolean): T[] {
  return all.filter(mayGo).slice(0, Math.max(0, all.length - atMost));
}

/** The week without what was written to the file. `rows` are those of its plan. */
export function without(
  state: Remembered & Pick<WeekState, 'older'>,
  shed: Shed,
  file: string,
  rows: readonly StepInfo[],
): void {
  const before = state.older;
  state.older = {
    file,
    history: (before?.history ?? 0) + shed.history.length,
    incidents: (before?.incidents ?? 0) + shed.incidents.length,
    decisions: (before?.decisions ?? 0) + shed.decisions.length,
    undone: counted(before?.undone ?? {}, shed.undone),
    disturbed: disturbedBy(before?.disturbed ?? {}, shed.history, rows),
  };
  state.history = rest(state.history, shed.history);
  state.undone = rest(state.undone, shed.undone);
  state.incidents = rest(state.incidents, shed.incidents);
  state.decisions = rest(state.decisions, shed.decisions);
}

function rest<T>(all: T[], gone: T[]): T[] {
  return all.filter((one) => !gone.includes(one));
}

function counted(before: Older['undone'], gone: OnMachine[]): Older['undone'] {
  const counts = { ...before };
  for (const { result } of gone) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

function disturbedBy(before: Older['disturbed'], gone: StepRecord[], rows: readonly StepInfo[]): Older['disturbed'] {
  const what = new Map(rows.flatMap(({ id, disturbs }) => (disturbs ? [[id, disturbs] as const] : [])));
  const disturbed = { ...before };
  for (const { id, startedAt, endedAt } of gone) {
    const target = what.get(id);
    if (target) disturbed[target] = union(disturbed[target] ?? [], [[startedAt, endedAt]]);
  }
  return disturbed;
}

/** A finding that is there already, with the same words, is counted: the newest of it stays. */
export function withFinding(history: StepRecord[], record: StepRecord): StepRecord[] {
  const index = history.findIndex(
    ({ id, verdict, summary }) => id === record.id && verdict === record.verdict && summary === record.summary,
  );
  const known = history[index];
  if (record.verdict === 'pass' || !known) return [...history, record];
  const merged = { ...record, startedAt: known.startedAt, times: (known.times ?? 1) + 1 };
  return [...history.filter((one) => one !== known), merged];
}
