// The report names every requirement, says what holds, and hides nothing that does not.
import { describe, expect, it } from 'vitest';
import type { WayBack } from '../../../plan/evidence/frozen.ts';
import { freeze } from '../../../plan/evidence/gate.ts';
import { reportHtml } from '../../../plan/report/html.ts';
import { reportMarkdown } from '../../../plan/report/markdown.ts';
import { type Report, reportOf, workOf } from '../../../plan/report/report.ts';
import { stepsOf } from '../../../plan/tasks/steps.ts';
import type { Evidence } from '../../../plan/week/record.ts';
import type { Approval, Decided, WeekState } from '../../../plan/week/state.ts';
import { began, plan, record, weekAfter, wholeWeek } from '../../client/fixtures.ts';
import { coursesOf, good, incident } from '../evidence/good-week.ts';

const now = began + 3_600_000;
const go: Approval = {
  decision: 'go',
  confidencePercent: 95,
  reason: 'all holds',
  by: 'Ada',
  from: 'ada@desk',
  at: began + 5_000,
  evidence: 'e',
};
const textOf = (...args: Parameters<typeof weekAfter>) => reportMarkdown(reportOf(weekAfter(...args), now));

describe('reportOf', () => {
  it('has every step and check of the plan, in its order', () => {
    expect(workOf(reportOf(weekAfter([]), now)).map((row) => row.id)).toEqual(stepsOf(plan).map((step) => step.id));
  });

  it('says open, with nothing made up, for what was not done', () => {
    const [first] = reportOf(weekAfter([]), now).requirements;
    expect(first).toMatchObject({
      verdict: 'open',
      machine: null,
      summary: null,
      startedAt: null,
      endedAt: null,
      attempts: 0,
      waived: null,
    });
  });

  it('carries verdict, machine, summary, evidence, times and attempts of a record', () => {
    const row = reportOf(weekAfter(['2A']), now).requirements.find(({ id }) => id === '2A.deploy.container');
    expect(row).toMatchObject({
      kind: 'step',
      task: '2A',
      verdict: 'pass',
      machine: 'PC2',
      summary: '2A.deploy.container holds',
      evidence: { n: 1 },
      startedAt: began + 1_000,
      endedAt: began + 2_000,
      attempts: 1,
    });
  });

  it('has ended at its last moment, and not before it ended', () => {
    expect(reportOf(weekAfter(wholeWeek), now).endedAt).toBeNull();
    expect(reportOf(weekAfter(wholeWeek, { status: 'completed', phase: 'end', approvals: [go] }), now).endedAt).toBe(
      go.at,
    );
  });
});

describe('the parts of the completion report', () => {
  const parts = (state: WeekState) =>
    Object.fromEntries(
      reportOf(state, now)
        .requirements.filter(({ kind }) => kind === 'report')
        .map(({ id, ...row }) => [id, row]),
    );
  const wayBack: WayBack = {
    executable: [
      {
        machine: 'PC2',
        entry: 1,
        step: '2A.deploy.container',
        kind: 'container.remove',
        target: 'edgehub',
        result: 'undone',
        ms: 0,
      },
    ],
    levelThree: { run: 'r', at: began, ms: 4_100, tookBack: ['PC2: container.remove of 2A.deploy.container'] },
  };

  it('are whole for a week that ended with everything known', () => {
    const state = good({ status: 'completed', phase: 'end', approvals: [go] });
    state.evidence = freeze(state, wayBack, began);
    expect(parts(state)).toMatchObject({
      'report.summary': { verdict: 'pass' },
      'report.details': { verdict: 'pass', evidence: { issues: 0, incidents: 0 } },
      'report.week-2': {
        verdict: 'pass',
        summary: 'GO recommended; 1 decided, go 95 %',
        evidence: { recommendation: 'go', approvals: 1 },
      },
    });
  });

  it('are not whole before: with the end, rows or the decision open', () => {
    expect(parts(good())).toMatchObject({
      'report.summary': { verdict: 'inconclusive' },
      'report.week-2': { verdict: 'inconclusive', summary: 'the gate has not opened yet' },
    });
    expect(parts(weekAfter(['preflight', '2A']))).toMatchObject({ 'report.details': { verdict: 'inconclusive' } });
    const undecided = good();
    undecided.evidence = freeze(undecided, wayBack, began);
    expect(parts(undecided)).toMatchObject({
      'report.week-2': { verdict: 'inconclusive', summary: 'nobody has decided yet' },
    });
  });
});

describe('reportMarkdown', () => {
  it('has the sections of the completion report', () => {
    const headings = textOf(wholeWeek)
      .split('\n')
      .filter((line) => line.startsWith('#'));
    expect(headings).toEqual(
      expect.arrayContaining([
        '## Summary',
        '## Results in detail',
        '### EdgeHub',
        '### NATS JetStream',
        '### Pushgateways',
        '### Pilot agents',
        '### Performance',
        '### Issues and what became of them',
        '### Prerequisites',
        '### Risks',
        '### Team',
        '### Decision',
      ]),
    );
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
    state.records['2C.latency'] = record('2C.latency', {
      verdict: 'fail',
      summary: 'p99 180 ms',
      waived: { by: 'Bob', reason: 'known switch', at: began },
    });
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
    const text = textOf([], {
      status: 'rolled back',
      phase: 'end',
      undone: [
        {
          machine: 'PC2',
          entry: 3,
          step: '2D.backup',
          kind: 'file.restore',
          target: '/x.yaml',
          result: 'left',
          detail: 'someone changed it',
          ms: 4,
        },
      ],
    });
    expect(text).toContain('| Overall status | FAILED (rolled back) |');
    expect(text).toContain('PC2: file.restore /x.yaml left: someone changed it');
  });

  it('keeps tables whole when a summary has a bar or a line break in it', () => {
    const state = weekAfter([]);
    state.records['2A.prepare.docker'] = record('2A.prepare.docker', { summary: 'a|b\nc' });
    expect(reportMarkdown(reportOf(state, now))).toContain('| a\\|b c |');
  });
});

/** The same report with other evidence of a KPI. */
function withKpi(
  report: Report,
  id: string,
  verdict: 'pass' | 'fail' | 'inconclusive' | 'open',
  evidence: Evidence,
): Report {
  return {
    ...report,
    requirements: report.requirements.map((row) =>
      row.id === id ? { ...row, verdict, summary: 'as found', evidence } : row,
    ),
  };
}

/** What a page says, as text: cells and items apart. */
const plain = (html: string) =>
  html
    .replace(/<style>.*<\/style>/s, '')
    .replaceAll('<wbr>', '')
    .replace(/<\/(td|th|li|p|dt|dd|h\d)>/g, ' | ')
    .replace(/<[^>]*>/g, '')
    .replace(/\s+/g, ' ');

describe('KPIs', () => {
  const [from, to] = [began, began + 90 * 60_000];
  const latency = { unit: 'ms', limit: 100, target: 50, from, to, samples: 500 };

  it.each([
    [
      'pass',
      { ...latency, value: 49 },
      'target met | 49 ms | 100 ms | 50 ms | 500 | 2026-07-23 10:00:00 to 11:30:00 UTC',
    ],
    ['pass', { ...latency, value: 50 }, 'limit met | 50 ms | 100 ms | 50 ms | 500'],
    ['pass', { ...latency, value: 4, highPercent: 51 }, 'limit met | 4 ms'],
    [
      'pass',
      { ...latency, unit: '%', value: 99.95, limit: 99.9, target: 99.99 },
      'limit met | 99.95 % | 99.9 % | 99.99 %',
    ],
    ['pass', { ...latency, unit: '%', value: 100, limit: 99.9, target: 99.99 }, 'target met | 100 %'],
    ['pass', { ...latency, unit: '%', value: 100, limit: 99.9, target: null }, 'limit met | 100 % | 99.9 % | – | 500'],
    ['fail', { ...latency, value: 120 }, 'missed | 120 ms'],
    [
      'inconclusive',
      { ...latency, value: 3, samples: 12, needed: 100, to: to + 24 * 3_600_000 },
      'inconclusive, needs 100 samples | 3 ms | 100 ms | 50 ms | 12 | 2026-07-23 10:00:00 to 2026-07-24 11:30:00 UTC',
    ],
    [
      'inconclusive',
      { ...latency, value: null, from: null, to: null, samples: 0 },
      'inconclusive | – | 100 ms | 50 ms | 0 | – | as found',
    ],
    ['inconclusive', {}, 'inconclusive | – | – | – | – | – | as found'],
  ] as const)('%s %#: in words, with limit, target, samples and window, in both forms', (verdict, evidence, said) => {
    const report = withKpi(reportOf(good(), now), 'kpi.message-latency', verdict, evidence);
    expect(reportMarkdown(report)).toContain(`| \`kpi.message-latency\` | ${said}`);
    expect(plain(reportHtml(report))).toContain(`kpi.message-latency | ${said}`);
  });

  it('are drawn where there are two points, with limit and target, and nowhere else', () => {
    const drawn = (state: WeekState) => [
      ...reportHtml(reportOf(state, now)).matchAll(
        /aria-label="([^"]*)">(?:(?!<\/svg>).)*<polyline class="(\w+)" points="([^"]*)"/g,
      ),
    ];
    expect(drawn(good())).toEqual([]);
    expect(drawn(good({ series: coursesOf(1) }))).toEqual([]);
    const courses = drawn(good({ series: coursesOf(3) }));
    expect(courses).toHaveLength(9);
    expect(courses.map(([, , , points]) => points!.split(' ').length)).toEqual(Array(9).fill(3));
    expect(courses.map(([, said]) => said).find((said) => said!.startsWith('message-latency'))).toMatch(
      /3 points from 07-23 10:00 to 07-23 10:20; limit 100 ms; target 50 ms$/,
    );
    const [one, another] = [
      { at: began, values: { 'kpi.delivery': 99 } },
      { at: began + 1, values: { 'kpi.delivery': 100 } },
    ];
    expect(drawn(good({ series: [one, { ...one, at: began + 5, values: {} }] }))).toEqual([]);
    expect(drawn(good({ series: [one, another] })).map(([, said]) => said)).toEqual([
      expect.stringContaining('delivery: 100 %, between 99 % and 100 %;'),
    ]);
    expect(drawn(good({ series: [another, { ...another, at: began + 5 }] })).map(([, said]) => said)).toEqual([
      expect.stringContaining('delivery: 100 % all along;'),
    ]);
  });

  it('that are missed are drawn as missed', () => {
    const report = withKpi(reportOf(good({ series: coursesOf(2) }), now), 'kpi.delivery', 'fail', {
      value: 90,
      limit: 99,
      unit: '%',
    });
    expect(reportHtml(report).match(/<polyline class="fail"/g)).toHaveLength(1);
  });
});

describe('who was told', () => {
  const sent = (channel: string, result: 'sent' | 'failed', at: number) =>
    ({
      notice: `n${at}`,
      kind: 'level-1',
      channel,
      result,
      detail: result === 'failed' ? 'HTTP 404' : '',
      at,
    }) as const;
  const forms = (state: WeekState) =>
    [reportMarkdown(reportOf(state, now)), plain(reportHtml(reportOf(state, now)))] as const;

  it('names a dead channel, and one that works again', () => {
    const told = [
      sent('ops-alerts', 'sent', began - 1_000),
      sent('ops-alerts', 'failed', began),
      sent('ops-alerts', 'failed', began + 1_000),
      sent('dashboard', 'failed', began),
      sent('dashboard', 'sent', began + 2_000),
    ];
    for (const text of forms(good({ told }))) {
      expect(text).toContain(
        'ops-alerts: 2 of 3 notices failed, the newest (level-1) 2026-07-23 10:00:01 UTC: HTTP 404. Nothing got through since then',
      );
      expect(text).toContain(
        'dashboard: 1 of 2 notices failed, the newest (level-1) 2026-07-23 10:00:00 UTC: HTTP 404. Works again since 2026-07-23 10:00:02 UTC',
      );
      expect(text).toMatch(/comms\.level-1`? \| fail \| ops-alerts failed, dashboard sent/);
    }
  });

  it('says so when no notice failed', () => {
    for (const text of forms(good({ told: [sent('dashboard', 'sent', began)] })))
      expect(text).toContain('No notice failed.');
  });
});

describe('a week that was undone', () => {
  const whole = (): WeekState => good({ approvals: [go] });
  const undoneWeek = (): WeekState => {
    const { records, ...state } = whole();
    const looks = Object.fromEntries(Object.entries(records).filter(([id]) => id.startsWith('preflight.')));
    return {
      ...state,
      status: 'rolled back',
      phase: 'end',
      records: looks,
      history: [record('2A.deploy.container', { verdict: 'fail' }), ...Object.values(records)],
      measured: {},
      rollback: { scope: 'all', reason: 'ada: second thoughts', startedAt: now },
      undone: [
        {
          machine: 'PC2',
          entry: 7,
          step: '2B.scrape.edge',
          kind: 'file.restore',
          target: '/pc2/prometheus.yml',
          result: 'left',
          detail: 'changed since',
          ms: 1,
        },
      ],
      stood: {
        status: 'completed',
        phase: 'end',
        at: go.at,
        kpis: freeze(whole(), { executable: [], levelThree: { none: '' } }, now).kpis,
        reports: ['/reports/run.md'],
      },
    };
  };
  const forms = (state: WeekState) =>
    [reportMarkdown(reportOf(state, now)).replaceAll('`', ''), plain(reportHtml(reportOf(state, now)))] as const;

  it('has the evidence of the week, says that it is undone, and what was undone since', () => {
    for (const text of forms(undoneWeek())) {
      expect(text).toMatch(/2A (\d+) of \1 passed, undone since/);
      expect(text).toContain('observability_hub migrated, undone since');
      expect(text).toMatch(/2A\.deploy\.container.*\| pass, undone since \|.*2A\.deploy\.container holds/);
      expect(text).toMatch(/Performance impact \|?.*holds/);
      expect(text).toMatch(/completed, 2026-07-23 10:00:05 UTC; its report: \/reports\/run\.md\. Its changes: 1 left/);
      expect(text).toMatch(/PC2 \| file\.restore \/pc2\/prometheus\.yml \| 2B\.scrape\.edge \| left \| changed since/);
      expect(text).toContain('GO, and rolled back since');
    }
  });

  it('has the rows as they are, with what was found beside them, and the KPIs as they stood', () => {
    const { requirements, rollback } = reportOf(undoneWeek(), now);
    const row = (id: string) => requirements.find((one) => one.id === id);
    expect(row('2A.deploy.container')).toMatchObject({ verdict: 'open', summary: null, before: { verdict: 'pass' } });
    expect(row('preflight.machines')).not.toHaveProperty('before');
    expect(row('kpi.failover-time')).toEqual(
      reportOf(whole(), now).requirements.find(({ id }) => id === 'kpi.failover-time'),
    );
    expect(rollback.rehearsal).toMatchObject({ rollbackMs: 1_400 });
  });

  it('is ready for nothing: what had passed is not there any more', () => {
    const text = reportMarkdown(reportOf(undoneWeek(), now));
    expect(text).not.toMatch(/- \[x\] (?!Before the first change)/);
    expect(text).toContain('| Overall status | FAILED (rolled back) |');
  });
});

describe('a level 3', () => {
  const three = incident({ id: 'incident-2', level: 3, target: null, startedAt: began + 1_000 });
  const sent = (channel: string, result: 'sent' | 'failed', at: number) => ({
    notice: `${good().run}/incident-2/begin`,
    kind: 'level-3' as const,
    channel,
    result,
    detail: result === 'sent' ? '' : 'HTTP 404',
    at,
  });

  it('has who was told, when, over what and with what result, beside the decisions', () => {
    const state = good({
      incidents: [three],
      told: [sent('leadership', 'failed', began + 9_000), sent('incident-response', 'sent', began + 2_000)],
    });
    const report = reportOf(state, now);
    for (const text of [reportMarkdown(report), plain(reportHtml(report))]) {
      expect(text).toMatch(/Decisions[^]*Who was told of level 3[^]*Key performance indicators/);
      expect(text).toContain('incident-response | slack | 2026-07-23 10:00:02 UTC | incident-2/begin | sent');
      expect(text).toContain('leadership | slack | 2026-07-23 10:00:09 UTC | incident-2/begin | failed: HTTP 404');
    }
    expect(report.levelThreeTold.map(({ channel }) => channel).slice(0, 2)).toEqual([
      'incident-response',
      'leadership',
    ]);
  });

  it('names those of its route of whom nothing is on record, and what waits', () => {
    const { kind, channel, notice, at } = sent('leadership', 'sent', began);
    const waits = { id: notice, kind, at, title: '', text: '', resolved: false, run: good().run, plan: plan.name };
    const report = reportOf(good({ incidents: [three], outbox: [{ channel, notice: waits }] }), now);
    expect(report.levelThreeTold).toContainEqual(expect.objectContaining({ channel, result: 'waiting' }));
    expect(report.levelThreeTold).toContainEqual(
      expect.objectContaining({ channel: 'incident-response', result: 'off', detail: 'nothing on record' }),
    );
  });

  it('that never was has told nobody', () => {
    const report = reportOf(good({ told: [] }), now);
    expect(report.levelThreeTold).toEqual([]);
    expect(reportMarkdown(report)).not.toContain('Who was told of level 3');
  });
});

describe('decisions', () => {
  const past: Decided = {
    ...go,
    decision: 'no-go',
    then: 'extend',
    reason: 'the soak was disturbed',
    evidence: 'feed0123456789',
    recommendation: 'no-go',
  };

  it('are all there, the past ones first, with what each person saw', () => {
    const state = good({ decisions: [past] });
    state.evidence = freeze(state, { executable: [], levelThree: { none: 'none' } }, began);
    state.approvals = [{ ...go, by: 'Bob', evidence: state.evidence.digest, override: true }];
    const report = reportOf(state, now);
    for (const text of [reportMarkdown(report).replaceAll('`', ''), plain(reportHtml(report))]) {
      expect(text).toContain(
        'Ada (ada@desk) | 2026-07-23 10:00:05 UTC | NO-GO, then extend | 95 % | feed01234567, which speaks for NO-GO | the soak was disturbed',
      );
      expect(text).toContain(
        `Bob (ada@desk) | 2026-07-23 10:00:05 UTC | GO, override: against the recommendation | 95 % | ${state.evidence.digest.slice(0, 12)}, which speaks for NO-GO | all holds`,
      );
      expect(text.indexOf('Ada (ada')).toBeLessThan(text.indexOf('Bob (ada'));
    }
  });

  it('say nothing of what evidence spoke for that is not there any more', () => {
    expect(textOf(wholeWeek, { approvals: [go] })).toContain('| 95 % | `e` | all holds |');
  });
});

describe('the page', () => {
  const page = (state: WeekState) => plain(reportHtml(reportOf(state, now)));

  it('has the parts of the completion report that the document has', () => {
    const state = good({
      windows: {
        '2D.soak': { creditMs: 30_000, samples: 100, failed: 1, longestGapMs: 900, restarts: 2, startedAt: began },
      },
    });
    state.records['2D.impact.resources'] = record('2D.impact.resources', {
      summary: 'CPU 1 % more',
      evidence: { 'PC2 cpu +%': 1 },
    });
    state.records['2D.deploy.resource_manager.observation'] = record('2D.deploy.resource_manager.observation', {
      verdict: 'fail',
    });
    const text = page(state);
    for (const said of [
      'Performance impact | 2D.impact.response holds; CPU 1 % more; 2D.impact.network holds',
      'Pilot migration | observability_hub migrated; resource_manager failed; unified_utils_agent migrated',
      'EdgeHub: 21 of 21 passed',
      '☑ EdgeHub: 21 of 21 passed',
      '☐ Pilot agents: 41 of 42 passed',
      '2D.impact.resources: PC2 cpu +% 1',
      '2D.soak | 30s | 24h | 100 | 1 | 900ms | 2',
      'Rehearsed with the first pilot: 1.4s back, 95ms until verified, 2s forth.',
      'Nothing was rolled back.',
    ])
      expect(text).toContain(said);
  });

  it('is there for a week that has done nothing, and for one in its middle', () => {
    expect(page(weekAfter([]))).toContain('Completed | no: running in preflight');
    expect(page(weekAfter([]))).toContain('Not rehearsed yet.');
    expect(page(weekAfter(['preflight', '2A']))).toContain(
      '☑ EdgeHub: 21 of 21 passed | ☐ NATS JetStream: 0 of 38 passed',
    );
    for (const state of [weekAfter([]), weekAfter(['preflight', '2A'])])
      expect(page(state)).not.toMatch(/undefined|NaN|null|Invalid|Infinity/);
  });
});

describe('a long week', () => {
  const file = '/var/lib/hubshift-reports/20260723-100000-ab12.older.jsonl';
  const older: NonNullable<WeekState['older']> = {
    file,
    history: 12,
    incidents: 3,
    decisions: 0,
    undone: { undone: 40, already: 2 },
    disturbed: {},
  };
  const forms = (state: WeekState) =>
    [reportMarkdown(reportOf(state, now)).replaceAll('`', ''), plain(reportHtml(reportOf(state, now)))] as const;

  it('says what of it is in which file, and how much', () => {
    for (const text of forms(good({ older }))) {
      expect(text).toContain(`not repeated here. It is in ${file} on the machine of the control worker`);
      expect(text).toContain('history, records of what was undone or done again: 12');
      expect(text).toContain('undone, ledger entries that were undone: 42');
      expect(text).toContain('incidents, incidents that were over: 3');
      expect(text).not.toContain('past decisions:');
    }
    expect(reportOf(good({ older }), now).older).toEqual(older);
  });

  it('says nothing of it in a week that is not that long, and in a report of a build that did not know of it', () => {
    const { older: none, ...before } = reportOf(good(), now);
    expect(none).toBeNull();
    for (const report of [reportOf(good(), now), before as Report])
      for (const text of [reportMarkdown(report), reportHtml(report)]) expect(text).not.toContain('What is older');
  });

  it('counts the incidents that are in the file', () => {
    const details = reportOf(good({ older, incidents: [incident({ id: 'incident-4' })] }), now).requirements.find(
      ({ id }) => id === 'report.details',
    );
    expect(details).toMatchObject({ summary: expect.stringContaining('4 incidents'), evidence: { incidents: 4 } });
  });

  it('tells a finding that came back once, with how often and from when to when', () => {
    const history = [
      record('2A.deploy.healthy', {
        verdict: 'fail',
        summary: 'not ready',
        times: 3,
        firstAt: began + 1_000,
        startedAt: began + 3_590_000,
        endedAt: began + 3_600_000,
      }),
    ];
    for (const text of forms(weekAfter(['2A'], { history })))
      expect(text).toContain(
        '2A.deploy.healthy fail, 3 times, 2026-07-23 10:00:01 to 11:00:00 UTC: not ready. Since then: pass',
      );
  });
});
