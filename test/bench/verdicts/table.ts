// What came out, as the tables of docs/verdicts.md, with the line that says whether the goals are met.
import type { Plan } from '../../../plan/schema/plan.ts';
import { kpis } from '../../../plan/evidence/kpis.ts';
import { stepsOf } from '../../../plan/tasks/steps.ts';
import type { Drawn, Said } from './draw.ts';
import { faults } from './faults.ts';
import { percent, wilson, withInterval } from './shares.ts';

export interface Result {
  healthy: Drawn;
  /** By fault, by size. */
  broken: Map<number, Map<number, Drawn>>;
}

export const twice = 2;
const goals = { falseAlarms: 0.001, misses: 0, inconclusive: 0.01 };

export function table(plan: Plan, { healthy, broken }: Result): string {
  const rows = Object.entries(healthy.rows).map(
    ([row, { weeks, fail, inconclusive }]) =>
      `| \`${row}\` | ${weeks} | ${withInterval(fail, weeks)} | ${withInterval(inconclusive, weeks)} |`,
  );
  const sizes = [...new Set([...broken.values()].flatMap((bySize) => [...bySize.keys()]))].sort((a, b) => b - a);
  const found = [...broken].map(([index, bySize]) => {
    const { row, what, limit } = faults(plan)[index]!;
    const cells = sizes.map((size) => cellOf(bySize.get(size)?.any, size === twice));
    return `| \`${row}\` | ${what} | \`${limit}\` | ${cells.join(' | ')} |`;
  });
  const exact = exactRows(plan, healthy);
  return [
    '| of weeks that go well | weeks | fails | inconclusive |',
    '|---|---|---|---|',
    ...rows,
    '',
    `| row | fault | limit | ${sizes.map((size) => `${size} times`).join(' | ')} |`,
    `|---|---|---|${sizes.map(() => '---').join('|')}|`,
    ...found,
    '',
    `Exact, ${exact.length} rows and KPIs: ${exact.map((id) => `\`${id}\``).join(', ')}.`,
  ].join('\n');
}

/** Passes, and what is inconclusive. */
function cellOf(said: Said | undefined, whole: boolean): string {
  if (!said) return '';
  const { weeks, fail, inconclusive } = said;
  const misses = weeks - fail - inconclusive;
  return `${whole ? withInterval(misses, weeks) : `${percent(misses / weeks)} %`}; ${percent(inconclusive / weeks)} %`;
}

/** They compare sets, versions, digests, or wait until something is so. */
function exactRows(plan: Plan, { rows }: Drawn): string[] {
  const noisy = new Set(Object.keys(rows));
  return [...stepsOf(plan), ...kpis].map(({ id }) => id).filter((id) => !noisy.has(id));
}

/** `met`: and with so few weeks that a share says little, whether it is not above the goals beyond doubt. */
export function lastLine({ healthy: { any }, broken }: Result, few = false): { line: string; met: boolean } {
  const atTwice = [...broken.values()].flatMap((bySize) => bySize.get(twice) ?? []).map((drawn) => drawn.any);
  const of = atTwice.reduce((sum, { weeks }) => sum + weeks, 0);
  const misses = atTwice.reduce((sum, { weeks, fail, inconclusive }) => sum + weeks - fail - inconclusive, 0);
  const [alarms, open] = [any.fail / any.weeks, any.inconclusive / any.weeks];
  const { low, high } = wilson(any.fail, any.weeks);
  return {
    line: `false alarms ${percent(alarms)} % a week (${percent(low)} to ${percent(high)}), misses at twice the limit ${misses} of ${of}, inconclusive ${percent(open)} %`,
    met:
      (few ? low : alarms) <= goals.falseAlarms &&
      misses <= goals.misses &&
      (few ? wilson(any.inconclusive, any.weeks).low : open) <= goals.inconclusive,
  };
}
