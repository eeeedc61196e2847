// Before a step changes anything: whether the machines' ledgers hold what this week has no memory of.
import { patched } from '@temporalio/workflow';
import type { MachineActivities } from '../plan/machine-api/index.ts';
import { aheadOf, aheadText } from '../plan/week/ledger-ahead.ts';
import type { WeekState } from '../plan/week/state.ts';
import { failureType } from './machine/failures.ts';
import { IncidentFound } from './orders/interruptions.ts';

/** Whoever came in between has left the newest. */
const newest = 10;

/** What it needs of the week. */
export interface Remembering {
  state: WeekState;
  proxy(step: string, machine: string): MachineActivities;
}

export function looksAtLedgers(): boolean {
  return patched('looks-at-ledgers');
}

/** For a step that begins for the first time. Throws IncidentFound, which holds the week, once for the same entries: who lets it go on then knows of them. */
export async function holdIfAhead(week: Remembering, step: string, machines: string[]): Promise<void> {
  const { state } = week;
  for (const machine of machines) {
    const entries = await newestOn(week, step, machine);
    const known = state.facts[`ledger known on ${machine}`] ?? 0;
    const ahead = aheadOf(entries, state, step).filter(({ entry }) => entry > known);
    if (ahead.length === 0) continue;
    state.facts[`ledger known on ${machine}`] = Math.max(...ahead.map(({ entry }) => entry));
    const command = 'hubshift rollback, which undoes them too, or hubshift resume, which goes on over them';
    throw new IncidentFound({
      kind: 'hold',
      status: 'paused',
      reason: aheadText(machine, ahead),
      since: Date.now(),
      wait: { on: 'a person', step, command },
      ordered: false,
    });
  }
}

/** A machine's worker of an older build can't be asked. */
async function newestOn(week: Remembering, step: string, machine: string) {
  try {
    return await week.proxy(step, machine).newestEntries({ run: week.state.run, atMost: newest });
  } catch (error) {
    if (failureType(error) === 'NotFoundError') return [];
    throw error;
  }
}
