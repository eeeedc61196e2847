// The report names every requirement, says what holds, and hides nothing that does not.
import { describe, expect, it } from 'vitest';
import { reportOf, workOf } from '../../plan/report.ts';
import { reportMarkdown } from '../../plan/report/markdown.ts';
import { freeze, type WayBack } from '../../plan/gate.ts';
import type { Approval, WeekState } from '../../plan/state.ts';
import { stepsOf } from '../../plan/steps.ts';
import { good } from './good-week.ts';
import { began, plan, record, weekAfter, wholeWeek } from '../client/fixtures.ts';

const now = began + 3_600_000;
const go: Approval = { decision: 'go', confidencePercent: 95, reason: 'all holds', by: 'Ada', from: 'ada@desk', at: began + 5_000, evidence: 'e' };
const textOf = (...args: Parameters<typeof weekAfter>) => reportMarkdown(reportOf(weekAfter(...args), now));

describe('reportOf', () => {
  it('has every step and check of the plan, in its order', () => {
    expect(workOf(reportOf(weekAfter([]), now)).map((row) => row.id)).toEqual(stepsOf(plan).map((step) => step.id));
  });

  it('says open, with nothing made up, for what was not done', () => {
    const [first] = reportOf(weekAfter([]), now).requirements;
    expect(first).toMatchObject({ verdict: 'open', machine: null, summary: null, startedAt: null, endedAt: null, attempts: 0, waived: null });
  });

  it('carries verdict, machine, summary, evidence, times and attempts of a record', () => {
    const row = reportOf(weekAfter(['2A']), now).requirements.find(({ id }) => id === '2A.deploy.container');
    expect(row).toMatchObject({ kind: 'step', task: '2A', verdict: 'pass', machine: 'PC2', summary: '2A.deploy.container holds', evidence: { n: 1 }, startedAt: began + 1_000, endedAt: began + 2_000, attempts: 1 });
  });

  it('has ended at its last moment, and not before it ended', () => {
    expect(reportOf(weekAfter(wholeWeek), now).endedAt).toBeNull();
    expect(reportOf(weekAfter(wholeWeek, { status: 'completed', phase: 'end', approvals: [go] }), now).endedAt).toBe(go.at);
  });
});

describe('the parts of the completion report', () => {
  const parts = (state: WeekState) => Object.fromEntries(reportOf(state, now).requirements.filter(({ kind }) => kind === 'report').map(({ id, ...row }) => [id, row]));
  const wayBack: WayBack = { executable: [{ machine: 'PC2', entry: 1, step: '2A.deploy.container', kind: 'container.remove', target: 'edgehub', result: 'undone', ms: 0 }], levelThree: { run: 'r', at: began, ms: 4_100, tookBack: ['PC2: container.remove of 2A.deploy.container'] } };

  it('are whole for a week that ended with everything known', () => {
    const state = good({ status: 'completed', phase: 'end', approvals: [go] });
    state.evidence = freeze(state, wayBack, began);
    expect(parts(state)).toMatchObject({
      'report.summary': { verdict: 'pass' },
      'report.details': { verdict: 'pass', evidence: { issues: 0, incidents: 0 } },
      'report.week-2': { verdict: 'pass', summary: 'GO recommended; 1 decided, go 95 %', evidence: { recommendation: 'go', approvals: 1 } },
    });
  });

  it('are not whole before: with the end, rows or the decision open', () => {
    expect(parts(good())).toMatchObject({ 'report.summary': { verdict: 'inconclusive' }, 'report.week-2': { verdict: 'inconclusive', summary: 'the gate has not opened yet' } });
    expect(parts(weekAfter(['preflight', '2A']))).toMatchObject({ 'report.details': { verdict: 'inconclusive' } });
    const undecided = good();
    undecided.evidence = freeze(undecided, wayBack, began);
    expect(parts(undecided)).toMatchObject({ 'report.week-2': { verdict: 'inconclusive', summary: 'nobody has decided yet' } });
  });
});

describe('reportMarkdown', () => {
  it('has the sections of the completion report', () => {
    const headings = textOf(wholeWeek).split('\n').filter((line) => line.startsWith('#'));
    expect(headings).toEqual(expect.arrayContaining(['## Summary', '## Results in detail', '### EdgeHub', '### NATS JetStream', '### Pushgateways', '### Pilot agents', '### Performance', '### Issues and what became of them', '### Prerequisites', '### Risks', '### Team', '### Decision']));
  });

  it('is a success and a GO only when completed with everything passed', () => {
    const text = textOf(wholeWeek, { status: 'completed', phase: 'end', approvals: [go] });
    expect(text).toContain('| Overall status | SUCCESS |');
    expect(text).toContain('| Next week | GO |');
    expect(text).toContain('observability_hub migrated');
    expect(text).toContain('Ada (ada@desk)');
  });

  it('never calls a rehearsal a GO for production', () => {
    const text = textOf(wholeWeek, { status: 'completed', phase: 'end', rehearsal: 100, approvals: [go] });
    expect(text).toContain('can never become a GO for production');
    expect(text).toContain('| Next week | GO of a rehearsal: no decision about production |');
  });

  it('is no success with a waived step, and names who waived it', () => {
    const state = weekAfter(wholeWeek, { status: 'completed', phase: 'end' });
    state.records['2C.latency'] = record('2C.latency', { verdict: 'fail', summary: 'p99 180 ms', waived: { by: 'Bob', reason: 'known switch', at: began } });
    const text = reportMarkdown(reportOf(state, now));
    expect(text).toContain('| Overall status | PARTIAL |');
    expect(text).toContain('Waived by Bob');
    expect(text).toContain('- [ ] NATS JetStream');
  });

  it('tells of failures that were mended later', () => {
    const text = textOf(['2A'], { history: [record('2A.deploy.healthy', { verdict: 'fail', summary: 'not ready' })] });
    expect(text).toContain('`2A.deploy.healthy` fail, 2026-07-23 10:00:02 UTC: not ready. Since then: pass');
  });

  it('calls a rolled back week failed, and names what was left', () => {
    const text = textOf([], { status: 'rolled back', phase: 'end', undone: [{ machine: 'PC2', entry: 3, step: '2D.backup', kind: 'file.restore', target: '/x.yaml', result: 'left', detail: 'someone changed it', ms: 4 }] });
    expect(text).toContain('| Overall status | FAILED (rolled back) |');
    expect(text).toContain('PC2: file.restore /x.yaml left: someone changed it');
  });

  it('keeps tables whole when a summary has a bar or a line break in it', () => {
    const state = weekAfter([]);
    state.records['2A.prepare.docker'] = record('2A.prepare.docker', { summary: 'a|b\nc' });
    expect(reportMarkdown(reportOf(state, now))).toContain('| a\\|b c |');
  });
});
