// Two runs beside each other: their KPIs, and the rows that differ in what was found.
import { utc } from '../schema/duration.ts';
import { kpisShown, withUnit } from './kpis.ts';
import { table, tableOr } from './markdown.ts';
import { readable } from './older.ts';
import type { Report } from './report.ts';
import { asFound, type Requirement } from './rows/requirement.ts';

type Both<T> = [first: T, second: T];

/** The output of `hubshift report --compare --json`. Null stands for what is not in one of them. */
export interface Comparison {
  runs: Both<
    Pick<Report, 'run' | 'plan' | 'planDigest' | 'status' | 'verdict' | 'rehearsal' | 'startedAt' | 'endedAt'>
  >;
  kpis: { id: string; found: Both<Found | null>; value: Both<number | null>; unit: string }[];
  /** Those with other verdicts, or other numbers in their evidence. What was undone stands there as it had been found. */
  rows: { id: string; found: Both<Found | null>; numbers: Record<string, Both<number | null>> }[];
}

interface Found extends Pick<Requirement, 'verdict' | 'summary'> {
  undone: boolean;
}

export function comparisonOf(given: Both<Report>): Comparison {
  const reports = both(given, readable);
  const rows = both(reports, ({ requirements }) => new Map(requirements.map((row) => [row.id, asFound(row)])));
  const ids = [...new Set(rows.flatMap((of) => [...of.keys()]))];
  const rowsOf = (id: string) => both(rows, (of) => of.get(id));
  const shown = both(reports, (report) => new Map(kpisShown(report).map((kpi) => [kpi.row.id, kpi])));
  const kpiIds = [...new Set(shown.flatMap((of) => [...of.keys()]))];
  return {
    runs: both(reports, ({ run, plan, planDigest, status, verdict, rehearsal, startedAt, endedAt }) => ({
      run,
      plan,
      planDigest,
      status,
      verdict,
      rehearsal,
      startedAt,
      endedAt,
    })),
    kpis: kpiIds.map((id) => {
      const kpi = both(shown, (of) => of.get(id));
      return {
        id,
        found: both(kpi, (one) => foundIn(one?.row)),
        value: both(kpi, (one) => one?.value ?? null),
        unit: kpi.find((one) => one?.unit)?.unit ?? '',
      };
    }),
    rows: ids
      .filter((id) => !kpiIds.includes(id))
      .map((id) => ({ id, found: both(rowsOf(id), foundIn), numbers: numbersOf(rowsOf(id)) }))
      .filter(({ found, numbers }) => otherVerdict(found) || Object.keys(numbers).length > 0),
  };
}

export function comparisonMarkdown(given: Both<Report>): string {
  const { runs, kpis, rows } = comparisonOf(given);
  const heading = runs.map(({ run, status }) => `${run}, ${status}`);
  return [
    `# ${runs[0].run} and ${runs[1].run}`,
    table({
      heading: ['', ...heading],
      rows: [
        ['plan', ...runs.map(({ plan, planDigest }) => `${plan} (\`${planDigest.slice(0, 12)}\`)`)],
        ['verdict', ...runs.map(({ verdict }) => verdict)],
        ['watched time', ...runs.map(({ rehearsal }) => (rehearsal === null ? 'whole' : `divided by ${rehearsal}`))],
        ['started', ...runs.map(({ startedAt }) => utc(startedAt))],
        ['ended', ...runs.map(({ endedAt }) => (endedAt === null ? '–' : utc(endedAt)))],
      ],
    }),
    '## Key performance indicators',
    table({
      heading: ['KPI', ...heading],
      rows: kpis.map(({ id, found, value, unit }) => [
        `\`${id}\``,
        ...found.map((one, index) => (one ? `${withUnit(value[index] ?? null, unit)}, ${one.verdict}` : '–')),
      ]),
    }),
    '## Rows with other verdicts',
    tableOr(
      {
        heading: ['requirement', ...heading],
        rows: rows
          .filter(({ found }) => otherVerdict(found))
          .map(({ id, found }) => [`\`${id}\``, ...found.map(inText)]),
      },
      'None.',
    ),
    '## Rows with other numbers',
    tableOr(
      {
        heading: ['requirement', 'number', ...heading],
        rows: rows.flatMap(({ id, numbers }) =>
          Object.entries(numbers).map(([name, values]) => [
            `\`${id}\``,
            name,
            ...values.map((value) => String(value ?? '–')),
          ]),
        ),
      },
      'None.',
    ),
    '',
  ].join('\n\n');
}

function foundIn(row: Requirement | undefined): Found | null {
  return row ? { verdict: row.verdict, summary: row.summary, undone: row.before !== undefined } : null;
}

function inText(found: Found | null): string {
  if (!found) return '–';
  const { verdict, summary, undone } = found;
  return `${verdict}${undone ? ', undone since' : ''}${summary ? `: ${summary}` : ''}`;
}

function otherVerdict([first, second]: Both<Found | null>): boolean {
  return first?.verdict !== second?.verdict;
}

/** Where both have evidence: what is only in one is another verdict, or another plan. */
function numbersOf([first, second]: Both<Requirement | undefined>): Record<string, Both<number | null>> {
  if (!first || !second || first.verdict === 'open' || second.verdict === 'open') return {};
  const number = ({ evidence }: Requirement, name: string) =>
    typeof evidence[name] === 'number' ? evidence[name] : null;
  const names = new Set([...Object.keys(first.evidence), ...Object.keys(second.evidence)]);
  return Object.fromEntries(
    [...names]
      .map((name) => [name, [number(first, name), number(second, name)] as Both<number | null>] as const)
      .filter(([, [one, other]]) => one !== other),
  );
}

function both<From, To>([first, second]: Both<From>, change: (one: From) => To): Both<To> {
  return [change(first), change(second)];
}
