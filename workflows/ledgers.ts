// Opening and keeping the machines' ledgers: around everything that changes something.
import { planId } from '../plan/names.ts';
import { pass } from '../plan/tasks/shared/verdict.ts';
import type { Week } from './week.ts';

/** Before the first change: refused while another run's entries are open on a machine. */
export async function openLedgers(week: Week): Promise<void> {
  const machines = week.plan.machines.map((machine) => machine.name);
  await week.step(
    'ledger.open',
    machines.join(', '),
    (on) =>
      Promise.all(machines.map((machine) => on(machine).openLedger({ run: week.state.run, plan: planId(week.plan) }))),
    (found) => pass(`${found.length} ledgers are open for this run`),
  );
}

/** After a GO: what the week made stays, and takes no more changes of this run. */
export async function keepLedgers(week: Week): Promise<void> {
  const machines = week.plan.machines.map((machine) => machine.name);
  await week.step(
    'ledger.keep',
    machines.join(', '),
    (on) => Promise.all(machines.map((machine) => on(machine).keepLedger({ run: week.state.run }))),
    (found) => pass(`kept: ${found.reduce((sum, { entries }) => sum + entries, 0)} entries`),
  );
}
