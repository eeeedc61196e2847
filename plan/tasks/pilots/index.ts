// Task 2D: the pilots, moved one by one to two hubs, and the whole put to the test.
import { pilotsOf } from '../../schema/plan.ts';
import type { Task } from '../contract.ts';
import { dualHubSettings } from './config.ts';
import { kpis } from './kpis.ts';
import { fallbacks } from './fallbacks.ts';
import { knownBad } from './known-bad.ts';
import { purpose } from './purpose.ts';
import { contradictions, references } from './references.ts';
import { rows, undoRows } from './rows.ts';

export const pilots = {
  called: 'Task 2D',
  purpose,
  standsOn: ['2A', '2B', '2C'],
  movesAgents: true,
  fallbacks,
  references,
  contradictions,
  renders: (plan) => {
    for (const pilot of pilotsOf(plan)) dualHubSettings(plan, pilot);
  },
  rows,
  undoRows,
  desired: (plan) =>
    pilotsOf(plan).map(({ machine, config }) => ({ what: 'agent configuration', machine, target: config })),
  kpis,
  knownBad,
  report: { heading: 'Pilot agents', place: 5 },
} satisfies Task;
