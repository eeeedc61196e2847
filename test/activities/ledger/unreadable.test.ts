// What can't be read is set aside and named, and nothing waits for it: a lock, a fault's record, a line of the ledger.
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordFile } from '../../../activities/faults/fault.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';
import { change, makeDirectory, resultsOf } from './changes.ts';

const everything = { run: change.run, scope: 'all' as const };

describe('what a power cut left half written', () => {
  it.each(['{"pid":12,"star', '\0\0\0\0', 'null', '[]'])(
    'of the lock ("%s") holds nobody up, is kept, and named in what is undone and in the ledger',
    async (torn) => {
      const host = await temporaryMachine();
      const ledger = ledgerOf(host, undo);
      await makeDirectory(host, ledger, '/a');
      const locks = join(host.state, 'lock');
      const [held = ''] = await readdir(locks);
      await writeFile(join(locks, held), torn);
      expect(await ledger.holder()).toBeNull();
      const started = performance.now();
      const undone = await ledger.rollback(everything);
      expect(performance.now() - started).toBeLessThan(2_000);
      expect(resultsOf(undone)).toEqual(['/a undone']);
      expect(undone[0]?.detail).toMatch(/^the lock .*\/lock\/\d+ can't be read, kept as .*\/lock\/\d+\.aside-\d+$/);
      expect(await readFile(undone[0]?.detail?.split('kept as ')[1] ?? '', 'utf8')).toBe(torn);
      expect(await readFile(join(host.state, 'ledger.jsonl'), 'utf8')).toContain('"note":"the lock ');
      expect((await ledger.rollback(everything))[0]?.detail).toBeUndefined();
    },
  );

  it('of a line of the ledger is passed over and named, each time that something is undone', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    await appendFile(join(host.state, 'ledger.jsonl'), '{"n":2,"run":"week\0\0\0\0\n');
    await makeDirectory(host, ledger, '/b');
    // Its number is not given again: backups have it in their names.
    expect((await ledger.entries(change.run)).map(({ n }) => n)).toEqual([1, 3]);
    for (const ask of [{ ...everything, dryRun: true }, everything]) {
      const undone = await ledger.rollback(ask);
      expect(resultsOf(undone)).toEqual(['/b undone', '/a undone']);
      expect(undone[0]?.detail).toMatch(/line 4 of .*ledger\.jsonl can't be read and was passed over/);
    }
    expect(await readdir(host.path('/'))).toEqual([]);
  });

  it("of a fault's record does not keep the fault, and is named", async () => {
    const host = await temporaryMachine([{ name: 'edgehub', running: false }]);
    const ledger = ledgerOf(host, undo);
    const fault = { kind: 'container-stop' as const, container: 'edgehub', stopGraceMs: 1 };
    await ledger.change(
      change,
      'stop of edgehub',
      async () => ({ kind: 'fault.lift', fault }),
      async () => undefined,
    );
    const records = join(host.state, 'faults');
    await mkdir(records);
    await writeFile(recordFile(host, fault), '{"fault":{"ki');
    const [undone] = await ledger.rollback(everything);
    expect(undone).toMatchObject({ result: 'undone', detail: expect.stringMatching(/^the record .* kept as /) });
    expect(await readdir(records)).toEqual([expect.stringContaining('.aside-')]);
  });
});
