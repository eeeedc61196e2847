// Until when a rollback is followed, and of what there is a preview.
import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { heldAfterRollback, preview } from '../../../client/week/roll-back.ts';
import { glance } from '../../../plan/week/snapshot.ts';
import type { Status, WeekState } from '../../../plan/week/state.ts';
import { began, lookAt, plan, seenOf, weekAfter } from '../fixtures.ts';

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

/** A server with this week, on which a preview can't be begun: whoever tries gets that far. */
function serverWith(state: WeekState): Client {
  const getHandle = (workflowId: string) => ({
    workflowId,
    describe: async () => ({ status: { name: 'RUNNING' }, memo: { glance: glance(seenOf(state)) }, taskQueue: 'q' }),
    query: async () => state,
  });
  const start = async () => {
    throw new Error('the preview begins');
  };
  const connection = { withDeadline: (_: number, work: () => unknown) => work() };
  return { connection, workflow: { getHandle, start } } as unknown as Client;
}

it('of a part that would be refused there is no preview, and the reason is the same', async () => {
  const planFile = { plan } as Parameters<typeof preview>[1];
  const keeping = serverWith(weekAfter(['preflight'], { facts: { 'begun ledger.keep': began } }));
  await expect(preview(keeping, planFile, { task: '2B' })).rejects.toThrow(
    /^Refused: The ledgers are being kept since the GO: a part of it is not undone any more/,
  );
  await expect(
    preview(serverWith(weekAfter(['preflight'], { status: 'completed' })), planFile, { agent: 'a' }),
  ).rejects.toThrow(/^Refused: The week has ended \(completed\)/);
  await expect(preview(keeping, planFile, 'all')).rejects.toThrow('the preview begins');
  await expect(preview(serverWith(weekAfter(['preflight'])), planFile, { task: '2B' })).rejects.toThrow(
    'the preview begins',
  );
});
