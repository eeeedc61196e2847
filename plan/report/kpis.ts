// The KPIs of a report as people read them: value, limit, target, how it stands, and from how much it is known.
import { between, type Table } from './contents.ts';
import type { Report } from './report.ts';
import type { Requirement } from './rows/requirement.ts';

/** What a row shows of one KPI, and its numbers for charts. A "–" stands for what is not known or not wanted. */
export interface KpiShown {
  row: Requirement;
  /** "edgehub-uptime" */
  name: string;
  value: number | null;
  limit: number | null;
  target: number | null;
  unit: string;
}

export function kpisShown({ requirements }: Report): KpiShown[] {
  return requirements
    .filter(({ kind }) => kind === 'kpi')
    .map((row) => {
      const { unit } = row.evidence;
      return {
        row,
        name: row.id.slice('kpi.'.length),
        value: numberIn(row, 'value'),
        limit: numberIn(row, 'limit'),
        target: numberIn(row, 'target'),
        unit: typeof unit === 'string' ? unit : '',
      };
    });
}

/** What was found beyond the numbers stands last. */
export function kpiTable(report: Report): Table {
  return {
    heading: ['KPI', 'verdict', 'value', 'limit', 'target', 'samples', 'window', 'found'],
    rows: kpisShown(report).map((shown) => {
      const { row, value, limit, target, unit } = shown;
      const [samples, from, to] = (['samples', 'from', 'to'] as const).map((key) => numberIn(row, key));
      return [
        `\`${row.id}\``,
        inWords(shown),
        withUnit(value, unit),
        withUnit(limit, unit),
        withUnit(target, unit),
        String(samples ?? '–'),
        typeof from === 'number' && typeof to === 'number' ? between(from, to) : '–',
        row.summary ?? row.text,
      ];
    }),
  };
}

/** What a verdict means where there is a limit, and perhaps a target beyond it. */
export function inWords({ row, value, limit, target }: KpiShown): string {
  const needed = numberIn(row, 'needed');
  // Of an interval its far end counts, as for the judge.
  const counts = numberIn(row, 'highPercent') ?? value;
  switch (row.verdict) {
    case 'pass':
      return counts !== null &&
        limit !== null &&
        target !== null &&
        (target < limit ? counts < target : counts >= target)
        ? 'target met'
        : 'limit met';
    case 'fail':
      return 'missed';
    case 'inconclusive':
      return needed === null ? 'inconclusive' : `inconclusive, needs ${needed} samples`;
    case 'open':
      return 'open';
  }
}

export function withUnit(value: number | null, unit: string): string {
  return value === null ? '–' : `${value} ${unit}`.trim();
}

function numberIn({ evidence }: Requirement, key: string): number | null {
  const found = evidence[key];
  return typeof found === 'number' ? found : null;
}
