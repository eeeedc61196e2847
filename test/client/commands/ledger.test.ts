// A ledger as the command line shows it.
import { expect, it } from 'vitest';
import type { Book } from '../../../activities/ledger/journal.ts';
import { viewOf } from '../../../client/commands/ledger.ts';
import { plan } from '../fixtures.ts';

it('shows no secret that an earlier build has written into a detail', () => {
  const undo = { kind: 'directory.remove' as const, path: '/hub', parents: [] };
  const end = { result: 'left' as const, detail: 'changed since\n-passphrase: hunter2\n+passphrase: hunter3', at: 2 };
  const entry = { n: 1, run: 'week-1', step: '2A.dirs', key: 'directory', undo, at: 1, wrote: [], done: true, end };
  const book: Book = {
    version: 1,
    entries: [entry],
    opened: new Map([['week-1', 'week']]),
    closed: new Map(),
    kept: new Set(),
    highest: 1,
    unreadable: [],
  };
  const [run] = viewOf(plan.machines[0]!, book).runs;
  expect(run?.entries[0]?.detail).toMatch(
    /^changed since\n-passphrase: \[secret#(\w+)\]\n\+passphrase: \[secret#(?!\1)\w+\]$/,
  );
});
