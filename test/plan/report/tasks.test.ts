// Each task of a report: its estimate beside the time it took, its risks beside what was found. Nothing is mitigated that nobody has looked at.
import { describe, expect, it } from 'vitest';
import { freeze } from '../../../plan/evidence/gate.ts';
import { reportHtml } from '../../../plan/report/html.ts';
import { reportMarkdown } from '../../../plan/report/markdown.ts';
import { type Report, reportOf } from '../../../plan/report/report.ts';
import { riskTable } from '../../../plan/report/task-tables.ts';
import type { StepRecord } from '../../../plan/week/record.ts';
import type { WeekState } from '../../../plan/week/state.ts';
import { began, plan, record, weekAfter, wholeWeek } from '../../client/fixtures.ts';
import { good, incident } from '../evidence/good-week.ts';

const now = began + 3_600_000;
const risksOf = (state: WeekState, task: string, older?: StepRecord[]) =>
  reportOf(state, now, older).tasks.find((one) => one.task === task)!.risks;
const risk = (state: WeekState, of: RegExp, task = '2A', older?: StepRecord[]) =>
  risksOf(state, task, older).find((one) => of.test(one.risk))!;
const port = /port/;

describe('a risk', () => {
  it('is open until all that would show it was looked at', () => {
    expect(risk(weekAfter([]), port)).toMatchObject({
      outcome: 'open',
      found: 'not known: `2A.prepare.port`, `2A.deploy.container`',
    });
    const state = weekAfter(['2A']);
    delete state.records['2A.prepare.port'];
    expect(risk(state, port)).toMatchObject({ outcome: 'open', found: 'not known: `2A.prepare.port`' });
    state.records['2A.prepare.port'] = record('2A.prepare.port', { verdict: 'inconclusive' });
    expect(risk(state, port).outcome).toBe('open');
    state.records['2A.prepare.port'] = record('2A.prepare.port', {
      waived: { by: 'ada', reason: 'we know', at: now, as: 'skipped' },
    });
    expect(risk(state, port).outcome).toBe('open');
  });

  it('is open where a KPI that would show it has not seen enough, though there was no incident', () => {
    expect(risk(weekAfter(wholeWeek), /serves/)).toMatchObject({
      outcome: 'open',
      found: 'not known: `kpi.edgehub-uptime`',
    });
  });

  it('that what passed once does not last is open until all is looked at afresh after the soak', () => {
    const state = good();
    delete state.records['week.day-2'];
    expect(risk(state, /last/, 'soak')).toMatchObject({ outcome: 'open', found: 'not known: `week.day-2`' });
  });

  it('has not happened where a KPI was missed that says nothing of it', () => {
    const state = good();
    state.evidence = freeze(state, { executable: [], levelThree: { none: 'none' } }, now);
    state.evidence.kpis['kpi.nats-availability'] = { verdict: 'fail', summary: '97 %', evidence: {} };
    expect(risk(state, /A server fails/, '2C').outcome).toBe('happened');
    expect(risk(state, /stores grow/, '2C').outcome).toBe('mitigated');
  });

  it('has not happened to one task where a row of all tasks failed by another', () => {
    const state = good();
    state.records['week.health'] = record('week.health', { verdict: 'fail', summary: 'nats-pc2 is silent' });
    state.records['week.day-3'] = record('week.day-3', { verdict: 'fail', summary: 'nats-pc2 is silent' });
    expect(risk(state, /serves/, '2A').outcome).toBe('mitigated');
    expect(risk(state, /serves/, '2B').outcome).toBe('mitigated');
    expect(risk(state, /serves/, '2C').outcome).toBe('happened');
  });

  it('is mitigated when all of it was looked at and passed', () => {
    expect(risk(weekAfter(['2A']), port)).toEqual({
      risk: 'Something else holds its port, or keeps its container from starting',
      shownBy: ['2A.prepare.port', '2A.deploy.container'],
      outcome: 'mitigated',
      found: '2 of 2 passed: `2A.prepare.port`, `2A.deploy.container`',
    });
    expect(risk(good(), /serves/)).toMatchObject({ outcome: 'mitigated' });
  });

  it('has happened when a row says so, and is over when the row has passed since', () => {
    const failed = record('2A.prepare.port', { verdict: 'fail', summary: 'nginx holds 9100' });
    const state = weekAfter(['2A']);
    state.records[failed.id] = failed;
    expect(risk(state, port)).toMatchObject({
      outcome: 'happened',
      over: false,
      found: '`2A.prepare.port` failed: nginx holds 9100',
    });
    expect(risk(weekAfter(['2A'], { history: [failed] }), port)).toMatchObject({ outcome: 'happened', over: true });
    expect(risk(weekAfter(['2A']), port, '2A', [failed])).toMatchObject({ outcome: 'happened', over: true });
  });

  it('has happened when an incident of what its task makes says so, and no incident of another', () => {
    const of = (target: string, change: object = {}) => good({ incidents: [incident({ target, ...change })] });
    expect(risk(of('edgehub'), /serves/)).toMatchObject({
      outcome: 'happened',
      over: true,
      found: 'incident-1: level 1 of edgehub, recovered',
    });
    expect(risk(of('edgehub', { result: 'failed' }), /serves/)).toMatchObject({ over: false });
    expect(risk(of('edgehub', { result: 'recovered by itself' }), /serves/)).toMatchObject({
      outcome: 'happened',
      over: true,
    });
    expect(risk(of('edgehub', { result: 'false alarm' }), /serves/).outcome).toBe('mitigated');
    expect(risk(of('nats-pc2'), /serves/).outcome).toBe('mitigated');
    expect(risk(of('resource_manager', { level: 2 }), /start/, '2D').outcome).toBe('happened');
    expect(risk(of('nats-pc2'), /last/, 'soak').outcome).toBe('happened');
  });

  it('is not mitigated by what went to a file that nobody has read', () => {
    const older = { file: '/r.jsonl', history: 9, findings: 2, incidents: 1, levels: { 1: 1 }, decisions: 0 } as const;
    const state = good({ older: { ...older, undone: {}, disturbed: {} } });
    expect(risk(state, port)).toMatchObject({
      outcome: 'open',
      found: 'not known: what failed before is in `/r.jsonl`',
    });
    expect(risk(state, port, '2A', [record('2B.test.visible')]).outcome).toBe('mitigated');
    expect(risk(state, /serves/, '2A', [record('2B.test.visible')])).toMatchObject({
      outcome: 'open',
      found: 'not known: older incidents of level 1 are in `/r.jsonl`',
    });
  });

  it('is told as it was found after all was undone', () => {
    const { records, ...state } = weekAfter(['2A']);
    const undone = { ...state, records: {}, history: Object.values(records) };
    const stood = { status: 'completed', phase: 'end', at: now, reports: [] } as const;
    expect(risk({ ...undone, stood: { ...stood, reports: [] } }, port).outcome).toBe('mitigated');
  });
});

describe('the time that a task took', () => {
  const task = (state: WeekState) => reportOf(state, now).tasks.find((one) => one.task === '2A')!;

  it('is that in which something of it was done, all attempts together, beside the estimate', () => {
    const again = record('2A.deploy.image', {
      verdict: 'fail',
      startedAt: began + 10_000,
      endedAt: began + 40_000,
    });
    expect(task(weekAfter(['2A'], { history: [again] }))).toMatchObject({
      estimate: { fromMs: 14_400_000, toMs: 21_600_000 },
      tookMs: 31_000,
      done: true,
    });
  });

  it('does not count what its rows waited while the week was held, which is said beside it', () => {
    const state = weekAfter(['2A'], { history: [] });
    const [from, to] = [began + 10_000, began + 7_300_000];
    state.records['2A.deploy.image'] = record('2A.deploy.image', { startedAt: from, endedAt: to });
    // Of before the task, within the row, and after all of it.
    state.interruptions = {
      times: [
        [began - 60_000, began - 30_000],
        [began + 40_000, began + 7_240_000],
        [to + 1_000, to + 9_000],
      ],
    };
    expect(task(state)).toMatchObject({ tookMs: 91_000, interruptedMs: 7_200_000, done: true });
    expect(reportMarkdown(reportOf(state, now))).toContain('| 1m 31s, interrupted for 2h |');
    delete state.interruptions;
    expect(task(state)).toMatchObject({ tookMs: 7_291_000, interruptedMs: 0 });
  });

  it('is null before it begins, and said to be so far until all of it is done', () => {
    expect(task(weekAfter([]))).toMatchObject({ tookMs: null, done: false });
    const state = weekAfter(['2A']);
    delete state.records['2A.check.no-impact'];
    expect(task(state)).toMatchObject({ tookMs: 1_000, done: false });
    expect(reportMarkdown(reportOf(state, now))).toContain('| 4h to 6h | 1s so far |');
  });
});

describe('in every form', () => {
  const said = {
    ...plan,
    tasks: { '2A': { objective: 'Our | own', risks: [{ risk: 'Fire', shownBy: ['2A.prepare.*'] }] } },
  };
  const report = reportOf(weekAfter(['2A'], { plan: said }), now);

  it('stand objective, priority, dependencies, estimate, time and risks, as the plan says them', () => {
    expect(report.tasks[1]).toMatchObject({
      task: '2A',
      objective: 'Our | own',
      priority: 'critical',
      dependencies: ['preflight'],
      risks: [{ risk: 'Fire', outcome: 'mitigated' }],
    });
    const text = reportMarkdown(report);
    expect(text).toContain('| Task 2A | Our \\| own | critical | preflight | 4h to 6h | 1s |');
    expect(text).toContain(
      '| Fire | 2A | mitigated | 3 of 3 passed: `2A.prepare.docker`, `2A.prepare.port`, `2A.prepare.directories` |',
    );
    const page = reportHtml(report);
    for (const piece of ['Our | own', '4h to 6h', 'Fire', 'class="pass short">mitigated'])
      expect(page).toContain(piece);
  });

  it('the risks that have happened stand first, and those that are mitigated last', () => {
    const failed = record('2A.config.valid', { verdict: 'fail', summary: 'a tab' });
    const { rows } = riskTable(
      reportOf(
        weekAfter(['preflight', '2A'], {
          history: [record('2A.prepare.port', { verdict: 'fail' })],
          records: {
            ...weekAfter(['preflight', '2A']).records,
            [failed.id]: failed,
          },
        }),
        now,
      ),
    );
    const outcomes = rows.map(([, , outcome]) => outcome);
    expect(outcomes.slice(0, 3)).toEqual(['happened', 'happened, is over', 'open']);
    expect(outcomes.at(-1)).toBe('mitigated');
    expect(outcomes.lastIndexOf('open')).toBeLessThan(outcomes.indexOf('mitigated'));
  });

  it('a report of an earlier build, which says nothing of it, can be read', () => {
    const { tasks: _, ...before } = report;
    for (const form of [reportMarkdown, reportHtml])
      expect(form(before as Report)).toContain('Not told by the build that wrote it.');
  });
});
