// What the HTML report draws of a week.
import { humanDuration } from '../schema/duration.ts';
import { workOf, type Report } from './report.ts';
import { timesFailover } from '../tasks/index.ts';
import { bars, course, timeline, type Bar, type Mark, type Span } from './charts.ts';
import { rowsOf, sections } from './facts.ts';
import { kpisShown, withUnit, type KpiShown } from './kpis.ts';

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
  const shown = kpisShown(report).filter(({ name }) =>
    ['edgehub-uptime', 'nats-availability', 'agent-uptime'].includes(name),
  );
  return bars(
    'Availability in percent, planned faults left out',
    shown.flatMap(({ name, value, unit, row: { verdict } }): Bar[] =>
      value === null ? [] : [{ label: name, value, text: withUnit(value, unit), verdict }],
    ),
  );
}

function failovers(report: Report): string {
  const trials = workOf(report).filter(({ id, evidence }) => timesFailover(id) && evidence['slowestMs'] !== undefined);
  const kpi = kpisShown(report).find(({ name }) => name === 'failover-time');
  const rows = trials.map(({ id, verdict, evidence: { slowestMs } }): Bar => ({
    label: id.endsWith('.fallback') ? `${id.split('.')[2]} alone` : id.slice('2D.failover.'.length),
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
  const spans = sections.flatMap(({ task, heading }): Span[] => {
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
