// The last day: a soak, and every task looked at afresh.
import type { Task } from '../contract.ts';
import { knownBad } from './known-bad.ts';
import { purpose } from './purpose.ts';
import { rows } from './rows.ts';

export const soak = {
  called: 'The soak',
  purpose,
  standsOn: 'all before',
  changesNothing: true,
  repeatedOnExtension: true,
  rows,
  knownBad,
  report: { heading: 'Soak and checkpoints', place: 6 },
} satisfies Task;
