// States and reports of earlier builds: a week goes on from such a state, and such a report is shown and has its level 3 on record.
// See test/fixtures/compat/README.md.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportActivities } from '../../activities/control/reports.ts';
import { incidentsTold } from '../../plan/report/contents.ts';
import { escaped } from '../../plan/report/html-text.ts';
import { reportHtml } from '../../plan/report/html.ts';
import { reportMarkdown } from '../../plan/report/markdown.ts';
import { type Report, reportOf, reportVersion } from '../../plan/report/report.ts';
import type { Requirement } from '../../plan/report/rows/requirement.ts';
import { glance, snapshot, type Snapshot } from '../../plan/week/snapshot.ts';
import { metricsView, type MetricsView } from '../../plan/week/metrics-view.ts';
import type { WeekState } from '../../plan/week/state.ts';
import { temporaryMachine } from '../activities/machine.ts';
import { packed } from './old-machine.ts';

/** As the queries and files carry it: without what is undefined. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
/** A row without its words, which may be put better. */
const wordless = ({ text: _text, summary: _summary, evidence: _evidence, ...row }: Requirement) => row;

describe.each(['completed', 'rolled-back'])('a week that is %s', (how) => {
  const state = packed<WeekState>(`state-${how}`);
  const report = packed<Report>(`report-${how}`);

  it('is seen as its build saw it', () => {
    const expected = packed<Snapshot>(`snapshot-${how}`);
    const seen = snapshot(state, expected.at);
    expect(asJson(seen)).toMatchObject(expected);
    expect(glance(seen)).toMatchObject({ run: state.run, status: state.status, verdict: expected.verdict });
  });

  it('has the KPIs and counts that its build had', () => {
    const { kpis, verdicts } = packed<MetricsView>(`standing-${how}`);
    const now = metricsView(state, snapshot(state, report.at));
    expect(now.verdicts).toMatchObject(verdicts);
    for (const [id, { verdict, evidence }] of Object.entries(kpis))
      expect(now.kpis[id], id).toMatchObject({ verdict, evidence });
  });

  it('has the report of its build, row for row, with a version', () => {
    const { requirements, ...rest } = asJson(reportOf(state, report.at));
    const { requirements: expected, ...restExpected } = report;
    expect(rest).toMatchObject(restExpected);
    expect(rest.version).toBe(reportVersion);
    const rows = new Map(requirements.map((row) => [row.id, wordless(row)]));
    for (const row of expected) expect(rows.get(row.id), row.id).toMatchObject(wordless(row));
  });

  it('has a report of that build that is shown whole', () => {
    const [markdown, html] = [reportMarkdown(report), reportHtml(report)];
    for (const text of [markdown, html]) {
      expect(text).toContain(report.run);
      expect(text).not.toMatch(/undefined|NaN|Invalid Date|\[object/);
    }
    const done = report.requirements.filter(({ kind, summary }) => kind === 'check' && summary);
    expect(done.length).toBeGreaterThan(5);
    for (const { summary } of done) {
      expect(markdown).toContain(summary?.replaceAll('|', '\\|'));
      expect(html).toContain(escaped(summary ?? ''));
    }
    if (how === 'completed') {
      for (const text of [markdown, html]) {
        expect(text).toMatch(/observability_hub migrated/);
        expect(text).not.toMatch(/0 of 0 passed|not measured|Nothing measured yet/);
      }
      // What stands in a second place because of what it is: a risk, a measurement.
      for (const id of ['preflight.topology', '2C.latency', '2D.impact.resources']) {
        const { summary = '' } = report.requirements.find((row) => row.id === id)!;
        expect(markdown.split(summary!.slice(0, 20)).length, id).toBeGreaterThan(2);
      }
    }
    expect(incidentsTold(report)).toHaveLength(how === 'completed' ? 0 : 1);
  });
});

it('a level 3 in a report of that build is on record', async () => {
  const { state: directory } = await temporaryMachine();
  await mkdir(directory);
  for (const how of ['completed', 'rolled-back'])
    await writeFile(join(directory, `${how}.json`), JSON.stringify(packed<Report>(`report-${how}`), null, 2));
  const { findLevelThree } = reportActivities({ HUBSHIFT_REPORTS: directory }, 'build');
  const {
    run,
    footprint,
    rollback: { newest },
  } = packed<Report>('report-rolled-back');
  const found = await findLevelThree({ footprint });
  // It did not say which build it was: any is another.
  expect(found).toEqual({ run, at: newest?.verifiedAt, ms: 7562, tookBack: newest?.tookBack, ofOtherBuild: true });
  expect(found?.tookBack).toContain('PC2: agent.restore of 2D.deploy.observability_hub');
});

describe('a long week that was rolling back as its history ended', () => {
  const state = packed<WeekState>('state-rolling-back');
  const report = packed<Report>('report-older');

  it('has what the next history goes on with', () => {
    expect(state.doing).toMatchObject({ kind: 'rollback', scope: 'all', reason: 'enough' });
    expect(state.orders).toMatchObject([{ kind: 'rollback', emergency: { trigger: { by: 'ada' } } }]);
    expect(Object.keys(state.undoing!.undone)).toContain('MainPC 0');
    expect(state.older!.history).toBeGreaterThan(0);
    expect(state.history).toContainEqual(expect.objectContaining({ id: '2A.check.restart', times: 2 }));
  });

  it('is seen as its build saw it', () => {
    const expected = packed<Snapshot>('snapshot-rolling-back');
    expect(asJson(snapshot(state, expected.at))).toMatchObject(expected);
  });

  it('has a report that is shown whole, with where the rest is', () => {
    for (const text of [reportMarkdown(report), reportHtml(report).replaceAll('<wbr>', '')]) {
      expect(text).toContain(report.older!.file);
      expect(text).toMatch(/2A\.check\.restart.* fail, 2 times, /);
      expect(text).not.toMatch(/undefined|NaN|Invalid Date|\[object/);
    }
  });
});
