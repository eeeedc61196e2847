// What still holds the end of a rollback that left something.
import { expect, test } from 'vitest';
import type { WeekState } from '../../../plan/week/state.ts';
import { endIfUndone } from '../../../workflows/emergency/ending.ts';
import { record } from '../../client/fixtures.ts';
import { good } from '../../plan/evidence/good-week.ts';

const entry = { entry: 7, step: '2A.deploy.container', kind: 'container.remove', target: 'edgehub', ms: 1 } as const;
const rollback = { scope: 'all', reason: 'ada: back', startedAt: 1, undoneAt: 2, verifiedAt: 3 } as const;
const left = (change: Partial<WeekState>) =>
  good({ rollback, stood: { status: 'running', phase: 'soak', at: 0, reports: [] }, ...change });

test('an entry that failed holds it, but for one on a machine that is left out', () => {
  const failed = { ...entry, machine: 'PC2', result: 'failed' as const };
  expect(endIfUndone(left({ undone: [failed] }))).toBe(false);
  const without = [{ machine: 'PC2', why: 'it burns', since: 0, open: [], of: 0 }];
  expect(endIfUndone(left({ undone: [failed, { ...failed, machine: 'MainPC' }], without }))).toBe(false);
  const state = left({ undone: [failed], without });
  expect(endIfUndone(state)).toBe(true);
  expect(state.status).toBe('rolled back in part');
});

test('an entry that a person accepted does not hold it, where its row names it', () => {
  const row = '2A.undo.container';
  const waived = { by: 'ada', reason: 'it goes with the machine', at: 0, as: 'accepted' as const };
  const found = { ...record(row, { verdict: 'fail', summary: 'not undone' }), waived };
  const failed = { ...entry, machine: 'PC2', result: 'failed' as const };
  const week = (change: Partial<WeekState> = {}) => {
    const state = left({ undone: [failed], rollback: { ...rollback, entriesInRows: true }, ...change });
    state.records[row] = found;
    return state;
  };
  // A row of before spoke for what it saw alone.
  expect(endIfUndone(week({ rollback }))).toBe(false);
  expect(endIfUndone(week({ undone: [failed, { ...failed, kind: 'directory.remove' }] }))).toBe(false);
  // All of a machine: what stands there nobody knows.
  expect(endIfUndone(week({ undone: [failed, { ...failed, entry: 0, step: 'rollback' }] }))).toBe(false);
  const state = week();
  expect(endIfUndone(state)).toBe(true);
  expect(state.status).toBe('rolled back');
});
