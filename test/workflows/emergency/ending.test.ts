// What still holds the end of a rollback that left something.
import { expect, test } from 'vitest';
import type { WeekState } from '../../../plan/week/state.ts';
import { endIfUndone } from '../../../workflows/emergency/ending.ts';
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
