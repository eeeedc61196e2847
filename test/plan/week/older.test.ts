// What a long week gives away, and what it never does.
import { expect, test } from 'vitest';
import { incidentsSoFar, kept, tooMuch, withFinding, without } from '../../../plan/week/older.ts';
import type { StepRecord } from '../../../plan/week/record.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import type { UndoResult } from '../../../plan/week/undo.ts';
import { incident } from '../evidence/good-week.ts';

const record = (id: string, verdict: StepRecord['verdict'], startedAt: number): StepRecord => ({
  id,
  machine: 'PC2',
  verdict,
  summary: `${verdict} of ${id}`,
  evidence: {},
  startedAt,
  endedAt: startedAt + 10,
  attempts: 1,
});
const entry = (number: number, result: UndoResult) => ({
  machine: 'PC2',
  entry: number,
  step: '2A.deploy.container',
  kind: 'container.remove' as const,
  target: 'edgehub',
  result,
  ms: 1,
});
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));

type Remembered = Pick<WeekState, 'history' | 'undone' | 'incidents' | 'decisions' | 'older'>;
const week = (more: Partial<Remembered>): Remembered => ({
  history: [],
  undone: [],
  incidents: [],
  decisions: [],
  ...more,
});
const rows = [{ id: '2A.check.restart', kind: 'check', task: '2A', text: '', disturbs: 'edge-hub' }] as const;

test('a week within its limits keeps all of it', () => {
  const full = week({
    history: many(kept.history, (at) => record('2A.deploy', 'pass', at)),
    undone: many(kept.undone, (number) => entry(number, 'undone')),
  });
  expect(tooMuch(full)).toBeNull();
});

test('beyond them the oldest that was well goes; findings stay, however old', () => {
  const state = week({
    history: [record('2B.check', 'fail', 0), ...many(kept.history + 4, (at) => record('2A.deploy', 'pass', at + 1))],
    undone: [entry(0, 'failed'), entry(1, 'left'), ...many(kept.undone, (number) => entry(number + 2, 'undone'))],
  });
  const shed = tooMuch(state)!;
  expect(shed.history.map(({ startedAt }) => startedAt)).toEqual([1, 2, 3, 4, 5]);
  expect(shed.undone.map(({ entry: number }) => number)).toEqual([2, 3]);
  without(state, shed, '/reports/run.older.jsonl', rows);
  expect(state.history).toHaveLength(kept.history);
  expect(state.history[0]).toMatchObject({ verdict: 'fail' });
  expect(state.undone.slice(0, 2).map(({ result }) => result)).toEqual(['failed', 'left']);
  expect(state.older).toMatchObject({ file: '/reports/run.older.jsonl', history: 5, undone: { undone: 2 } });
  expect(tooMuch(state)).toBeNull();
});

test('of incidents those go that recovered in time: one that failed or took too long is a finding', () => {
  const findings = [incident({ id: 'late', withinLimit: false }), incident({ id: 'failed', result: 'failed' })];
  const well = many(kept.incidents, (number) => incident({ id: `incident-${number}` }));
  const shed = tooMuch(week({ incidents: [...findings, ...well] }))!;
  expect(shed.incidents.map(({ id }) => id)).toEqual(['incident-0', 'incident-1']);
});

test('what went adds up over the times, and its disturbances are remembered', () => {
  const disturbing = (from: number) =>
    week({ history: many(kept.history + 1, (at) => record('2A.check.restart', 'pass', from + 100 * at)) });
  const state = disturbing(0);
  without(state, tooMuch(state)!, 'file', rows);
  Object.assign(state, { history: disturbing(100).history });
  without(state, tooMuch(state)!, 'file', rows);
  expect(state.older).toMatchObject({
    history: 2,
    disturbed: {
      'edge-hub': [
        [0, 10],
        [100, 110],
      ],
    },
  });
});

test('incidents are numbered on, whatever went', () => {
  expect(
    incidentsSoFar(week({ older: { file: '', history: 0, incidents: 7, decisions: 0, undone: {}, disturbed: {} } })),
  ).toBe(7);
});

test('the same finding again is counted, from its first time on; a pass and another finding stand beside it', () => {
  const [first, again] = [record('2B.check', 'fail', 5), record('2B.check', 'fail', 50)];
  const other = { ...record('2B.check', 'fail', 60), summary: 'something else' };
  const history = [record('2B.check', 'pass', 1), first, again, other, again].reduce(withFinding, [] as StepRecord[]);
  expect(history).toEqual([record('2B.check', 'pass', 1), other, { ...again, startedAt: 5, times: 3 }]);
});
