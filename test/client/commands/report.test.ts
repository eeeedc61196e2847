// The reports of runs while Temporal does not answer: from what the control worker has written. And two of them beside each other.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { keepState, reportActivities } from '../../../activities/control/reports.ts';
import { Failure } from '../../../client/failure.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { hubshift } from '../command-line.ts';
import { began, record } from '../fixtures.ts';
import { good } from '../../plan/evidence/good-week.ts';

// What a connection that is refused ends as, after its time-out.
vi.mock(import('../../../client/week/connect.ts'), async (original) => ({
  ...(await original()),
  withClient: async () => {
    throw new Failure('Temporal does not answer at 127.0.0.1:1 (refused). Start it, or name another.', 3);
  },
}));

const planFile = new URL('../../../plan/week1.yaml', import.meta.url).pathname;
const at = began + 3_600_000;
let reports: string;

beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'hubshift-reports-'));
  vi.stubEnv('HUBSHIFT_REPORTS', reports);
  vi.stubEnv('HUBSHIFT_PLAN', planFile);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(reports, { recursive: true });
  });
});

const ended = (run: string, change: Partial<WeekState> = {}) => good({ run, status: 'completed', ...change });
const write = (state: WeekState, when = at) =>
  reportActivities({ HUBSHIFT_REPORTS: reports }, 'build').writeReport({ state, at: when });

describe('report --run', () => {
  it('is what the control worker has kept, and says so beside it', async () => {
    await write(ended('first'));
    await write(ended('second'));
    const { code, stdout, stderr } = await hubshift('report', '--run', 'first', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ run: 'first', status: 'completed' });
    expect(stderr).toMatch(/^Temporal does not answer at 127\.0\.0\.1:1 .*; this is from .*first\.state\.json\.\n$/);
  });

  it('is that of its last end, and names those of the others', async () => {
    await write(ended('first'));
    await write(ended('first', { status: 'rolled back' }), at + 1);
    for (const state of [true, false]) {
      if (!state) rmSync(join(reports, 'first.state.json'));
      const { stdout, stderr } = await hubshift('report', '--run', 'first', '--json');
      expect(JSON.parse(stdout)).toMatchObject({ status: 'rolled back' });
      expect(stderr).toContain(`Reports of other ends of run first: ${join(reports, 'first.json')}.`);
    }
  });

  it('is that of a week that was cut off before any end', async () => {
    await keepState({ HUBSHIFT_REPORTS: reports }, good({ run: 'cut', phase: '2C' }));
    const { stdout } = await hubshift('report', '--run', 'cut', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ run: 'cut', status: 'running', phase: '2C', endedAt: null });
  });

  it('that nobody knows is refused with those that there are', async () => {
    await write(ended('first'));
    await write(ended('first', { status: 'rolled back' }));
    await write(ended('second'));
    const { code, stdout, stderr } = await hubshift('report', '--run', 'third');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^There is no report of run third: Temporal does not answer/);
    expect(stderr).toContain(`${reports}, where the control worker writes them (HUBSHIFT_REPORTS names another)`);
    expect(stderr).toMatch(/There are second, first\.\n$/);
    vi.stubEnv('HUBSHIFT_REPORTS', join(reports, 'none'));
    expect((await hubshift('report', '--run', 'third')).stderr).toMatch(
      /There is none of any run of phase2-week1\.\n$/,
    );
  });

  it('is shown although that of another end can not be read', async () => {
    await write(ended('first'));
    writeFileSync(join(reports, 'first.2.json'), '{"run":"fi');
    const { code, stdout } = await hubshift('report', '--run', 'first', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ run: 'first' });
  });

  it.each([
    ['half a file', '{"run":"th', /third\.json can't be read: /],
    ['of a newer build', '{"version":2}', /third\.json is a report of version 2, .* versions up to 1: use the build/],
  ])('that is %s is refused by name', async (_, text, words) => {
    writeFileSync(join(reports, 'third.json'), text);
    const { code, stderr } = await hubshift('report', '--run', 'third');
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
  });

  it('shows no secret that an earlier build has written', async () => {
    const [, , file = ''] = await write(ended('first'));
    const report = JSON.parse(readFileSync(file, 'utf8'));
    report.requirements[0].summary = 'login passphrase=hunter2';
    writeFileSync(file, JSON.stringify(report));
    rmSync(join(reports, 'first.state.json'));
    const { stdout } = await hubshift('report', '--run', 'first', '--json');
    expect(stdout).toMatch(/^(?![^]*hunter2)[^]*passphrase=\[secret#/);
  });

  it('says where reports can not be read', async () => {
    writeFileSync(join(reports, 'file'), '');
    mkdirSync(join(reports, 'x'));
    vi.stubEnv('HUBSHIFT_REPORTS', join(reports, 'file'));
    expect((await hubshift('report', '--run', 'third')).stderr).toMatch(/The reports in .*file can't be read: ENOTDIR/);
  });
});

describe('report --compare', () => {
  const other = () => {
    const state = ended('second', { status: 'rolled back' });
    state.records['2C.latency'] = record('2C.latency', { verdict: 'fail', summary: 'p99 180 ms' });
    state.records['2D.failover.stop'] = record('2D.failover.stop', { evidence: { slowestMs: 1_900, failovers: 2 } });
    const deployed = state.records['2A.deploy.container']!;
    delete state.records['2A.deploy.container'];
    return { ...state, history: [deployed] };
  };

  it('has the KPIs of both, and the rows that differ: in verdict, or in numbers', async () => {
    await write(ended('first'));
    await write(other());
    const { code, stdout } = await hubshift('report', '--compare', 'first', 'second', '--json');
    expect(code).toBe(0);
    const { runs, kpis, rows } = JSON.parse(stdout);
    expect(runs).toMatchObject([
      { run: 'first', status: 'completed' },
      { run: 'second', status: 'rolled back' },
    ]);
    expect(kpis).toHaveLength(9);
    expect(kpis.find(({ id }: { id: string }) => id === 'kpi.failover-time')).toMatchObject({
      value: [900, 1_900],
      unit: 'ms',
      found: [{ verdict: 'pass' }, { verdict: 'pass' }],
    });
    const of = (id: string) => rows.find((row: { id: string }) => row.id === id);
    expect(of('2C.latency')).toMatchObject({
      found: [{ verdict: 'pass' }, { verdict: 'fail', summary: 'p99 180 ms', undone: false }],
      numbers: {},
    });
    expect(of('2D.failover.stop')).toMatchObject({ numbers: { slowestMs: [900, 1_900] } });
    expect(of('2D.failover.stop').numbers).not.toHaveProperty('failovers');
    // Undone is not another finding.
    expect(of('2A.deploy.container')).toBeUndefined();
    expect(of('2A.deploy.healthy')).toBeUndefined();
  });

  it('is a document for people too', async () => {
    await write(ended('first'));
    await write(other());
    const { stdout } = await hubshift('report', '--compare', 'first', 'second');
    expect(stdout).toMatch(/^# first and second\n/);
    expect(stdout).toContain('| `kpi.failover-time` | 900 ms, pass | 1900 ms, pass |');
    expect(stdout).toContain('| `2C.latency` | pass: 2C.latency holds | fail: p99 180 ms |');
    expect(stdout).toContain('| `2D.failover.stop` | slowestMs | 900 | 1900 |');
  });

  it('of a run with itself has nothing that differs', async () => {
    await write(ended('first'));
    const { stdout } = await hubshift('report', '--compare', 'first', 'first');
    expect(stdout.match(/None\./g)).toHaveLength(2);
  });

  it.each([
    ['one run', ['--compare', 'first'], /--compare wants two runs/],
    ['three', ['--compare', 'a', 'b', 'c'], /--compare wants two runs/],
    ['a page', ['--compare', 'a', 'b', '--format', 'html'], /--format md or --format json/],
    ['--run as well', ['--compare', 'a', 'b', '--run', 'a'], /cannot be used with option/],
  ])('ends with 2 for %s', async (_, args, words) => {
    const { code, stderr } = await hubshift('report', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
  });
});
