// The ledger's version: on its first line, and a newer one refused by name before anything is written or undone.
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../activities/context/host.ts';
import { ledgerVersion } from '../../../activities/ledger/journal.ts';
import { ledgerOf, type Ledger } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import { temporaryMachine } from '../machine.ts';

const run = 'week-1';
const fileOf = (host: Host): string => join(host.state, 'ledger.jsonl');
const textOf = (host: Host): Promise<string> => readFile(fileOf(host), 'utf8');

async function makeDirectory(host: Host, ledger: Ledger, path: string): Promise<void> {
  await ledger.change(
    { run, step: '2A.prepare.directories' },
    `directory ${path}`,
    async () => ({ kind: 'directory.remove', path, parents: [] }),
    () => mkdir(host.path(path)),
  );
}

/** A ledger of version 1 with this text, and the directory /a that its entry made. */
async function machineWith(text: string): Promise<{ host: Host; ledger: Ledger }> {
  const host = await temporaryMachine();
  await mkdir(host.state);
  await mkdir(host.path('/a'));
  await writeFile(fileOf(host), text);
  return { host, ledger: ledgerOf(host, undo) };
}

const entry = [
  { n: 1, run, step: '2A.a', key: 'directory /a', undo: { kind: 'directory.remove', path: '/a', parents: [] }, at: 1 },
  { done: 1, at: 2 },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');
const newer = `{"version":${ledgerVersion + 1},"at":3}\n`;

describe('the version of a ledger', () => {
  it('is the first line of a new file, once', async () => {
    const host = await temporaryMachine();
    const ledger = ledgerOf(host, undo);
    await ledger.open(run, 'phase2-week1');
    await makeDirectory(host, ledger, '/a');
    const lines = (await textOf(host)).trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toEqual({ version: 1, at: expect.any(Number) });
    expect(lines.filter((line) => line.includes('version'))).toHaveLength(1);
  });

  it('is 1 where no line says it: such a ledger is written on as it is, and undone', async () => {
    const { host, ledger } = await machineWith(entry);
    await makeDirectory(host, ledger, '/b');
    expect((await textOf(host)).startsWith(entry)).toBe(true);
    expect(await textOf(host)).not.toContain('version');
    expect(await ledger.rollback({ run, scope: 'all' })).toMatchObject([{ result: 'undone' }, { result: 'undone' }]);
    expect(await readdir(host.path('/'))).toEqual([]);
  });

  it.each(['', '{"version":1,"a'])('is written when a crash left a file without a whole line: "%s"', async (torn) => {
    const { host, ledger } = await machineWith(torn);
    await ledger.open(run, 'phase2-week1');
    expect((await textOf(host)).split('\n')[0]).toMatch(/^\{"version":1,"at":\d+\}$/);
    expect(await ledger.runs()).toMatchObject([{ run }]);
  });
});

describe('a ledger of a newer version', () => {
  const texts = [
    ['from its beginning', newer + entry],
    ['since a newer build wrote in it', entry + newer],
    ['whose last line is torn', `${newer}${entry}{"n":2,"ru`],
    ['whose version is no number', `{"version":"two"}\n${entry}`],
  ] as const;

  describe.each(texts)('%s', (_, text) => {
    const asks: [string, (host: Host, ledger: Ledger) => Promise<unknown>][] = [
      ['a change', (host, ledger) => makeDirectory(host, ledger, '/b')],
      ['a rollback', (_here, ledger) => ledger.rollback({ run, scope: 'all' })],
      ['a rollback of a task', (_here, ledger) => ledger.rollback({ run, scope: { task: '2A' } })],
      ['a dry run', (_here, ledger) => ledger.rollback({ run, scope: 'all', dryRun: true })],
      ['an emergency', (_here, ledger) => ledger.emergency(run, 'ada (ada@desk)')],
      ['opening', (_here, ledger) => ledger.open('week-2', 'phase2-week1')],
      ['keeping', (_here, ledger) => ledger.keep(run)],
      ['settling', (_here, ledger) => ledger.settle(run, 'directory /a')],
      ['leaving', (_here, ledger) => ledger.leave(run, [{ entry: 1, why: 'accepted' }])],
      ['a look at what stands', (_here, ledger) => ledger.remaining(run)],
      ['a look at the closing', (_here, ledger) => ledger.closing(run)],
      ['a list', (_here, ledger) => ledger.runs()],
      ['a list of entries', (_here, ledger) => ledger.entries(run)],
    ];

    it.each(asks)('refuses %s by name, and nothing is changed', async (_what, ask) => {
      const { host, ledger } = await machineWith(text);
      const error = await ask(host, ledger).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ type: 'LedgerNewer', nonRetryable: true });
      expect(String(error)).toContain(fileOf(host));
      expect(String(error)).toMatch(
        new RegExp(
          `version (${ledgerVersion + 1}|two|NaN), .* up to ${ledgerVersion}\\. .* use the command and the worker of the build`,
        ),
      );
      expect(await textOf(host)).toBe(text);
      expect(await readdir(host.path('/'))).toEqual(['a']);
      expect(await ledger.holder()).toBeNull();
    });
  });

  it('is found while this build runs: what comes after it is refused', async () => {
    const { host, ledger } = await machineWith(entry);
    await makeDirectory(host, ledger, '/b');
    await appendFile(fileOf(host), newer);
    await expect(makeDirectory(host, ledger, '/c')).rejects.toMatchObject({ type: 'LedgerNewer' });
    expect((await readdir(host.path('/'))).sort()).toEqual(['a', 'b']);
  });
});

describe('a change that older builds can not take back', () => {
  it('raises the version before its line, once; other changes do not', async () => {
    const { host, ledger } = await machineWith(entry);
    await makeDirectory(host, ledger, '/b');
    const adopted = { name: 'edgehub', aside: 'edgehub.before-week-1', image: 'theirs:1', status: 'running' as const };
    for (const id of ['one', 'other'])
      await ledger.change(
        { run, step: '2A.deploy.container' },
        `former container ${id}`,
        async () => ({ kind: 'container.restore', id, restart: { Name: 'no', MaximumRetryCount: 0 }, ...adopted }),
        async () => undefined,
      );
    const lines = (await textOf(host)).slice(entry.length).trimEnd().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line))[0])).toEqual([
      'n',
      'done',
      'version',
      'n',
      'done',
      'n',
      'done',
    ]);
    expect(JSON.parse(lines[2]!)).toMatchObject({ version: 2 });
  });

  it('raises it as far as the change wants', async () => {
    const { host, ledger } = await machineWith(entry);
    const of = { stream: 's', durable: 'd', servers: [], containers: [], description: 'ours' };
    await ledger.change(
      { run, step: '2C.consumers' },
      'consumer d of s',
      async () => ({ kind: 'consumer.delete', ...of }),
      async () => undefined,
    );
    expect(await textOf(host)).toContain('{"version":3,');
  });

  it.each([
    ['is asked with a login', { url: 'https://MainPC:9000', authorization: { credentialsFile: '/t' } }, true],
    ['is asked by its URL', 'https://MainPC:9000', false],
  ])('raises it where a hub that %s takes its file back: %s', async (_what, url, raises) => {
    const { host, ledger } = await machineWith(entry);
    const reload = { container: 'centralhub', url, lifecycle: true, withinMs: 1 };
    await ledger.change(
      { run, step: '2B.scrape-jobs' },
      'file /hub.yml',
      async () => ({ kind: 'file.restore', path: '/hub.yml', backup: null, wroteSha256: 'x', reload }),
      async () => undefined,
    );
    expect((await textOf(host)).includes('{"version":4,')).toBe(raises);
  });
});
