// Pruning takes out what is over for long, and nothing that can be undone still or that says what a run may do.
import { appendFile, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { read } from '../../../activities/ledger/journal.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { pruneLedger } from '../../../activities/ledger/prune.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';
import { makeDirectory, resultsOf } from './changes.ts';

const day = 86_400_000;
const [june, july, now] = [Date.UTC(2026, 5, 1), Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 23)];
let host: Host;
let ledger: Ledger;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: june });
  host = await temporaryMachine();
  ledger = ledgerOf(host, undo);
});
afterEach(() => vi.useRealTimers());

/** A week that replaced a file and made a directory. */
async function week(run: string): Promise<void> {
  await ledger.open(run, 'week1');
  await writeFile(host.path(`/${run}.yml`), 'the original');
  await ledger.change(
    { run, step: '2B.scrape.central' },
    'file',
    async ({ keep }) => ({
      kind: 'file.restore',
      path: `/${run}.yml`,
      ...(await keep(host.path(`/${run}.yml`))),
      wroteSha256: sha256('ours'),
    }),
    async ({ writes }) => {
      await writes(Buffer.from('ours'), null);
      await writeFile(host.path(`/${run}.yml`), 'ours');
    },
  );
  await makeDirectory(host, ledger, `/${run}`, '2A.prepare.directories', run);
}

const prune = (dryRun = false) => pruneLedger(host.state, now - 30 * day, dryRun);
const lines = () => readFile(join(host.state, 'ledger.jsonl'), 'utf8');
const backups = async () => (await readdir(join(host.state, 'backups'))).sort();

describe('what is over', () => {
  it('is what was undone or kept before that time, and shown first', async () => {
    await week('undone');
    await ledger.rollback({ run: 'undone', scope: 'all' });
    await week('kept');
    await ledger.keep('kept');
    const before = await lines();
    expect(await prune(true)).toEqual([
      { run: 'undone', plan: 'week1', how: 'undone', at: june, entries: 2, left: 0 },
      { run: 'kept', plan: 'week1', how: 'kept', at: june, entries: 2, left: 0 },
    ]);
    expect(await lines()).toBe(before);
    expect(await backups()).toEqual(['kept', 'undone']);
  });

  it('is not what is open, younger, or not wholly undone', async () => {
    await week('failed');
    await writeFile(join(host.state, 'backups/failed/1-failed.yml'), 'damaged');
    const failing = ledgerOf(host, async () => {
      throw new Error('the disk is full');
    });
    await failing.rollback({ run: 'failed', scope: 'all' });
    vi.setSystemTime(july);
    await ledger.rollback({ run: 'failed', scope: { task: '2A' } });
    expect(await prune(true)).toEqual([]);
    expect((await pruneLedger(host.state, now, true)).map(({ run }) => run)).toEqual([]);
  });

  it('is as old as its last undo, and a week that was undone after its GO as old as that', async () => {
    await week('kept');
    await ledger.keep('kept');
    vi.setSystemTime(july);
    await ledger.rollback({ run: 'kept', scope: 'all' });
    expect(await prune(true)).toEqual([]);
    expect(await pruneLedger(host.state, now, true)).toMatchObject([{ run: 'kept', how: 'undone', at: july }]);
  });

  it('counts what was left as somebody had changed it', async () => {
    await week('undone');
    await writeFile(host.path('/undone.yml'), 'ours and theirs');
    await ledger.rollback({ run: 'undone', scope: 'all' });
    expect(await prune(true)).toMatchObject([{ entries: 2, left: 1 }]);
  });
});

describe('pruning', () => {
  it('takes what was prepared for the pilots of a run along, and of no other', async () => {
    for (const run of ['undone', 'open']) {
      await week(run);
      await mkdir(join(host.state, 'prepared', run), { recursive: true });
      await writeFile(join(host.state, 'prepared', run, 'a.json'), '{}');
      if (run === 'undone') await ledger.rollback({ run, scope: 'all' });
    }
    await prune();
    expect(await readdir(join(host.state, 'prepared'))).toEqual(['open']);
  });

  it('takes lines and backups, and leaves what can be undone as it was', async () => {
    await week('undone');
    await ledger.rollback({ run: 'undone', scope: 'all' });
    await week('open');
    await appendFile(join(host.state, 'ledger.jsonl'), 'null\nnot to be read\n{"done":');
    await prune();
    expect(await backups()).toEqual(['open']);
    expect((await stat(join(host.state, 'ledger.jsonl'))).mode & 0o777).toBe(0o600);
    expect(await lines()).toMatch(/null\nnot to be read\n\{"note":"pruned run undone: 2 changes","at":\d+\}\n$/);
    expect((await ledger.runs()).map(({ run, live }) => [run, live])).toEqual([['open', 2]]);
    expect(resultsOf(await ledger.rollback({ run: 'open', scope: 'all' }))).toEqual([
      '/open undone',
      '/open.yml undone',
    ]);
    expect(await readFile(host.path('/open.yml'), 'utf8')).toBe('the original');
  });

  it('leaves the copy of a change whose line can not be read', async () => {
    await week('undone');
    await ledger.rollback({ run: 'undone', scope: 'all' });
    await writeFile(join(host.state, 'backups/undone/7-hub.yml'), 'the only one');
    await appendFile(join(host.state, 'ledger.jsonl'), '{"n":7,"run":"und\u0000\n');
    expect(await prune()).toHaveLength(1);
    expect(await readdir(join(host.state, 'backups/undone'))).toEqual(['7-hub.yml']);
  });

  it('leaves no line that the ledger would warn of', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
    await week('undone');
    await writeFile(host.path('/undone.yml'), 'ours and theirs');
    await ledger.rollback({ run: 'undone', scope: 'all' });
    await prune();
    expect((await read(host.state)).entries).toEqual([]);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it('does not open a run again that was closed, or kept', async () => {
    await week('undone');
    await ledger.rollback({ run: 'undone', scope: 'all' });
    await week('kept');
    await ledger.keep('kept');
    expect(await prune()).toHaveLength(2);
    await expect(week('undone')).rejects.toMatchObject({ type: 'LedgerClosed' });
    await expect(week('kept')).rejects.toMatchObject({ type: 'LedgerKept' });
    expect(await ledger.closing('undone')).toMatchObject({ by: 'the week' });
    expect(await prune()).toEqual([]);
  });

  it('of nothing writes nothing', async () => {
    await week('open');
    await utimes(join(host.state, 'ledger.jsonl'), 1, 1);
    expect(await prune()).toEqual([]);
    expect((await stat(join(host.state, 'ledger.jsonl'))).mtimeMs).toBe(1_000);
  });

  it('of a ledger of a newer build is refused', async () => {
    await week('undone');
    await ledger.rollback({ run: 'undone', scope: 'all' });
    await appendFile(join(host.state, 'ledger.jsonl'), '{"version":5,"at":1}\n');
    const before = await lines();
    await expect(prune()).rejects.toMatchObject({ type: 'LedgerNewer' });
    expect(await lines()).toBe(before);
  });
});
