// Before a step changes anything: whether the machines' ledgers hold what this week has no memory of.
import { patched } from '@temporalio/workflow';
import type { MachineActivities } from '../plan/machine-api/index.ts';
import type { Entered } from '../plan/machine-api/ledger.ts';
import { stepOf } from '../plan/tasks/steps.ts';
import { aheadOf, aheadText } from '../plan/week/ledger-ahead.ts';
import type { WeekState } from '../plan/week/state.ts';
import type { Scope } from '../plan/week/undo.ts';
import { failureType } from './machine/failures.ts';
import { IncidentFound } from './orders/interruptions.ts';

/** Whoever came in between has left the newest. */
const newest = 50;

/** What it needs of the week. */
export interface Remembering {
  state: WeekState;
  proxy(step: string, machine: string): MachineActivities;
}

export function looksAtLedgers(): boolean {
  return patched('looks-at-ledgers');
}

/**
 * Before `step` begins, or looks again. Throws IncidentFound, which holds the week, once for the same entries: who lets it go on then
 * knows of them.
 */
export async function holdIfAhead(week: Remembering, step: string, machines: string[]): Promise<void> {
  const { state } = week;
  const found = await Promise.all(
    machines.map(async (machine) => ({ machine, entries: await newOn(week, step, machine) })),
  );
  const ahead = found.filter(({ entries }) => entries.length > 0);
  if (ahead.length === 0) return;
  // It has not begun: it looks again when it does.
  if (!state.windows[step]) delete state.facts[`begun ${step}`];
  const command = 'hubshift rollback, which undoes them too, or hubshift resume, which goes on over them';
  throw new IncidentFound({
    kind: 'hold',
    status: 'paused',
    reason: aheadText(ahead),
    since: Date.now(),
    wait: { on: 'a person', step, command, ends: [['rollback'], ['resume']] },
    ordered: false,
    again: undoneThere(
      week,
      ahead.flatMap(({ entries }) => entries),
    ),
    said: Object.fromEntries(
      ahead.map(({ machine, entries }) => [
        `ledger known on ${machine}`,
        Math.max(...entries.map(({ entry }) => entry)),
      ]),
    ),
  });
}

/** The tasks or agents of what the week believes to stand and is undone. */
function undoneThere({ state }: Remembering, entries: Entered[]): Scope[] {
  const rows = entries.filter(({ live }) => !live).flatMap(({ step }) => stepOf(state.plan, step) ?? []);
  const scopes = rows.map(({ ofAgent, task }): Scope => (ofAgent === undefined ? { task } : { agent: ofAgent }));
  return [...new Map(scopes.map((scope) => [JSON.stringify(scope), scope])).values()];
}

/** What is ahead and nobody has been told of. */
async function newOn(week: Remembering, step: string, machine: string): Promise<Entered[]> {
  const known = week.state.facts[`ledger known on ${machine}`] ?? 0;
  const entries = await newestOn(week, step, machine);
  return aheadOf(entries, week.state, step).filter(({ entry }) => entry > known);
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
