// Ledgers of the first build: listed, undone and looked at as that build did. See test/fixtures/compat/README.md.
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { read } from '../../activities/ledger/journal.ts';
import { viewOf } from '../../client/commands/ledger.ts';
import type { Machine } from '../../plan/schema/plan.ts';
import type { Report } from '../../plan/report/report.ts';
import type { Undone } from '../../plan/week/undo.ts';
import type { FakeContainer } from '../activities/machine.ts';
import { filesBelow, fixtures, json, oldMachine, packed } from './old-machine.ts';

vi.setConfig({ testTimeout: 60_000 });

const run = '20261126-093811-5286';
/** Without what a clock says. */
const timeless = (undone: (Undone & { machine?: string })[]): Partial<Undone>[] =>
  undone.map(({ ms: _ms, machine: _machine, ...entry }) => entry);
const resultsOf = (undone: Undone[]): string[] => undone.map(({ entry, result }) => `${entry} ${result}`);
/** What that build's level 3 did on a machine, as its report has it. */
const thatUndid = (machine: string) =>
  timeless(packed<Report>('report-rolled-back').undone.filter((entry) => entry.machine === machine));
const textOf = (state: string) => readFile(join(state, 'ledger.jsonl'), 'utf8');

describe.each(['made', 'mainpc/standing', 'mainpc/undone', 'pc2/standing', 'pc2/undone'])('the ledger %s', (from) => {
  it('is listed as that build listed it', async () => {
    const expected = json<{ machine: string }>(`${from}/ledger.json`);
    const book = await read(join(fixtures, from, 'state'));
    expect(viewOf({ name: expected.machine } as Machine, book)).toMatchObject(expected);
  });
});

describe.each([
  { name: 'MainPC', at: 'mainpc' },
  { name: 'PC2', at: 'pc2' },
])('the ledger of $name after a whole week', ({ name, at }) => {
  it('is undone with the results that level 3 of that build had, down to the same files', async () => {
    const { host, ledger, containers } = await oldMachine(name, `${at}/standing`, { agents: true });
    const before = await textOf(host.state);
    expect(timeless(await ledger.rollback({ run, scope: 'all' }))).toEqual(thatUndid(name));
    const left = join(fixtures, at, 'undone/root');
    expect(await filesBelow(host.path('/'))).toEqual(await filesBelow(left));
    for (const file of await filesBelow(left))
      expect(await readFile(host.path(file), 'utf8')).toBe(await readFile(join(left, file), 'utf8'));
    expect(await readdir(host.path('/'))).toEqual(await readdir(left));
    expect(containers.map((container) => container.name)).toEqual(['centralhub']);

    // Only appended to, with lines that a build before version lines reads.
    const after = await textOf(host.state);
    expect(after.startsWith(before)).toBe(true);
    expect(after).not.toContain('"version"');
    expect(await ledger.remaining(run)).toEqual([]);
    const again = await ledger.rollback({ run, scope: 'all' });
    expect(new Set(again.map(({ result }) => result))).toEqual(new Set(['already']));
  });

  it('is foreseen in a dry run as it is then undone', async () => {
    const { host, ledger } = await oldMachine(name, `${at}/standing`, { agents: true });
    const before = await textOf(host.state);
    const foreseen = await ledger.rollback({ run, scope: 'all', dryRun: true });
    expect(timeless(foreseen)).toEqual(thatUndid(name));
    expect(await textOf(host.state)).toBe(before);
  });

  it('takes no change of its run, and gives way to a new one', async () => {
    for (const [from, state, type] of [
      ['standing', 'kept', 'LedgerKept'],
      ['undone', 'closed', 'LedgerClosed'],
    ] as const) {
      const { ledger } = await oldMachine(name, `${at}/${from}`);
      expect(await ledger.runs()).toMatchObject([{ run, plan: 'phase2-week1', state }]);
      const late = ledger.change(
        { run, step: '2A.late' },
        'x',
        async () => null,
        async () => undefined,
      );
      await expect(late).rejects.toMatchObject({ type });
      expect(await ledger.open('week-2', 'phase2-week1')).toEqual({ entries: 0 });
    }
  });

  it('undone by that build stays undone', async () => {
    const { host, ledger } = await oldMachine(name, `${at}/undone`, { agents: true });
    const before = await textOf(host.state);
    const again = await ledger.emergency(run, 'ada (ada@desk)');
    expect(new Set(again.map(({ result }) => result))).toEqual(new Set(['already']));
    expect(await ledger.remaining(run)).toEqual([]);
    expect(await ledger.closing(run)).toMatchObject({ by: 'the week', undoneAt: expect.any(Number) });
    expect(await textOf(host.state)).toBe(before);
  });
});

describe('a ledger with every kind of entry and line', () => {
  const [kept, closed, standing] = ['20261001-080000-aaaa', '20261008-080000-bbbb', '20261015-080000-cccc'] as const;
  const made = (agents = false) =>
    oldMachine('PC2', 'made', { agents, containers: json<FakeContainer[]>('made/containers.json') });

  it('is foreseen to be undone as that build foresaw it, in every run', async () => {
    const { ledger } = await made(true);
    for (const [name, expected] of Object.entries(json<Record<string, Undone[]>>('made/foreseen.json')))
      expect(timeless(await ledger.rollback({ run: name, scope: 'all', dryRun: true })), name).toEqual(expected);
  });

  it('is undone where it stands: faults lifted, files as they were, agent and hub with them', async () => {
    const { host, ledger, containers, nft } = await made(true);
    expect(resultsOf(await ledger.rollback({ run: standing, scope: 'all' }))).toEqual([
      '23 undone',
      '21 undone',
      '20 undone',
      '19 undone',
      '18 undone',
      '17 already',
      '16 undone',
      '15 undone',
      '14 undone',
      '13 undone',
      '12 undone',
      '11 undone',
      '10 undone',
    ]);
    // The partition goes by the name that its build gave it.
    expect(await nft()).toContain('delete table inet hubshift_0082895a');
    expect(await readdir(join(host.state, 'faults'))).toEqual([]);
    expect(containers.map(({ name, running, paused = false }) => ({ name, running, paused }))).toEqual([
      { name: 'centralhub', running: true, paused: false },
      { name: 'edgehub', running: true, paused: false },
      { name: 'other', running: true, paused: false },
      { name: 'witness', running: true, paused: false },
    ]);
    expect(await readFile(host.path('/hub/hub.yml'), 'utf8')).toBe('scrape_configs:\n- job_name: self\n');
    expect(await readFile(host.path('/code/config/toy.yaml'), 'utf8')).toBe('hubs: [centralhub]\n');
    expect(await readdir(host.path('/code/config'))).toEqual(['toy.yaml']);
    expect(existsSync(host.path('/pc2'))).toBe(false);
    expect(await ledger.remaining(standing)).toEqual([]);

    // Killed in its middle, and kept: each by its own name.
    expect(resultsOf(await ledger.rollback({ run: 'week-1', scope: 'all' }))).toEqual(['22 undone']);
    expect(resultsOf(await ledger.rollback({ run: kept, scope: 'all' }))).toEqual(['2 undone', '1 undone']);
    expect(containers.map(({ name }) => name)).toEqual(['centralhub', 'other', 'witness']);
    expect((await readdir(host.path('/'))).sort()).toEqual(['code', 'hub']);
  });

  it('is not undone from a backup that somebody wrote over: the agent goes on, and that is said', async () => {
    const { host, ledger } = await made(true);
    const [config, deployed] = ['/code/config/toy.yaml', 'hubs: [centralhub, edgehub]\n'];
    await writeFile(host.path(`${config}.backup`), await readFile(host.path(config)));
    const [undone] = await ledger.rollback({ run: standing, scope: { agent: 'toy' } });
    expect(undone).toMatchObject({ result: 'failed', detail: expect.stringContaining('is not what was kept') });
    expect(await readFile(host.path(config), 'utf8')).toBe(deployed);
  });

  it('has the run that was rolled back at the second try as ended, with what was left', async () => {
    const { host, ledger } = await made();
    expect(resultsOf(await ledger.rollback({ run: closed, scope: 'all' }))).toEqual([
      '9 already',
      '8 already',
      '7 already',
      '6 left',
      '5 already',
      '4 left',
      '3 already',
    ]);
    expect(await readFile(host.path('/hub/edited.yml'), 'utf8')).toContain('job_name: mine');
    expect(await ledger.remaining(closed)).toEqual([]);
    const ends = (await ledger.entries(closed)).map(({ end }) => end?.at ?? 0);
    expect(await ledger.closing(closed)).toMatchObject({ by: 'the week', undoneAt: Math.max(...ends) });
  });

  it('keeps what a change of today needs: a retry finds its entry, and the next one its number', async () => {
    const { host, ledger } = await made();
    await ledger.change(
      { run: 'week-1', step: '2A.killed' },
      'directory /half',
      () => Promise.reject(new Error('the first view holds')),
      async () => undefined,
    );
    await ledger.change(
      { run: standing, step: '2A.next' },
      'directory /next',
      async () => ({ kind: 'directory.remove', path: '/next', parents: [] }),
      async () => undefined,
    );
    const { entries } = await read(host.state);
    expect(entries.find(({ n }) => n === 22)).toMatchObject({ run: 'week-1', done: true });
    expect(entries.at(-1)).toMatchObject({ n: 24, step: '2A.next', done: true });
  });
});
