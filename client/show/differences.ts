// Shows what a week would change, a row each.
import type { Difference } from '../../plan/tasks/difference.ts';
import { columns } from './text.ts';

export function differenceTable(differences: Difference[]): string[] {
  const changing = differences.filter(({ change }) => change !== 'none');
  const rows = changing.map(({ change, machine, what, target, found }) => [change, machine, what, target, found]);
  const same = `${differences.length - changing.length} of ${differences.length} things are as the plan wants them.`;
  return changing.length === 0
    ? [same, 'Nothing to do.']
    : [...columns([['CHANGE', 'MACHINE', 'WHAT', 'TARGET', 'FOUND'], ...rows]), '', same];
}
