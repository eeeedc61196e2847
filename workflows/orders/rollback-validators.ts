// Why a rollback is refused: for its scope, for the machines that it is to go without, or since one runs that does the same.
import { tasksIn } from '../../plan/tasks/steps.ts';
import { whyNotInPart, type WeekState } from '../../plan/week/state.ts';
import type { Scope } from '../../plan/week/undo.ts';

/** To a rollback that runs: one of a part does not hold up one of everything, and one of everything may go on without a machine. */
export function saysMore(
  { rollback }: WeekState,
  { scope, without = [] }: { scope: Scope; without?: string[] },
): boolean {
  return scope === 'all' && (rollback?.scope !== 'all' || without.length > 0);
}

export function refuseWithout({ plan }: WeekState, without: string[] | undefined, isOfAll: boolean): void {
  if (without === undefined) return;
  const machines = plan.machines.map(({ name }) => name);
  if (!Array.isArray(without) || without.some((name) => !machines.includes(name)))
    throw new Error(`The plan has no machine ${String(without)}: ${machines.join(', ')}.`);
  if (without.length === 0) return;
  if (!isOfAll)
    throw new Error(
      'Only a rollback of everything goes on without a machine: hubshift rollback --without, or level 3.',
    );
  if (machines.every((name) => without.includes(name)))
    throw new Error('A rollback without any machine undoes nothing: name those that do not come back.');
}

export function refuseInPart(state: WeekState, scope: Scope): void {
  const why = scope === 'all' ? undefined : whyNotInPart(state);
  if (why) throw new Error(why);
}

export function refuseScope({ plan }: WeekState, scope: Scope): void {
  if (scope === 'all') return;
  const { task, agent } = (scope ?? {}) as { task?: string; agent?: string };
  if ((task === undefined) === (agent === undefined))
    throw new Error('A rollback is of all, of one task or of one agent.');
  const known = tasksIn(plan);
  if (task !== undefined && !known.some((name) => name === task))
    throw new Error(`The plan has no task ${task}: ${known.join(', ')}.`);
  if (agent !== undefined && !plan.agents.some(({ name }) => name === agent))
    throw new Error(`The plan has no agent ${agent}.`);
}
