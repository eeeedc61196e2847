// The ledger of one machine in a rollback: undone part by part of the scope, unless it is gone on without that machine.
import { machineId } from '../../plan/names.ts';
import type { Undoing, WeekState } from '../../plan/week/state.ts';
import { type Scope, type Undone, withoutRepeats, withShortDetails } from '../../plan/week/undo.ts';
import { failureText } from '../machine/failures.ts';
import { HistoryIsLong } from '../orders/interruptions.ts';
import { isLeft, type Leaving, unlessLeft } from './without.ts';

type OnMachine = WeekState['undone'][number];

/** What is done here is not done again. */
export async function undoOn(leaving: Leaving, machine: string, scopes: Scope[]): Promise<void> {
  const { week, undoing } = leaving;
  const { undone, actions } = undoing;
  if (actions.some((action) => action.machine === machine)) return;
  for (const [part, scope] of scopes.entries()) {
    const key = `${machine} ${part}`;
    if (undone[key]) continue;
    if (isLeft(machine, undoing)) break;
    try {
      const step = `rollback ${machineId(machine)}`;
      const ask = () => week.proxy(step, machine).rollback({ run: week.state.run, scope });
      const entries = leaving.canBeLeft ? await unlessLeft(leaving, [machine], ask) : await ask();
      if (!entries) break;
      const parts = week.plan.machines.length * scopes.length;
      undone[key] = withShortDetails(withoutRepeats(entries), parts).map((entry) => ({ ...entry, machine }));
    } catch (error) {
      if (error instanceof HistoryIsLong || week.ordered) throw error;
      undone[key] = [failedOn(machine, failureText(error))];
      break;
    }
  }
  const entries = undoneOn(machine, scopes, undoing);
  const count = (result: Undone['result']) => entries.filter((entry) => entry.result === result).length;
  actions.push({
    what: 'undo the ledger',
    machine,
    result:
      (['undone', 'already', 'left', 'failed'] as const)
        .filter(count)
        .map((result) => `${count(result)} ${result}`)
        .join(', ') || (isLeft(machine, undoing) ? `not undone: ${undoing.without![machine]}` : 'nothing to undo'),
    ms: Date.now() - undoing.since,
  });
}

export function undoneOn(machine: string, scopes: Scope[], { undone }: Undoing): OnMachine[] {
  return scopes.flatMap((_, part) => undone[`${machine} ${part}`] ?? []);
}

/** Its ledger was closed, and undone: it did not fail as a whole. */
export function hasTaken(machine: string, { undone }: Undoing): boolean {
  return undone[`${machine} 0`]?.every(({ entry }) => entry !== noEntry) === true;
}

/** No ledger numbers an entry so. */
const noEntry = 0;

function failedOn(machine: string, detail: string): OnMachine {
  return {
    machine,
    entry: noEntry,
    step: 'rollback',
    kind: 'fault.lift',
    target: machine,
    result: 'failed',
    detail,
    ms: 0,
  };
}
