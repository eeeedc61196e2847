// Until when a rollback is followed.
import { expect, it } from 'vitest';
import { heldAfterRollback } from '../../../client/week/roll-back.ts';
import type { Status } from '../../../plan/week/state.ts';
import { began, lookAt, seenOf, weekAfter } from '../fixtures.ts';

const seen = (status: Status) =>
  lookAt(seenOf(weekAfter(['preflight'], { status, held: { reason: 'ops: mend', since: began } })));

it('is followed until the week is held, or has ended and written its report', () => {
  expect(heldAfterRollback(seen('paused'), undefined)).toBe(true);
  expect(heldAfterRollback(seen('failed'), undefined)).toBe(true);
  // Held before, and the rollback has not begun.
  expect(heldAfterRollback(seen('paused'), began)).toBe(false);
  expect(heldAfterRollback(seen('rolling back'), undefined)).toBe(false);
  expect(heldAfterRollback(seen('rolled back'), undefined)).toBe(false);
  expect(heldAfterRollback(seen('rolled back in part'), undefined)).toBe(false);
});
