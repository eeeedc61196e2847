// The report that stays: in every form, whole, and an error that says how to mend it. And what reports have on record.
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { keepState, reportActivities } from '../../../activities/control/reports.ts';
import { began, record } from '../../client/fixtures.ts';
import type { PreparedDeployment as Prepared } from '../../../plan/machine-api/agents.ts';
import type { Shed } from '../../../plan/week/older.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { good, incident } from '../../plan/evidence/good-week.ts';
import { temporaryMachine } from '../machine.ts';

it('is written in every form, again over the old one, and leaves nothing half', async () => {
  const { state: directory } = await temporaryMachine();
  const reports = join(directory, 'a/b');
  const { writeReport } = reportActivities({ HUBSHIFT_REPORTS: reports }, 'build');
  const state = good();
  const files = await writeReport({ state, at: began });
  expect(files).toEqual(['md', 'html', 'json'].map((form) => join(reports, `${state.run}.${form}`)));
  expect(await writeReport({ state, at: began })).toEqual(files);
  expect(readdirSync(reports).sort()).toEqual(
    ['html', 'json', 'md', 'state.json'].map((form) => `${state.run}.${form}`),
  );
  expect(JSON.parse(readFileSync(files[2]!, 'utf8'))).toMatchObject({ run: state.run });
});

it('has the state of its week beside it, of a running one and at its end, which is no report', async () => {
  const { state: directory } = await temporaryMachine();
  const environment = { HUBSHIFT_REPORTS: join(directory, 'reports') };
  const { writeReport, findLevelThree } = reportActivities(environment, 'build');
  const state = good();
  const kept = () => JSON.parse(readFileSync(join(directory, 'reports', `${state.run}.state.json`), 'utf8'));
  await keepState(environment, state);
  expect(kept()).toEqual(JSON.parse(JSON.stringify(state)));
  // As Temporal gives it that was restored from an older backup.
  await keepState(environment, { ...state, phase: '2A', records: {}, approvals: [] });
  expect(kept()).toEqual(JSON.parse(JSON.stringify(state)));
  await writeReport({ state: { ...state, status: 'completed' }, at: began });
  expect(kept()).toMatchObject({ status: 'completed' });
  writeFileSync(join(directory, 'reports', 'b.state.json'), '{"version":2}');
  expect(await findLevelThree({ footprint: 'f' })).toBeNull();
});

it('is for its owner alone, with all that lies beside it, also where an earlier build let others read it', async () => {
  const { state: directory } = await temporaryMachine();
  const reports = join(directory, 'reports');
  const environment = { HUBSHIFT_REPORTS: reports };
  const { writeReport, keepOlder } = reportActivities(environment, 'build');
  const state = good();
  const shed: Shed = { history: [], undone: [], incidents: [incident({ level: 3 })], decisions: [] };
  const write = async () => {
    await keepState(environment, state);
    await writeReport({ state, at: began });
    await keepOlder({ run: state.run, shed });
  };
  const modes = () => readdirSync(reports).map((file) => [file, statSync(join(reports, file)).mode & 0o777]);
  await write();
  const all = ['html', 'json', 'md', 'older.jsonl', 'state.json'].map((form) => [`${state.run}.${form}`, 0o600]);
  expect(modes().sort()).toEqual(all);
  expect(statSync(reports).mode & 0o777).toBe(0o700);
  for (const [file] of modes()) chmodSync(join(reports, String(file)), 0o644);
  await write();
  expect(modes().sort()).toEqual(all);
});

it('has the newest that was prepared for each pilot, however often its keeping was tried, and after a crash', async () => {
  const { state: directory } = await temporaryMachine();
  const reports = join(directory, 'reports');
  const { writeReport, keepPrepared } = reportActivities({ HUBSHIFT_REPORTS: reports }, 'build');
  const state = good();
  const one = { machine: 'PC2', from: '1', to: '2', commands: ['stop'], difference: '+```', check: null };
  const [first, other] = ['b', 'a'].map((agent) => ({ ...one, agent, at: began })) as [Prepared, Prepared];
  await keepPrepared({ run: state.run, prepared: [first, other] });
  await keepPrepared({ run: state.run, prepared: [first, other] });
  const file = join(reports, `${state.run}.prepared.jsonl`);
  expect(readFileSync(file, 'utf8').match(/\n/g)).toHaveLength(2);
  appendFileSync(file, '{"agent":"b","comma');
  const anew = { ...first, anew: true as const, at: began + 1, commands: ['stop anew'] };
  await keepPrepared({ run: state.run, prepared: [anew] });
  const [md = '', html = '', json = ''] = (await writeReport({ state, at: began })).map((path) =>
    readFileSync(path, 'utf8'),
  );
  expect((JSON.parse(json) as { prepared: unknown }).prepared).toEqual([other, anew]);
  expect(md).toContain(
    '#### b on PC2, prepared anew in the deployment 2026-07-23 10:00:00 UTC\n\n```sh\nstop anew\n```',
  );
  // Nothing in it ends its fence.
  expect(md).toContain('````diff\n+```\n````');
  expect(html).toContain('<pre>stop anew</pre>');
});

it('shows no secret that an earlier build has put on record', async () => {
  const { state: directory } = await temporaryMachine();
  const { writeReport } = reportActivities({ HUBSHIFT_REPORTS: join(directory, 'reports') }, 'build');
  const state = good();
  const [id = ''] = Object.keys(state.records);
  state.records[id]!.summary = 'the log has errors: login passphrase=hunter2';
  for (const file of await writeReport({ state, at: began }))
    expect(readFileSync(file, 'utf8')).toMatch(/^(?![^]*hunter2)[^]*passphrase=\[secret#[0-9a-f]{8}\]/);
});

it('that can not be written says where, why and how to mend it', async () => {
  const { state: directory } = await temporaryMachine();
  writeFileSync(join(directory, '../file'), '');
  await expect(
    reportActivities({ HUBSHIFT_REPORTS: join(directory, '../file/below') }, 'build').writeReport({
      state: good(),
      at: began,
    }),
  ).rejects.toThrow(/can't be written to .*file\/below \(E.*HUBSHIFT_REPORTS/);
});

it('has a level 3 on record: of the same plan, and whole; the one that took back most, then the newest', async () => {
  const { state: directory } = await temporaryMachine();
  const reports = join(directory, 'reports');
  const { writeReport, findLevelThree } = reportActivities({ HUBSHIFT_REPORTS: reports }, 'build');
  const rollback = (...tookBack: string[]) => ({
    scope: 'all' as const,
    reason: '',
    startedAt: began,
    undoneAt: began + 3_000,
    verifiedAt: began + 4_100,
    tookBack,
  });
  const level3 = (run: string, change: Partial<WeekState> = {}) =>
    good({ run, status: 'rolled back', rollback: rollback('a'), incidents: [incident({ level: 3 })], ...change });
  const { footprint } = good();
  expect(await findLevelThree({ footprint })).toBeNull();

  const none = [
    level3('a', { footprint: 'another plan' }),
    level3('b', { status: 'completed' }),
    level3('c', { incidents: [incident({ level: 3, result: 'failed' })] }),
    level3('d', { incidents: [incident({ level: 2 })] }),
    level3('e', { rollback: rollback() }),
    level3('f', { rollback: { ...rollback('a'), scope: { task: '2B' } } }),
    level3('g', { rollback: { ...rollback('a'), verifiedAt: undefined } }),
  ];
  for (const state of none) await writeReport({ state, at: began });
  for (const text of ['', 'null', '{"footprint":', '[]']) writeFileSync(join(reports, `x${text.length}.json`), text);
  expect(await findLevelThree({ footprint })).toBeNull();

  await writeReport({ state: level3('h', { rollback: rollback('a', 'b') }), at: began });
  await writeReport({ state: level3('i'), at: began });
  expect(await findLevelThree({ footprint })).toEqual({
    run: 'h',
    at: began + 4_100,
    ms: 4_100,
    tookBack: ['a', 'b'],
    ofOtherBuild: false,
  });
  await writeReport({
    state: level3('j', { rollback: { ...rollback('b', 'c'), verifiedAt: began + 9_000 } }),
    at: began,
  });
  expect(await findLevelThree({ footprint })).toMatchObject({ run: 'j', ms: 9_000 });

  // One that is new enough, and of this build, counts more than what took back more.
  const newer = { ...rollback('a'), verifiedAt: began + 20_000 };
  await writeReport({ state: level3('l', { rollback: newer }), at: began });
  expect(await findLevelThree({ footprint, sinceMs: began + 10_000 })).toMatchObject({ run: 'l' });
  expect(await findLevelThree({ footprint })).toMatchObject({ run: 'j' });
  const later = reportActivities({ HUBSHIFT_REPORTS: reports }, 'another');
  expect(await later.findLevelThree({ footprint })).toMatchObject({ run: 'j', ofOtherBuild: true });
  await later.writeReport({ state: level3('k'), at: began });
  expect(await later.findLevelThree({ footprint })).toMatchObject({ run: 'k', ofOtherBuild: false });
  expect(await findLevelThree({ footprint })).toMatchObject({ run: 'j', ofOtherBuild: false });
});

it('of a newer version is refused by name, whatever else is on record', async () => {
  const { state: directory } = await temporaryMachine();
  const reports = join(directory, 'reports');
  const { writeReport, findLevelThree } = reportActivities({ HUBSHIFT_REPORTS: reports }, 'build');
  const rollback = { scope: 'all' as const, reason: '', startedAt: began, verifiedAt: began + 1, tookBack: ['a'] };
  const state = good({ run: 'a', status: 'rolled back', rollback, incidents: [incident({ level: 3 })] });
  const [, , written = ''] = await writeReport({ state, at: began });
  const report = JSON.parse(readFileSync(written, 'utf8'));
  expect(Object.entries(report)[0]).toEqual(['version', 1]);

  // Without one, as the first builds wrote it, it is of version 1.
  writeFileSync(written, JSON.stringify({ ...report, version: undefined }));
  expect(await findLevelThree({ footprint: state.footprint })).toMatchObject({ run: 'a' });

  const newer = join(reports, 'b.json');
  writeFileSync(newer, '{"version":2}');
  await expect(findLevelThree({ footprint: state.footprint })).rejects.toMatchObject({
    type: 'ReportNewer',
    nonRetryable: true,
    message: expect.stringMatching(`newer version than 1, .*: ${newer}\\. .*move them out of ${reports}$`),
  });
  expect(readFileSync(newer, 'utf8')).toBe('{"version":2}');
});

it('that can not be read says where, and who must be let', async () => {
  const { state: directory } = await temporaryMachine();
  mkdirSync(join(directory, 'odd.json'), { recursive: true });
  await expect(
    reportActivities({ HUBSHIFT_REPORTS: directory }, 'build').findLevelThree({ footprint: 'f' }),
  ).rejects.toThrow(/can't be read \(EISDIR.*let the user of the control worker read/);
});

describe('what a week remembers no more', () => {
  const shed = (...numbers: number[]): Shed => ({
    history: [],
    undone: [],
    incidents: numbers.map((number) => incident({ id: `incident-${number}` })),
    decisions: [],
  });
  const line = (number: number) => JSON.stringify({ kind: 'incidents', ...incident({ id: `incident-${number}` }) });
  const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n');
  const keeping = async () => {
    const { state: directory } = await temporaryMachine();
    return reportActivities({ HUBSHIFT_REPORTS: join(directory, 'reports') }, 'build').keepOlder;
  };

  it('is added to its file, a line each, and once however often that is tried', async () => {
    const keep = await keeping();
    await keep({ run: 'a', shed: shed(1, 2) });
    const path = await keep({ run: 'a', shed: shed(2, 3) });
    expect(path).toMatch(/reports\/a\.older\.jsonl$/);
    expect(linesOf(path)).toEqual([line(1), line(2), line(3), '']);
  });

  it('is whole after a try that was cut off in the middle of a line', async () => {
    const keep = await keeping();
    const path = await keep({ run: 'a', shed: shed(1) });
    appendFileSync(path, line(2).slice(0, 30));
    await keep({ run: 'a', shed: shed(2, 3) });
    expect(linesOf(path)).toEqual([line(1), line(2).slice(0, 30), line(2), line(3), '']);
  });

  it('is on the disk before the week forgets it', async () => {
    const keep = await keeping();
    const path = await keep({ run: 'a', shed: shed(1) });
    const file = await open(path);
    const synced = vi.spyOn(Object.getPrototypeOf(file) as typeof file, 'sync');
    await file.close();
    await keep({ run: 'a', shed: shed(2) });
    // The file, and the directory that names it.
    expect(synced).toHaveBeenCalledTimes(2);
    synced.mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' }));
    await expect(keep({ run: 'a', shed: shed(3) })).rejects.toThrow(/can't be written to .*EIO/);
    synced.mockRestore();
  });
});

describe('each end has its report', () => {
  const at = began + 60_000;
  const rolledBack = (completed: WeekState): WeekState => ({
    ...completed,
    status: 'rolled back',
    records: {},
    history: Object.values(completed.records),
    rollback: { scope: 'all', reason: 'second thoughts', startedAt: at },
  });

  it('a rollback leaves that of the completed week alone, a note writes its own again', async () => {
    const { state: directory } = await temporaryMachine();
    const { writeReport } = reportActivities({ HUBSHIFT_REPORTS: directory }, 'build');
    const completed = good({ status: 'completed', phase: 'end' });
    const files = await writeReport({ state: completed, at });
    const texts = files.map((file) => readFileSync(file, 'utf8'));
    const undone = await writeReport({ state: rolledBack(completed), at });
    expect(undone).toEqual(files.map((file) => file.replace(completed.run, `${completed.run}.rolled-back`)));
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(texts);

    const noted = { ...completed, incidents: [incident({ cause: 'a worn disk' })] };
    expect(await writeReport({ state: noted, at })).toEqual(files);
    expect(readFileSync(files[0]!, 'utf8')).toContain('a worn disk');
  });

  it('so does a second completion, and what is half a report is not overwritten either', async () => {
    const { state: directory } = await temporaryMachine();
    const { writeReport } = reportActivities({ HUBSHIFT_REPORTS: directory }, 'build');
    const completed = good({ status: 'completed', phase: 'end' });
    await writeReport({ state: completed, at });
    const again = good({ status: 'completed', phase: 'end' });
    again.records['soak.stable'] = record('soak.stable', { endedAt: began + 90_000 });
    const [document = ''] = await writeReport({ state: again, at });
    expect(document).toBe(join(directory, `${completed.run}.2.md`));

    writeFileSync(join(directory, 'half.json'), '{"run":"ha');
    const [other = ''] = await writeReport({ state: { ...completed, run: 'half' }, at });
    expect(other).toBe(join(directory, 'half.2.md'));
  });

  it('has the evidence that a long week has only in a file', async () => {
    const { state: directory } = await temporaryMachine();
    const { writeReport, keepOlder } = reportActivities({ HUBSHIFT_REPORTS: directory }, 'build');
    const state = rolledBack(good({ status: 'completed', phase: 'end' }));
    const [first, ...rest] = state.history;
    await keepOlder({ run: state.run, shed: { history: [first!], undone: [], incidents: [], decisions: [] } });
    appendFileSync(join(directory, `${state.run}.older.jsonl`), '{"kind":"history","id":"to');
    const [, , data = ''] = await writeReport({ state: { ...state, history: rest }, at });
    const { requirements } = JSON.parse(readFileSync(data, 'utf8'));
    const row = requirements.find(({ id }: { id: string }) => id === first!.id);
    expect(row).toMatchObject({ verdict: 'open', before: { verdict: 'pass', summary: first!.summary } });
  });
});
