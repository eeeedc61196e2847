// Which entries a rollback takes, and in what order. Pure.
import { targetOf, type Scope, type Undo } from '../../plan/undo.ts';
import type { Entry } from './journal.ts';

/** Slow undos that don't depend on one another: neighbours of one kind run side by side. */
const sideBySide: Undo['kind'][] = ['agent.restore', 'container.remove', 'stream.delete'];

/** The run's entries in this scope, newest first. */
export function selected(entries: Entry[], run: string, scope: Scope): Entry[] {
  return entries.filter((entry) => entry.run === run && inScope(entry, scope)).reverse();
}

/** Entries in order, those that may be undone side by side together. */
export function batches(entries: Entry[]): Entry[][] {
  const found: Entry[][] = [];
  for (const entry of entries) {
    const batch = found.at(-1);
    const { kind } = entry.undo;
    const joins = batch && sideBySide.includes(kind) && batch.every(({ undo }) => undo.kind === kind && targetOf(undo) !== targetOf(entry.undo));
    if (joins) batch.push(entry);
    else found.push([entry]);
  }
  return found;
}

/** A task is the beginning of a step's id; an agent is any part of it, and only its deployment counts. */
function inScope({ step, undo: { kind } }: Entry, scope: Scope): boolean {
  if (scope === 'all') return true;
  if ('task' in scope) return step === scope.task || step.startsWith(`${scope.task}.`);
  return kind === 'agent.restore' && `${step}.`.includes(`.${scope.agent}.`);
}
