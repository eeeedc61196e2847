// A ledger is ahead of a week that was set back: by what it made and by what was taken back meanwhile.
import { expect, test } from 'vitest';
import type { Entered } from '../../../plan/machine-api/ledger.ts';
import { aheadOf, aheadText } from '../../../plan/week/ledger-ahead.ts';
import type { StepRecord } from '../../../plan/week/record.ts';
import type { WeekState } from '../../../plan/week/state.ts';

const entry = (step: string, more: Partial<Entered> = {}): Entered => ({
  entry: 7,
  step,
  kind: 'container.remove',
  target: 'edgehub',
  live: true,
  ...more,
});
const record = (id: string, verdict: StepRecord['verdict'] = 'pass'): StepRecord => ({
  id,
  machine: 'PC2',
  verdict,
  summary: '',
  evidence: {},
  startedAt: 0,
  endedAt: 0,
  attempts: 1,
});
const week = (records: StepRecord[], history: StepRecord[] = [], facts = {}, undone: WeekState['undone'] = []) => ({
  records: Object.fromEntries(records.map((one) => [one.id, one])),
  history,
  undone,
  facts,
});
const stuck = {
  machine: 'PC2',
  entry: 7,
  step: '2A.deploy.container',
  kind: 'container.remove' as const,
  target: 'edgehub',
  result: 'failed' as const,
  ms: 1,
};

const [made, taken] = [entry('2A.deploy.container'), entry('2A.deploy.container', { live: false })];

test.each([
  ['what a step made that the week has not come to', [made], week([])],
  ['what the step made that begins now, as it remembers for the first time', [entry('2B.begins')], week([])],
  ['what was undone of a step that passed', [taken], week([record('2A.deploy.container')])],
])('%s is ahead', (_, entries, remembered) => {
  expect(aheadOf(entries, remembered, '2B.begins')).toEqual(entries);
});

test.each([
  ['of a step that passed', [made], week([record('2A.deploy.container')])],
  ['of one that failed after its change', [made], week([record('2A.deploy.container', 'fail')])],
  ['of one that runs beside', [made], week([], [], { 'begun 2A.deploy.container': 1 })],
  ['of one whose rollback could not undo it', [made], week([], [record('2A.deploy.container')])],
  ['that could not be undone, whose record is in a file by now', [made], week([], [], {}, [stuck])],
  ['that a rollback took back, whose record has gone', [taken], week([], [record('2A.deploy.container')])],
  ['that was made again after a rollback', [made, taken], week([record('2A.deploy.container')])],
  ['of a fault that was lifted', [entry('2C.node', { kind: 'fault.lift', live: false })], week([record('2C.node')])],
])('an entry %s is known', (_, entries, remembered) => {
  expect(aheadOf(entries, remembered, '2B.begins')).toEqual([]);
});

test('each entry is named, with what became of it, and of many the first', () => {
  const many = Array.from({ length: 12 }, () => made);
  expect(
    aheadText([
      { machine: 'PC2', entries: [made, { ...taken, entry: 6 }] },
      { machine: 'MainPC', entries: many },
    ]),
  ).toMatch(
    /^the ledger of PC2 is ahead .* 7 container\.remove edgehub of 2A\.deploy\.container, made there; 6 .*, undone there; the ledger of MainPC .*; and 2 more: Temporal's database was restored/,
  );
});
