// What a long week gives away, and what it never does.
import { expect, test } from 'vitest';
import { plannedWindows } from '../../../plan/evidence/figures.ts';
import { findingsSoFar, incidentsSoFar, kept, sameness, tooMuch, without } from '../../../plan/week/older.ts';
import { freeze } from '../../../plan/evidence/gate.ts';
import { reportOf } from '../../../plan/report/report.ts';
import { metricsView } from '../../../plan/week/metrics-view.ts';
import { snapshot } from '../../../plan/week/snapshot.ts';
import { began } from '../../client/fixtures.ts';
import { good } from '../evidence/good-week.ts';
import type { Incident } from '../../../plan/week/incident.ts';
import { takenAtMost } from '../../../plan/week/order.ts';
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
const same = sameness(rows);

test('a week within its limits keeps all of it', () => {
  const full = week({
    history: many(kept.history, (at) => record('2A.deploy', 'pass', at)),
    undone: many(kept.undone, (number) => entry(number, 'undone')),
  });
  expect(tooMuch(full, same)).toBeNull();
});

test('beyond them the oldest that was well goes; findings stay, however old', () => {
  const state = week({
    history: [record('2B.check', 'fail', 0), ...many(kept.history + 4, (at) => record('2A.deploy', 'pass', at + 1))],
    undone: [entry(0, 'failed'), entry(1, 'left'), ...many(kept.undone, (number) => entry(number + 2, 'undone'))],
  });
  const shed = tooMuch(state, same)!;
  expect(shed.history.map(({ startedAt }) => startedAt)).toEqual([1, 2, 3, 4, 5]);
  expect(shed.undone.map(({ entry: number }) => number)).toEqual([2, 3]);
  without(state, shed, '/reports/run.older.jsonl', rows, same);
  expect(state.history).toHaveLength(kept.history);
  expect(state.history[0]).toMatchObject({ verdict: 'fail' });
  expect(state.undone.slice(0, 2).map(({ result }) => result)).toEqual(['failed', 'left']);
  expect(state.older).toMatchObject({ file: '/reports/run.older.jsonl', history: 5, undone: { undone: 2 } });
  expect(tooMuch(state, same)).toBeNull();
});

test('of incidents those go that recovered in time: one that failed or took too long is a finding', () => {
  const findings = [incident({ id: 'late', withinLimit: false }), incident({ id: 'failed', result: 'failed' })];
  const well = many(kept.incidents, (number) => incident({ id: `incident-${number}` }));
  const shed = tooMuch(week({ incidents: [...findings, ...well] }), same)!;
  expect(shed.incidents.map(({ id }) => id)).toEqual(['incident-0', 'incident-1']);
});

test('what went adds up over the times, and its disturbances are remembered', () => {
  const disturbing = (from: number) =>
    week({ history: many(kept.history + 1, (at) => record('2A.check.restart', 'pass', from + 100 * at)) });
  const state = disturbing(0);
  without(state, tooMuch(state, same)!, 'file', rows, same);
  Object.assign(state, { history: disturbing(100).history });
  without(state, tooMuch(state, same)!, 'file', rows, same);
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

/** Until all that may go has gone. */
const shortened = (state: Remembered): Remembered => {
  const shed = tooMuch(state, same);
  if (shed) without(state, shed, 'file', rows, same);
  return state;
};

test('repeats of a finding stay apart while there is room, then the newest says how often and since when it was', () => {
  const by = { by: 'ops', reason: 'known', at: 7 };
  const found = [
    { ...record('2B.check', 'fail', 5), summary: '3 of 9', waived: by },
    { ...record('2B.check', 'fail', 50), summary: '4 of 9' },
    { ...record('2B.check', 'inconclusive', 60), summary: 'no data' },
    { ...record('2B.check', 'fail', 70), summary: '5 of 9' },
  ];
  expect(tooMuch(week({ history: found }), same)).toBeNull();
  const state = week({ history: [...found, ...many(kept.history - 2, (at) => record(`row-${at}`, 'fail', 100 + at))] });
  const shed = tooMuch(state, same)!;
  expect(shed.history).toEqual(found.slice(0, 2));
  without(state, shed, 'file', rows, same);
  expect(state.history).toHaveLength(kept.history);
  expect(state.history[0]).toEqual(found[2]);
  expect(state.history[1]).toEqual({ ...found[3], times: 3, firstAt: 5, waived: by });
  expect(findingsSoFar(state)).toBe(found.length + kept.history - 2);
});

test('a loss is not lost in a failure of the same row that came later, nor one that nobody accepted in one that somebody did', () => {
  const row = { id: '2C.replay', kind: 'check', task: '2C', text: '', judgesLoss: true } as const;
  // One of them came again, and may go.
  const others = many(kept.history - 1, (at) => record(`row-${Math.max(1, at)}`, 'fail', 100 + at));
  const lossThen = (later: Partial<StepRecord>, ofBefore?: boolean) => {
    const loss = { ...record(row.id, 'fail', 1), evidence: { lost: 37 } };
    const how = sameness([row], ofBefore);
    const state = week({ history: [loss, { ...record(row.id, 'fail', 2), ...later }, ...others] });
    without(state, tooMuch(state, how)!, 'file', [row], how);
    return state.history.filter(({ id }) => id === row.id);
  };
  const waived = { by: 'ops', reason: 'known', at: 7, as: 'accepted' as const };
  const again = { evidence: { lost: 2 } };
  expect(lossThen({})).toMatchObject([{ evidence: { lost: 37 } }, { evidence: {} }]);
  expect(lossThen({ ...again, waived })).toMatchObject([{ evidence: { lost: 37 } }, { waived }]);
  expect(lossThen({ ...again, waived })[0]).not.toHaveProperty('waived');
  expect(lossThen(again)).toMatchObject([{ evidence: { lost: 2 }, times: 2 }]);
  // As earlier builds had it, whose histories go on so.
  expect(lossThen({}, true)).toMatchObject([{ evidence: {}, times: 2 }]);
});

test('what was accepted together stays accepted and counted, with who did and why, however many of it go', () => {
  const waived = { by: 'ops', reason: 'known', at: 7, as: 'accepted' as const };
  const accepted = many(kept.history, (at) => ({ ...record('2B.check', 'fail', at), accepted: true as const }));
  const newest = { ...record('2B.check', 'fail', kept.history), waived };
  const state = shortened(week({ history: [...accepted, newest, record('2B.check', 'fail', kept.history + 1)] }));
  expect(state.history).toHaveLength(kept.history);
  expect(state.history.at(-1)).not.toHaveProperty('accepted');
  expect(state.history.at(-2)).toMatchObject({ waived, times: 3 });
  expect(state.history.slice(0, -1).every((one) => one.accepted || one.waived)).toBe(true);
  expect(findingsSoFar(state)).toBe(kept.history + 2);
});

test('what was found is counted on over the times that it goes', () => {
  const again = (at: number) => record('2B.check', 'fail', at);
  const others = many(kept.history - 1, (at) => record(`row-${at}`, 'fail', at));
  const state = shortened(week({ history: [again(1), ...others, again(2)] }));
  state.history.push(again(3));
  shortened(state);
  expect(state.history.at(-1)).toMatchObject({ startedAt: 3, endedAt: 13, times: 3, firstAt: 1 });
  expect(state.older).toMatchObject({ history: 2, findings: 0 });
});

test('of more findings than a state can carry the newest stay, and the others are counted', () => {
  const state = shortened(week({ history: many(kept.history + 3, (at) => record(`row-${at}`, 'fail', at)) }));
  expect(state.history).toHaveLength(kept.history);
  expect(state.history[0]).toMatchObject({ id: 'row-3' });
  expect(state.older).toMatchObject({ history: 3, findings: 3 });
  expect(findingsSoFar(state)).toBe(kept.history + 3);
});

test('a row that failed twice, days apart, was not planned to disturb in between', () => {
  const day = 86_400_000;
  const twice = [0, 3 * day].map((at) => record('2A.check.restart', 'fail', day + at));
  const windows = (state: Remembered) =>
    plannedWindows(
      { rows: [...rows], records: {}, history: state.history, disturbed: state.older?.disturbed },
      'edge-hub',
    );
  const before = windows(week({ history: twice }));
  const others = many(kept.history - 1, (at) => record(`row-${at}`, 'fail', at));
  expect(windows(shortened(week({ history: [...twice, ...others] })))).toEqual(before);
  expect(before).toHaveLength(2);
});

test('of waived findings those of the newest stay', () => {
  const waived = { by: 'ops', reason: 'known', at: 7 };
  const history = many(takenAtMost.waived + 2, (at) => ({ ...record(`row-${at}`, 'fail', at), waived }));
  const state = shortened(week({ history: [record('2B.check', 'fail', 0), ...history] }));
  expect(state.history.map(({ id }) => id).slice(0, 2)).toEqual(['2B.check', 'row-2']);
  expect(state.older).toMatchObject({ history: 2, findings: 2 });
});

test('what could not be undone is there once, and goes last', () => {
  const twice = [entry(1, 'failed'), { ...entry(9, 'failed'), detail: 'again' }];
  const left = many(kept.undone, (number) => ({ ...entry(number, 'left'), target: `file-${number}` }));
  const state = shortened(week({ undone: [...twice, ...left] }));
  expect(state.undone).toHaveLength(kept.undone);
  expect(state.undone[0]).toEqual(twice[1]);
  expect(state.older).toMatchObject({ undone: { failed: 1, left: 1 } });
});

const emergency = (number: number, level: Incident['level'], result: Incident['result'] = 'recovered'): Incident => ({
  id: `incident-${number}`,
  level,
  target: null,
  trigger: { automatic: false, by: 'ops', from: 'ops@host', reason: '' },
  startedAt: number,
  endedAt: number + 1,
  result,
  actions: [],
  limitMs: 1,
  withinLimit: true,
  cause: null,
  prevention: null,
});

test('an incident that the gate calls critical stays, and so does the newest of its level', () => {
  const stay = [emergency(1, 3), emergency(2, 1, 'failed'), emergency(3, 2)];
  const state = shortened(
    week({ incidents: [...stay, ...many(kept.incidents, (number) => emergency(number + 4, 1))] }),
  );
  expect(state.incidents.slice(0, 3)).toEqual(stay);
  expect(state.incidents).toHaveLength(kept.incidents);
  expect(state.older).toMatchObject({ incidents: 3, levels: { 1: 3 } });
});

test('the newest NO-GO stays among the decisions', () => {
  const said = (at: number, decision: 'go' | 'no-go') => ({
    decision,
    confidencePercent: 90,
    reason: '',
    by: 'ops',
    from: '',
    at,
    evidence: '',
    recommendation: null,
  });
  const state = shortened(
    week({ decisions: [said(0, 'no-go'), said(1, 'no-go'), ...many(kept.decisions, (at) => said(at + 2, 'go'))] }),
  );
  expect(state.decisions.map(({ at }) => at).slice(0, 2)).toEqual([1, 3]);
});

test('what went is counted where the gate, the report, the metrics and the progress count', () => {
  const older = { file: 'file', history: 3, findings: 2, incidents: 4, levels: { 1: 3, 2: 1 }, decisions: 1 } as const;
  const state = good({
    older: { ...older, undone: {}, disturbed: {} },
    incidents: [emergency(5, 1)],
    history: [{ ...record('2B.check', 'fail', began), times: 2, firstAt: began }],
  });
  const rowsOf = Object.fromEntries(reportOf(state, began).requirements.map((row) => [row.id, row]));
  expect(rowsOf['emergency.1.component']).toMatchObject({ attempts: 4 });
  expect(rowsOf['report.details']!.evidence).toMatchObject({ issues: 4, incidents: 5 });
  const { go } = freeze(state, { executable: [], levelThree: { none: '' } }, began);
  expect(go['go.no-critical-failure']!.summary).toBe('5 incidents, all of them mended within the week');
  expect(metricsView(state, snapshot(state, began)).olderIncidents).toEqual({ 1: 3, 2: 1 });
  expect(snapshot(state, began).undone).toBeNull();
});
