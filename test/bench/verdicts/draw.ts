// So many weeks of a kind, each by a seed of its own, and what was said of them.
import type { Plan } from '../../../plan/schema/plan.ts';
import type { Evaluation } from '../../../plan/week/record.ts';
import { faults } from './faults.ts';
import { randomOf } from './random.ts';
import { healthyWeek, weekOf } from './weeks.ts';

export interface Lot {
  /** Of the list of faults; null for weeks that go well. */
  fault: number | null;
  size: number;
  first: number;
  weeks: number;
}

export interface Said {
  weeks: number;
  fail: number;
  inconclusive: number;
}

export interface Drawn {
  /** By row: of a fault's the one that is there to find it. */
  rows: Record<string, Said>;
  /** Weeks in which any row failed, and those in which none did and any was inconclusive. */
  any: Said;
  /** The first few that passed with a fault, or did not without one. */
  examples: string[];
}

const examplesAtMost = 3;

export function draw(plan: Plan, seed: number, { fault, size, first, weeks }: Lot): Drawn {
  const broken = fault === null ? null : faults(plan)[fault]!;
  const name = broken ? `${broken.row} ${broken.what} ${size}` : 'healthy';
  const drawn: Drawn = { rows: {}, any: { weeks: 0, fail: 0, inconclusive: 0 }, examples: [] };
  for (let number = first; number < first + weeks; number += 1) {
    const week = weekOf(randomOf(seed, `${name} ${number}`), plan);
    const all = broken ? broken.draw(week, size) : healthyWeek(week);
    const evaluated = Object.entries(all).filter(([row]) => !broken || row === broken.row);
    for (const [row, { verdict, summary }] of evaluated) {
      count((drawn.rows[row] ??= { weeks: 0, fail: 0, inconclusive: 0 }), verdict);
      const wrong = broken ? verdict === 'pass' : verdict !== 'pass';
      if (wrong && drawn.examples.length < examplesAtMost)
        drawn.examples.push(`${name} ${number}: ${row} ${verdict}, ${summary}`);
    }
    const verdicts = evaluated.map(([, { verdict }]) => verdict);
    count(drawn.any, verdicts.includes('fail') ? 'fail' : verdicts.includes('inconclusive') ? 'inconclusive' : 'pass');
  }
  return drawn;
}

function count(said: Said, verdict: Evaluation['verdict']): void {
  said.weeks += 1;
  if (verdict !== 'pass') said[verdict] += 1;
}

export function together(one: Drawn | undefined, other: Drawn): Drawn {
  if (!one) return other;
  const rows = { ...one.rows };
  for (const [row, said] of Object.entries(other.rows)) rows[row] = rows[row] ? sum(rows[row], said) : said;
  return {
    rows,
    any: sum(one.any, other.any),
    examples: [...one.examples, ...other.examples].slice(0, examplesAtMost),
  };
}

function sum(one: Said, other: Said): Said {
  return {
    weeks: one.weeks + other.weeks,
    fail: one.fail + other.fail,
    inconclusive: one.inconclusive + other.inconclusive,
  };
}
