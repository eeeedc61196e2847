// What became of an undo is on record without its secrets: a rollback without the week passes no worker.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { temporaryMachine } from '../machine.ts';

it.each([
  ['failed', () => Promise.reject(new Error('GET http://bob:hunter2@PC2/ got no answer'))],
  ['left', async () => ({ result: 'left' as const, detail: 'changed since\n+passphrase: hunter2' })],
])('%s says why, to who rolled back and in the ledger', async (result, undo) => {
  const host = await temporaryMachine();
  const ledger = ledgerOf(host, undo);
  await ledger.change(
    { run: 'week-1', step: '2A.dirs' },
    'directory /hub',
    async () => ({ kind: 'directory.remove', path: '/hub', parents: [] }),
    async () => undefined,
  );
  const [undone] = await ledger.emergency('week-1', 'bob');
  expect(undone).toMatchObject({ result, detail: expect.stringMatching(/\[secret#\w{8}\]/) });
  const written = await readFile(join(host.state, 'ledger.jsonl'), 'utf8');
  expect(written).toMatch(/\[secret#\w{8}\]/);
  expect(undone?.detail + written).not.toContain('hunter2');
});
