// What a rollback of everything went without: a machine that did not come. What is open there as far as the week knows, and what is done there
// when it returns. Pure.
import type { Plan } from '../schema/plan.ts';
import type { StepInfo } from '../tasks/row.ts';
import { stepsOf } from '../tasks/steps.ts';
import type { WeekState, Without } from './state.ts';
import { cut } from './cut-text.ts';

/** So much of what is open on a machine travels with the week: so many, of so many characters. */
export const openNamed = 12;
export const openCharacters = 100;

/** Level 3 there: of the week where that can be asked, else from the machine's own ledger. */
export function commandThere(run: string, machine: string): string {
  return `hubshift rollback --emergency --machine ${machine} --run ${run}`;
}

/** What is left to do: then the week takes the rollback up again, looks, and ends as rolled back. */
export function todo(run: string, { machine, why, open, of }: Without): string {
  const more = of > open.length ? ` and ${of - open.length} more` : '';
  const known = of === 0 ? 'nothing that the week knows of' : `${open.join(', ')}${more}`;
  return `${machine} (${why}): open there: ${known}. When it is back, there: ${commandThere(run, machine)}; then hubshift rollback, where that could not ask the week`;
}

/** What stands on a machine when a rollback begins to go without it: its entries that failed before, and the steps that changed something there. */
export function openOn(state: WeekState, machine: string): Pick<Without, 'open' | 'of'> {
  const known = state.without?.find((one) => one.machine === machine);
  if (known) return { open: known.open, of: known.of };
  const here = state.undone.filter((entry) => entry.machine === machine);
  const failed = here
    .filter(({ result, entry }) => result === 'failed' && entry > 0)
    .map(({ kind, target, step }) => `${kind} ${target} of ${step}`);
  // Its rollback failed as a whole: what it has undone nobody knows, and the records are in the history by now.
  const isUnknown = here.some(({ result, entry }) => result === 'failed' && entry === 0);
  const steps = stepsOf(state.plan)
    .filter(({ kind }) => kind === 'step')
    .filter((row) => hasChanged(state, row, machine) || (isUnknown && hadChanged(state, row, machine)))
    .map(({ id }) => id);
  const open = [...failed, ...steps];
  return { open: open.slice(0, openNamed).map((one) => cut(one, openCharacters)), of: open.length };
}

/** Of a step that has begun and has no record it is not known where it got to. */
function hasChanged({ plan, records, facts }: WeekState, { id, ofAgent }: StepInfo, machine: string): boolean {
  const record = records[id];
  if (record) return machinesIn(record.machine).includes(machine);
  const agent = plan.agents.find(({ name }) => name === ofAgent);
  return facts[`begun ${id}`] !== undefined && (agent?.machine ?? machine) === machine;
}

/** A step of before that nothing is known to have undone there. */
function hadChanged({ history, undone }: WeekState, { id }: StepInfo, machine: string): boolean {
  return (
    history.some((record) => record.id === id && machinesIn(record.machine).includes(machine)) &&
    !undone.some((entry) => entry.machine === machine && entry.step === id && entry.result !== 'failed')
  );
}

/** Those that a record names: "MainPC, PC2". */
export function machinesIn(named: string): string[] {
  return named.split(', ');
}

/** The plan of the machines that are there. */
export function planWithout(plan: Plan, machines: readonly string[]): Plan {
  if (machines.length === 0) return plan;
  const isThere = (machine: string) => !machines.includes(machine);
  return {
    ...plan,
    machines: plan.machines.filter(({ name }) => isThere(name)),
    services: plan.services.filter(({ machine }) => isThere(machine)),
    agents: plan.agents.filter(({ machine }) => isThere(machine)),
  };
}
