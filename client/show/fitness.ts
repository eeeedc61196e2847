// Whether a week may begin over what its preflight found, and what people see of that.
import type { Requirement } from '../../plan/report/rows/requirement.ts';
import { rowLines } from './rows.ts';

/** What people see of it before a week begins. Nobody goes on over a failure; over a warning somebody has to say so. */
export function fitness(
  rows: Requirement[],
  { yes, attended }: { yes: boolean; attended: boolean },
): { lines: string[]; refused?: string } {
  const unfit = rows.filter(({ verdict }) => verdict !== 'pass');
  if (unfit.length > 0)
    return {
      lines: rowLines(unfit),
      refused: `Refused: ${unfit.length} of ${rows.length} rows of the preflight do not pass. Mend what they name, and look again with hubshift preflight. Nothing was begun.`,
    };
  const warned = rows.filter(({ evidence }) => Number(evidence['warnings'] ?? 0) > 0);
  const lines = [
    ...rowLines(warned),
    `preflight ${rows.length} rows pass${warned.length > 0 ? `, ${warned.length} of them with a warning` : ''}`,
  ];
  return warned.length === 0 || attended || yes
    ? { lines }
    : {
        lines,
        refused:
          'Refused: the preflight warns, and nobody is here to be asked. Read the rows above, and say --yes to begin over them. Nothing was begun.',
      };
}
