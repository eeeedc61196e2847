// What the HTML report draws of a week.
import { kpis } from '../evidence/kpis.ts';
import { humanDuration } from '../schema/duration.ts';
import { type Bar, bars, course, type Mark, type Span, timeline } from './charts.ts';
import { foundOf, rowsOf, sectionsOf } from './contents.ts';
import { type KpiShown, kpisShown, withUnit } from './kpis.ts';
import type { Report } from './report.ts';

/** All charts that there is something for. */
export function drawings(report: Report): string[] {
  return [uptimes(report), tasks(report), failovers(report), latencies(report)].filter(Boolean);
}

/** How each KPI went that has a course. */
export function courses(report: Report): string[] {
  return kpisShown(report)
    .map((shown) => {
      const {
        row: { id, verdict },
        name,
        unit,
      } = shown;
      const points = report.series.flatMap(({ at, values }) =>
        values[id] === undefined ? [] : [{ at, value: values[id] }],
      );
      return course(name, verdict, points, marksOf(shown), {
        value: (value) => withUnit(Number(value.toFixed(2)), unit),
        moment: (at) => new Date(at).toISOString().slice(5, 16).replace('T', ' '),
      });
    })
    .filter(Boolean);
}

function marksOf(shown: KpiShown): Mark[] {
  return (['limit', 'target'] as const).flatMap((label) =>
    shown[label] === null ? [] : [{ label, at: shown[label] }],
  );
}

function uptimes(report: Report): string {
  const ofUptime = kpis.filter(({ criterion }) => criterion === 'components' || criterion === 'agents');
  const shown = kpisShown(report).filter(({ row }) => ofUptime.some(({ id }) => id === row.id));
  return bars(
    'Availability in percent, planned faults left out',
    shown.flatMap(({ name, value, unit, row: { verdict } }): Bar[] =>
      value === null ? [] : [{ label: name, value, text: withUnit(value, unit), verdict }],
    ),
  );
}

function failovers(report: Report): string {
  const trials = foundOf(report).filter(({ trial, evidence }) => trial && evidence['slowestMs'] !== undefined);
  const kpi = kpisShown(report).find(({ name }) => name === 'failover-time');
  const rows = trials.map(({ trial = '', verdict, evidence: { slowestMs } }): Bar => ({
    label: trial,
    value: Number(slowestMs),
    text: slowestMs === null ? 'never' : `${slowestMs} ms`,
    verdict,
  }));
  return bars('Slowest failover of each trial, there and back, in milliseconds', rows, kpi ? marksOf(kpi) : []);
}

function latencies({ measured }: Report): string {
  const routes = Object.entries(measured).flatMap(([machine, { responses, messages }]) => [
    ...Object.entries(responses).map(([hub, found]) => ({ label: `${hub} answers`, found })),
    ...Object.entries(messages).flatMap(([to, { latency }]) =>
      latency ? [{ label: `${machine} to ${to}`, found: latency }] : [],
    ),
  ]);
  const rows = routes.flatMap(({ label, found }) =>
    (['p50', 'p95', 'p99'] as const).map((percentile): Bar => ({
      label: `${label}, ${percentile}`,
      value: found[percentile],
      text: `${found[percentile]} ms`,
      verdict: 'pass',
    })),
  );
  return bars('Latencies in milliseconds', rows);
}

function tasks(report: Report): string {
  const spans = sectionsOf(report).flatMap(({ task, heading }): Span[] => {
    const done = rowsOf(report, task).filter(({ startedAt, endedAt }) => startedAt !== null && endedAt !== null);
    if (done.length === 0) return [];
    const [from, to] = [
      Math.min(...done.map(({ startedAt }) => startedAt!)),
      Math.max(...done.map(({ endedAt }) => endedAt!)),
    ];
    return [
      {
        label: heading,
        from,
        to,
        text: humanDuration(to - from),
        verdict: done.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'pass',
      },
    ];
  });
  return timeline(
    'Tasks and incidents',
    spans.sort((a, b) => a.from - b.from),
    report.incidents.map(({ id, startedAt: at }) => ({ at, label: id })),
  );
}
