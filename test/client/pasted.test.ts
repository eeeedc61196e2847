// Commands in notices are pasted as they are: each is one, and takes the plan and the run that it says.
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addApprove } from '../../client/commands/approve.ts';
import { addEmergency } from '../../client/commands/emergency.ts';
import { addIncident } from '../../client/commands/incident.ts';
import { addOrders } from '../../client/commands/orders.ts';
import { addReport } from '../../client/commands/report.ts';
import { addRollback } from '../../client/commands/rollback.ts';
import { leftFailures } from '../../workflows/orders/holding.ts';
import { keptByGo } from '../../workflows/orders/interruptions.ts';
import { plan } from './fixtures.ts';
import { initialState } from '../../plan/week/initial-state.ts';
import { unexplained } from '../../plan/week/unexplained.ts';
import { incident } from '../plan/evidence/good-week.ts';

const program = new Command();
for (const add of [addApprove, addEmergency, addIncident, addOrders, addReport, addRollback]) add(program);

const state = initialState({ plan, planDigest: '', run: 'r', startedBy: '', startedAt: 0, rehearsal: null });
const kept = keptByGo('2A.check.restart', 'kept').order;
const ends = [leftFailures(state), kept].flatMap((hold) => (hold.kind === 'hold' ? hold.wait.ends! : []));

const notes = unexplained({ plan, incidents: [incident({}), incident({ id: 'incident-2', cause: 'a cable' })] });

it.each([
  ...ends,
  ...notes.map(({ words }) => words),
  ['ack', 'held-1'],
  ['retry', 'x'],
  ['accept', 'x', '--reason', 'TEXT'],
  ['skip', 'x', '--reason', 'TEXT'],
  ['emergency', '--level', '3'],
  ['approve', '--help'],
])('%s is a command', (name, ...words) => {
  const top = program.commands.find((one) => one.name() === name)!;
  const command = top.commands.find((one) => one.name() === words[0]) ?? top;
  const options = [...command.options.map(({ long }) => long), '--help'];
  expect(options).toEqual(
    expect.arrayContaining(['--plan', '--run', ...words.filter((word) => word.startsWith('--'))]),
  );
});
