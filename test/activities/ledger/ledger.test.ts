import { appendFile, chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { sha256 } from '../../../activities/files/disk.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine, type FakeContainer } from '../machine.ts';
import { change, makeDirectory, resultsOf } from './changes.ts';

/** Replaces a file through the ledger. */
async function replace(
  host: Host,
  ledger: Ledger,
  path: string,
  content: string,
  step = '2B.scrape.central',
): Promise<void> {
  await ledger.change(
    { run: change.run, step },
    `file ${path}`,
    async ({ keep }) => ({
      kind: 'file.restore',
      path,
      ...(await keep(host.path(path))),
      wroteSha256: sha256(content),
    }),
    async ({ writes }) => {
      await writes(Buffer.from(content), null);
      await writeFile(host.path(path), content);
    },
  );
}

const lines = async (host: Host): Promise<Record<string, unknown>[]> =>
  (await readFile(join(host.state, 'ledger.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
describe('change', () => {
  it('has the undo on the disk before it acts, and marks the entry done afterwards', async () => {
    const host = await temporaryMachine();
    const seen: unknown[] = [];
    await ledgerOf(host, undo).change(
      change,
      'directory /a',
      async () => ({ kind: 'directory.remove', path: '/a', parents: [] }),
      async () => seen.push(...(await lines(host))),
    );
    expect(seen).toMatchObject([{ version: 1 }, { n: 1, ...change, undo: { kind: 'directory.remove', path: '/a' } }]);
    expect((await lines(host)).at(-1)).toMatchObject({ done: 1 });
  });

  it('acts without an entry when there is nothing to undo', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    expect(
      await ledger.change(
        change,
        'directory /a',
        async () => null,
        async () => 'acted',
      ),
    ).toBe('acted');
    expect(await ledger.entries(change.run)).toEqual([]);
  });

  it('is not begun after its time, whoever had the lock until then, and goes on where it was begun before', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    const past = Date.now() - 1;
    const make = (notAfterMs: number) =>
      ledger.change(
        change,
        'directory /a',
        async () => ({ kind: 'directory.remove', path: '/a', parents: [] }),
        () => mkdir(host.path('/a'), { recursive: true }),
        { notAfterMs },
      );
    await expect(make(past)).rejects.toMatchObject({ type: 'OutOfHours', nonRetryable: true });
    expect(await ledger.entries(change.run)).toEqual([]);
    const until = Date.now() + 20;
    const others = ledger.change(
      { ...change, step: '2B.prepare.docker' },
      'what takes until the window is over',
      async () => null,
      async () => {
        while (Date.now() <= until) await delay(5);
      },
    );
    await Promise.all([others, expect(make(until)).rejects.toThrow('to end in the hours of the calendar')]);
    await make(Date.now() + 60_000);
    await make(past);
    expect(await ledger.entries(change.run)).toMatchObject([{ key: 'directory /a', done: true }]);

    const undone = (notAfterMs: number) =>
      ledger.rollback({ run: change.run, scope: { task: '2A' }, notAfterMs }).then(resultsOf);
    await expect(undone(past)).rejects.toMatchObject({ type: 'OutOfHours' });
    expect(await undone(Date.now() + 60_000)).toEqual(['/a undone']);
    expect(await undone(past)).toEqual(['/a already']);
  });

  it('keeps the first view of what was there when a step is tried again', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await writeFile(host.path('/hub.yml'), 'original\n');
    await chmod(host.path('/hub.yml'), 0o640);
    await replace(host, ledger, '/hub.yml', 'first attempt\n');
    await replace(host, ledger, '/hub.yml', 'second attempt\n');
    expect(await ledger.entries(change.run)).toHaveLength(1);
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual(['/hub.yml undone']);
    expect(await readFile(host.path('/hub.yml'), 'utf8')).toBe('original\n');
    expect((await stat(host.path('/hub.yml'))).mode & 0o777).toBe(0o640);
  });

  it('keeps the entry of a change that failed half-way', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    const failing = ledger.change(
      change,
      'directory /a',
      async () => ({ kind: 'directory.remove', path: '/a', parents: [] }),
      async () => {
        await mkdir(host.path('/a'));
        throw new Error('disk full');
      },
    );
    await expect(failing).rejects.toThrow('disk full');
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual(['/a undone']);
  });

  it('lets changes of one machine happen one after the other', async () => {
    const host = await temporaryMachine();
    const ledgers = [ledgerOf(host, undo), ledgerOf(host, undo)];
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, (inside += 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
      inside -= 1;
    };
    await Promise.all(
      [0, 1, 2, 3, 4, 5].map((index) =>
        ledgers[index % 2]?.change(
          { ...change, step: `2A.${index}` },
          'x',
          async () => ({ kind: 'directory.remove', path: `/${index}`, parents: [] }),
          work,
        ),
      ),
    );
    expect(most).toBe(1);
    expect((await ledgerOf(host, undo).entries(change.run)).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('a closed run', () => {
  it('takes no more changes, and says so in a way that is not retried', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    await ledger.rollback({ run: change.run, scope: 'all' });
    await expect(makeDirectory(host, ledger, '/b', '2B.late')).rejects.toMatchObject({
      type: 'LedgerClosed',
      nonRetryable: true,
    });
    await expect(makeDirectory(host, ledger, '/a')).rejects.toMatchObject({ type: 'LedgerClosed' });
    expect(await readdir(host.path('/'))).toEqual([]);
    await expect(ledger.open(change.run, 'phase2-week1')).rejects.toMatchObject({ type: 'LedgerClosed' });
  });

  it('is closed before the first undo, and stays open when only a task is rolled back', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    await ledger.rollback({ run: change.run, scope: { task: '2A' } });
    await makeDirectory(host, ledger, '/a');
    await ledger.rollback({ run: change.run, scope: 'all' });
    const written = await lines(host);
    expect(written.findIndex((line) => 'close' in line)).toBeLessThan(
      written.findLastIndex((line) => 'undone' in line),
    );
    expect(written.filter((line) => 'close' in line)).toHaveLength(1);
  });

  it('is what keeping makes of it', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await ledger.open(change.run, 'phase2-week1');
    await makeDirectory(host, ledger, '/a');
    expect(await ledger.keep(change.run)).toEqual({ entries: 1 });
    // Not as a rollback closes it: the week would follow that.
    await expect(makeDirectory(host, ledger, '/b', '2B.late')).rejects.toMatchObject({
      type: 'LedgerKept',
      nonRetryable: true,
    });
    expect(await ledger.open('week-2', 'phase2-week1')).toEqual({ entries: 0 });
    expect(await ledger.runs()).toEqual([
      { run: 'week-1', plan: 'phase2-week1', state: 'kept', entries: 1, live: 1 },
      { run: 'week-2', plan: 'phase2-week1', state: 'open', entries: 0, live: 0 },
    ]);
  });
});

describe('opening', () => {
  it('is refused while another run has changes that are not undone, naming it, and possible again after its rollback', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await ledger.open('week-1', 'phase2-week1');
    await makeDirectory(host, ledger, '/a');
    expect(await ledger.open('week-1', 'phase2-week1')).toEqual({ entries: 1 });
    await expect(ledger.open('week-2', 'phase2-week1')).rejects.toMatchObject({
      type: 'LedgerOpen',
      nonRetryable: true,
      message: expect.stringMatching(/week-1.*directory.remove \/a.*hubshift rollback --emergency/),
    });
    await ledger.rollback({ run: 'week-1', scope: 'all' });
    await expect(ledger.open('week-2', 'phase2-week1')).resolves.toEqual({ entries: 0 });
  });
});

describe('rollback', () => {
  it('undoes newest first, ends each entry once, and finds everything done already when it is repeated', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    for (const path of ['/a', '/a/b', '/a/b/c']) await makeDirectory(host, ledger, path);
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual([
      '/a/b/c undone',
      '/a/b undone',
      '/a undone',
    ]);
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual([
      '/a/b/c already',
      '/a/b already',
      '/a already',
    ]);
    expect((await lines(host)).filter((line) => 'undone' in line).map((line) => line['undone'])).toEqual([3, 2, 1]);
  });

  it('goes on past an entry that fails, and tries that one again the next time', async () => {
    const containers: FakeContainer[] = [];
    const host = await temporaryMachine(containers);
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    await makeDirectory(host, ledger, '/b');
    containers.push({ name: 'stranger', running: true, mounts: [host.path('/b/data')] });
    const first = await ledger.rollback({ run: change.run, scope: 'all' });
    expect(first).toMatchObject([
      { target: '/b', result: 'failed', detail: expect.stringContaining('in use by the running containers stranger') },
      { target: '/a', result: 'undone' },
    ]);
    containers.pop();
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual(['/b undone', '/a already']);
  });

  it('says of a change that was made again whether it had ended before', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await writeFile(host.path('/hub.yml'), 'theirs');
    await replace(host, ledger, '/hub.yml', 'ours');
    await ledger.rollback({ run: change.run, scope: { task: '2B' } });
    await replace(host, ledger, '/hub.yml', 'ours');
    const [newest, oldest] = await ledger.rollback({ run: change.run, scope: 'all' });
    expect(newest).toMatchObject({ entry: 2, result: 'undone' });
    expect(oldest).toMatchObject({ entry: 1, result: 'already' });
    // What it says is of then.
    for (const one of [newest, oldest]) expect(one).not.toHaveProperty('current');
  });

  it('that could not take an entry back ends with it left, where a person accepts that: another run begins', async () => {
    const containers: FakeContainer[] = [];
    const host = await temporaryMachine(containers);
    const ledger = ledgerOf(host, undo);
    await ledger.open(change.run, 'plan');
    for (const path of ['/a', '/b']) await makeDirectory(host, ledger, path);
    containers.push({ name: 'stranger', running: true, mounts: [host.path('/b/data')] });
    const rollback = () => ledger.rollback({ run: change.run, scope: 'all' });
    expect(resultsOf(await rollback())).toEqual(['/b failed', '/a undone']);
    await expect(ledger.open('week-2', 'plan')).rejects.toMatchObject({ type: 'LedgerOpen' });
    // What is undone stays undone.
    await ledger.leave(
      change.run,
      [1, 2].map((entry) => ({ entry, why: 'accepted by ada: it is used' })),
    );
    expect(await rollback()).toMatchObject([
      { target: '/b', result: 'left', detail: 'accepted by ada: it is used' },
      { target: '/a', result: 'already' },
    ]);
    expect(await ledger.remaining(change.run)).toEqual([]);
    await expect(ledger.open('week-2', 'plan')).resolves.toEqual({ entries: 0 });
  });

  it('takes one task by the beginning of its step, and not the task whose name begins alike', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a', '2C.deploy.main');
    await makeDirectory(host, ledger, '/b', '2C.streams.metrics');
    await makeDirectory(host, ledger, '/c', '2C-extra.deploy');
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: { task: '2C.streams' } }))).toEqual(['/b undone']);
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: { task: '2C' } }))).toEqual([
      '/b already',
      '/a undone',
    ]);
  });

  it('shows in a dry run what it would do, and changes nothing', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    const before = await readFile(join(host.state, 'ledger.jsonl'), 'utf8');
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all', dryRun: true }))).toEqual(['/a undone']);
    expect(await readdir(host.path('/'))).toEqual(['a']);
    expect(await readFile(join(host.state, 'ledger.jsonl'), 'utf8')).toBe(before);
  });

  it('reports what is left again as left', async () => {
    const host = await temporaryMachine([
      { name: 'edgehub', running: true, labels: { 'io.hubshift.run': 'another', 'io.hubshift.spec': 'd1' } },
    ]);
    const ledger = ledgerOf(host, undo);
    await ledger.change(
      change,
      'container edgehub',
      async () => ({ kind: 'container.remove', name: 'edgehub', specDigest: 'd1', stopGraceMs: 1000 }),
      async () => undefined,
    );
    const first = await ledger.rollback({ run: change.run, scope: 'all' });
    expect(first).toMatchObject([{ result: 'left', detail: expect.stringContaining('is of run another') }]);
    expect(await ledger.rollback({ run: change.run, scope: 'all' })).toMatchObject([
      { result: 'left', detail: first[0]?.detail },
    ]);
    expect(await ledger.open('week-2', 'p')).toEqual({ entries: 0 });
  });

  it('removes a container of the run, and leaves one that is not ours', async () => {
    const containers: FakeContainer[] = [
      { name: 'edgehub', running: true, labels: { 'io.hubshift.run': 'week-1', 'io.hubshift.spec': 'd1' } },
      { name: 'nats', running: true },
    ];
    const host = await temporaryMachine(containers);
    const ledger = ledgerOf(host, undo);
    for (const name of ['edgehub', 'nats', 'gone'])
      await ledger.change(
        change,
        `container ${name}`,
        async () => ({ kind: 'container.remove', name, specDigest: 'd1', stopGraceMs: 1000 }),
        async () => undefined,
      );
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual([
      'gone already',
      'nats left',
      'edgehub undone',
    ]);
    expect(containers.map(({ name }) => name)).toEqual(['nats']);
  });
});

describe('the file', () => {
  it('survives a torn last line: it is cut off with a note, and the next entry is whole', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    await appendFile(join(host.state, 'ledger.jsonl'), '{"n":2,"run":"week-1","st');
    expect(await ledger.entries(change.run)).toHaveLength(1);
    await makeDirectory(host, ledger, '/b');
    expect((await ledger.entries(change.run)).map(({ n }) => n)).toEqual([1, 2]);
    expect((await lines(host)).filter((line) => 'note' in line)).toEqual([
      { note: 'dropped 25 bytes of a torn last line', at: expect.any(Number) },
    ]);
  });

  it('is for its owner only', async () => {
    const host = await temporaryMachine();
    await makeDirectory(host, ledgerOf(host, undo), '/a');
    expect((await stat(join(host.state, 'ledger.jsonl'))).mode & 0o777).toBe(0o600);
    expect((await stat(host.state)).mode & 0o777).toBe(0o700);
  });
});

describe('remaining', () => {
  it('names nothing of a run that was undone, and what stands again although the ledger says that it was undone', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    for (const path of ['/a', '/b']) await makeDirectory(host, ledger, path);
    await ledger.rollback({ run: change.run, scope: 'all' });
    expect(await ledger.remaining(change.run)).toEqual([]);
    await mkdir(host.path('/a'));
    expect(await ledger.remaining(change.run)).toMatchObject([{ entry: 1, kind: 'directory.remove', target: '/a' }]);
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual(['/b already', '/a already']);
  });

  it('names what was not undone yet, and only looks', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    const before = await lines(host);
    expect(resultsOf(await ledger.remaining(change.run))).toEqual(['/a undone']);
    expect(await ledger.remaining('week-2')).toEqual([]);
    expect(await readdir(host.path('/'))).toEqual(['a']);
    expect(await lines(host)).toEqual(before);
  });

  it('names a container and a file that came back, but nothing that was left with a reason', async () => {
    const containers: FakeContainer[] = [{ name: 'nats', running: true }];
    const host = await temporaryMachine(containers);
    const ledger = ledgerOf(host, undo);
    for (const name of ['nats', 'edgehub'])
      await ledger.change(
        change,
        `container ${name}`,
        async () => ({ kind: 'container.remove', name, specDigest: 'd1', stopGraceMs: 1000 }),
        async () => undefined,
      );
    await replace(host, ledger, '/jobs.yml', 'ours\n');
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual([
      '/jobs.yml undone',
      'edgehub already',
      'nats left',
    ]);
    expect(await ledger.remaining(change.run)).toEqual([]);
    containers.push({ name: 'edgehub', running: true, labels: { 'io.hubshift.run': change.run } });
    await writeFile(host.path('/jobs.yml'), 'ours\n');
    expect(resultsOf(await ledger.remaining(change.run))).toEqual(['/jobs.yml undone', 'edgehub undone']);
  });
});

describe('closing', () => {
  it('says who closed the run and when, and when the last of it was undone', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    expect(await ledger.closing(change.run)).toBeNull();
    const before = Date.now();
    await ledger.rollback({ run: change.run, scope: 'all' });
    const closing = await ledger.closing(change.run);
    expect(closing?.by).toBe('the week');
    expect(closing?.at).toBeGreaterThanOrEqual(before);
    expect(closing?.undoneAt).toBeGreaterThanOrEqual(closing?.at ?? Infinity);
    expect(await ledger.closing('week-2')).toBeNull();
  });

  it('gives no time of the end while an entry is not undone', async () => {
    const containers: FakeContainer[] = [];
    const host = await temporaryMachine(containers);
    const ledger = ledgerOf(host, undo);
    for (const path of ['/a', '/b']) await makeDirectory(host, ledger, path);
    containers.push({ name: 'stranger', running: true, mounts: [host.path('/b')] });
    await ledger.rollback({ run: change.run, scope: 'all' });
    expect(await ledger.closing(change.run)).toMatchObject({ by: 'the week', undoneAt: null });
    containers.pop();
    await ledger.rollback({ run: change.run, scope: 'all' });
    expect(await ledger.closing(change.run)).toMatchObject({
      undoneAt: (await lines(host)).findLast((line) => 'undone' in line)?.['at'],
    });
  });

  it('is none of a run of which a task was undone, or that was kept', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    await ledger.rollback({ run: change.run, scope: { task: '2A' } });
    await ledger.keep(change.run);
    expect(await ledger.closing(change.run)).toBeNull();
  });
});

describe('an emergency of a run', () => {
  it('records who ordered it, and takes no change afterwards', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    expect(resultsOf(await ledger.emergency(change.run, 'ada (ada@desk)'))).toEqual(['/a undone']);
    expect(await ledger.closing(change.run)).toMatchObject({ by: 'ada (ada@desk)', undoneAt: expect.any(Number) });
    await expect(makeDirectory(host, ledger, '/b', '2B.late')).rejects.toMatchObject({
      type: 'LedgerClosed',
      nonRetryable: true,
    });
    expect(await readdir(host.path('/'))).toEqual([]);
  });

  it('finds all done when it is repeated, and the first to close the run stays on record', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    for (const path of ['/a', '/b']) await makeDirectory(host, ledger, path);
    await ledger.emergency(change.run, 'ada (ada@desk)');
    const closed = await ledger.closing(change.run);
    expect(resultsOf(await ledger.emergency(change.run, 'bob (bob@desk)'))).toEqual(['/b already', '/a already']);
    expect(resultsOf(await ledger.rollback({ run: change.run, scope: 'all' }))).toEqual(['/b already', '/a already']);
    expect(await ledger.closing(change.run)).toEqual(closed);
  });

  it('leaves other runs as they are', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await makeDirectory(host, ledger, '/a');
    await makeDirectory(host, ledger, '/b', change.step, 'week-2');
    await ledger.emergency(change.run, 'ada (ada@desk)');
    expect(await readdir(host.path('/'))).toEqual(['b']);
    expect(await ledger.closing('week-2')).toBeNull();
  });
});
